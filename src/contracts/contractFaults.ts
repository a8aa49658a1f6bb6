import type { Contract, PoolContract } from './Contract.ts';
import { coversCover } from './contractFor.ts';
import { fulfilmentWindows } from './fulfilmentWindow.ts';

/** Something that contracts of the file must not say, in words for the person who wrote them. */
export interface ContractFault {
  readonly id: string;
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
    return [{ id: pool.id, message: `the shares of the ramp add up to ${written}`, mend: 'make them add up to 1' }];
  }
  const count = fulfilmentWindows(pool).length;
  if (count === pool.ramp.length) return [];
  return [
    {
      id: pool.id,
      message: `the ramp has ${pool.ramp.length} shares for ${count} true-ups`,
      mend: `write ${count} shares, or leave the ramp out for equal parts`,
    },
  ];
};

const overlap = (one: PoolContract, other: PoolContract): boolean =>
  one.fromMs < other.untilMs &&
  other.fromMs < one.untilMs &&
  one.covers.some((cover) => other.covers.some((its) => coversCover(cover, its) || coversCover(its, cover)));

/** What is wrong with contracts taken together: ramps that do not fit, an id used twice, and two pools at a time for the same thing. */
export const contractFaults = (contracts: readonly Contract[]): readonly ContractFault[] => {
  const faults: ContractFault[] = [];
  const ids = new Set<string>();
  for (const { id } of contracts) {
    if (ids.has(id))
      faults.push({ id, message: 'two contracts have this id', mend: 'give each contract an id of its own' });
    ids.add(id);
  }
  const pools = contracts.filter(isPool);
  for (const [index, pool] of pools.entries()) {
    faults.push(...rampFaults(pool));
    for (const later of pools.slice(index + 1)) {
      if (!overlap(pool, later)) continue;
      faults.push({
        id: later.id,
        message: `covers at the same time what the pool ${pool.id} covers`,
        mend: 'let one end before the other begins, or let each cover something else',
      });
    }
  }
  return faults;
};
