import type { Rivals } from '../../test/rigs/rivals.ts';
import { ownAmount } from './ownBill.ts';

/** Lines of the vendors' bills that their tokens do not come to. */
export const faultsOfBills = (rivals: Rivals): readonly string[] =>
  rivals.sandbox.vendors.flatMap(({ name, models, contract }) =>
    rivals.bill(name).flatMap((line) => {
      const usdPerMTok = models.find((model) => model.name === line.model)?.usdPerMTok ?? {};
      const own = ownAmount(line, { usdPerMTok, discount: contract?.discount ?? '0' });
      return own === line.nanoUsd ? [] : [`${name} billed ${line.nanoUsd} for ${line.requestId}, not ${own}`];
    }),
  );
