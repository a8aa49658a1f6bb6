import type { Contract, PoolContract } from './Contract.ts';
import { haveInCommon } from './contractFor.ts';
import { fulfilmentWindows } from './fulfilmentWindow.ts';

/** Something that contracts of the file must not say, in words for the person who wrote them. */
export interface ContractFault {
  readonly id: string;
  /** Where in the contract; empty for the whole of it. */
  readonly at: readonly (string | number)[];
  readonly message: string;
  readonly mend: string;
}

const isPool = (contract: Contract): contract is PoolContract => contract.kind === 'pool';

const rampFaults = (pool: PoolContract): readonly ContractFault[] => {
  if (pool.ramp.length === 0) return [];
  const scale = pool.ramp.reduce((largest, { denominator }) => (denominator > largest ? denominator : largest), 1n);
  const sum = pool.ramp.reduce((total, share) => total + share.numerator * (scale / share.denominator), 0n);
  if (sum !== scale) {
    const written = Number(sum) / Number(scale);
    return [
      {
        id: pool.id,
        at: ['ramp'],
        message: `the shares of the ramp add up to ${written}`,
        mend: 'make them add up to 1',
      },
    ];
  }
  const count = fulfilmentWindows(pool).length;
  if (count === pool.ramp.length) return [];
  return [
    {
      id: pool.id,
      at: ['ramp'],
      message: `the ramp has ${pool.ramp.length} shares for ${count} true-ups`,
      mend: `write ${count} shares, or leave the ramp out for equal parts`,
    },
  ];
};

const milestoneFaults = (pool: PoolContract): readonly ContractFault[] => {
  const { id, milestones, fromMs, untilMs, commitmentNanoUsd } = pool;
  if (milestones.length === 0) return [];
  const faults: ContractFault[] = [];
  const fault = (at: ContractFault['at'], message: string, mend: string): unknown =>
    faults.push({ id, at, message, mend });
  if (pool.fulfilment !== 'total')
    fault(['fulfil'], 'true-ups by the calendar beside milestones', 'keep one of the two');
  if (pool.ramp.length > 0) fault(['ramp'], 'a ramp beside milestones, which say what is due', 'keep one of the two');
  if (pool.carryForward !== null)
    fault(
      ['carryForward'],
      'milestones are of all that was spent since the contract began, so it is carried forward already',
      'leave it out',
    );
  for (const [index, { byMs, spentNanoUsd }] of milestones.entries()) {
    const before = milestones[index - 1];
    const at = ['milestones', index];
    if (byMs <= fromMs || byMs > untilMs)
      fault(
        [...at, 'by'],
        'a milestone beyond the period of the contract',
        'set a day after its first and up to its end',
      );
    if (before !== undefined && byMs <= before.byMs)
      fault([...at, 'by'], 'a milestone that is not after the one before it', 'write them in the order of their days');
    if (before !== undefined && spentNanoUsd < before.spentNanoUsd)
      fault(
        [...at, 'usd'],
        'a milestone below the one before it',
        'write what must have been spent since the contract began, not since the last milestone',
      );
    if (spentNanoUsd > commitmentNanoUsd)
      fault([...at, 'usd'], 'a milestone beyond the whole commitment', 'raise "usd" of the contract, or lower this');
    if (byMs === untilMs && spentNanoUsd !== commitmentNanoUsd)
      fault([...at, 'usd'], 'a milestone at the end that is not the commitment', 'make it the same, or leave it out');
  }
  return faults;
};

/** Clauses that carry need a true-up to carry to. */
const carryFaults = (pool: PoolContract): readonly ContractFault[] => {
  if (pool.milestones.length > 0 || fulfilmentWindows({ ...pool, ramp: [] }).length > 1) return [];
  return (['rollover', 'carryForward'] as const).flatMap((key) =>
    pool[key] === null
      ? []
      : [
          {
            id: pool.id,
            at: [key],
            message: 'nothing can move on: the contract has one true-up, at its end',
            mend: 'leave it out, or say with "fulfil" or "milestones" when the vendor trues up before',
          },
        ],
  );
};

const elsewhereFaults = ({ id, covers, elsewhere, fromMs, untilMs }: PoolContract): readonly ContractFault[] =>
  elsewhere.flatMap((spent, index): readonly ContractFault[] => {
    const at = ['elsewhere', index];
    const isCovered =
      spent.product === null || covers.some((cover) => cover.kind === 'product' && cover.product === spent.product);
    if (!isCovered)
      return [
        {
          id,
          at: [...at, 'product'],
          message: 'a product that the contract does not cover',
          mend: 'add { product, share } to "covers", or leave the product out',
        },
      ];
    return spent.fromMs < fromMs || spent.untilMs > untilMs
      ? [
          {
            id,
            at: [...at, 'period'],
            message: 'spent when the contract is not in force',
            mend: 'keep within its period',
          },
        ]
      : [];
  });

/** A product whose share is told twice would have two caps. */
const productFaults = ({ id, covers }: PoolContract): readonly ContractFault[] =>
  covers.flatMap((cover, index) =>
    cover.kind === 'product' &&
    covers.findIndex((one) => one.kind === 'product' && one.product === cover.product) < index
      ? [{ id, at: ['covers', index], message: 'a product that is covered twice', mend: 'keep one of the two' }]
      : [],
  );

const poolFaults = (pool: PoolContract): readonly ContractFault[] => [
  ...milestoneFaults(pool),
  ...(pool.milestones.length > 0 ? [] : rampFaults(pool)),
  ...carryFaults(pool),
  ...elsewhereFaults(pool),
  ...productFaults(pool),
];

/** What is wrong with contracts taken together: ramps and milestones that do not fit, clauses that lead nowhere, an id used twice, and two pools at a time for the same thing. */
export const contractFaults = (contracts: readonly Contract[]): readonly ContractFault[] => {
  const faults: ContractFault[] = [];
  const ids = new Set<string>();
  for (const { id } of contracts) {
    if (ids.has(id))
      faults.push({
        id,
        at: ['id'],
        message: 'two contracts have this id',
        mend: 'give each contract an id of its own',
      });
    ids.add(id);
  }
  const pools = contracts.filter(isPool);
  for (const [index, pool] of pools.entries()) {
    faults.push(...poolFaults(pool));
    for (const later of pools.slice(index + 1)) {
      if (!haveInCommon(pool, later)) continue;
      faults.push({
        id: later.id,
        at: [],
        message: `covers at the same time what the pool ${pool.id} covers`,
        mend: 'let one end before the other begins, or let each cover something else',
      });
    }
  }
  return faults;
};
