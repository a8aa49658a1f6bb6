import type { Contract } from './Contract.ts';

/** A stretch in which what names a contract is not under it. Unix milliseconds: from inclusive, until exclusive. */
export interface StrayStretch {
  readonly contract: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Where within a stretch records name what they are not under: a contract that the file does not have, or a floor or a slot that is not in force then. Such
 * use is wholly beyond what they name: the pool is drawn that covers it. What names a pool of the file draws that pool.
 * @param named the contracts that records name.
 */
export const strayStretches = (
  contracts: readonly Contract[],
  named: readonly string[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): readonly StrayStretch[] =>
  named
    .flatMap((id): readonly StrayStretch[] => {
      const contract = contracts.find((one) => one.id === id);
      if (contract === undefined) return [{ contract: id, fromMs, untilMs }];
      if (contract.kind === 'pool') return [];
      return [
        { contract: id, fromMs, untilMs: Math.min(untilMs, contract.fromMs) },
        { contract: id, fromMs: Math.max(fromMs, contract.untilMs), untilMs },
      ];
    })
    .filter((stretch) => stretch.fromMs < stretch.untilMs);
