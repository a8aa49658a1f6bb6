import type { Json, UsageQuestion } from '../http/index.ts';
import { inputBuckets, usageBuckets } from '../vocabulary/index.ts';
import { usageBy, type Database, type UsageRow } from '../store/index.ts';

interface Sum {
  attempts: number;
  reported: number;
  estimated: number;
  unknown: number;
  readonly units: Map<string, bigint>;
  amount: bigint;
  list: bigint;
  unknownUpTo: bigint;
  capacity: bigint;
  capacityList: bigint;
  rangeLow: bigint;
  rangeHigh: bigint;
}

const emptySum = (): Sum => ({
  attempts: 0,
  reported: 0,
  estimated: 0,
  unknown: 0,
  units: new Map(),
  amount: 0n,
  list: 0n,
  unknownUpTo: 0n,
  capacity: 0n,
  capacityList: 0n,
  rangeLow: 0n,
  rangeHigh: 0n,
});

const add = (sum: Sum, row: UsageRow): void => {
  sum.attempts += row.attempts;
  sum.reported += row.reported;
  sum.estimated += row.estimated;
  sum.unknown += row.unknown;
  sum.amount += BigInt(row.amountNanoUsd);
  sum.list += BigInt(row.listNanoUsd);
  sum.unknownUpTo += BigInt(row.unknownUpToNanoUsd);
  sum.capacity += BigInt(row.capacityNanoUsd);
  sum.capacityList += BigInt(row.capacityListNanoUsd);
  sum.rangeLow += BigInt(row.rangeLowNanoUsd);
  sum.rangeHigh += BigInt(row.rangeHighNanoUsd);
  for (const bucket of usageBuckets) sum.units.set(bucket, (sum.units.get(bucket) ?? 0n) + BigInt(row.usage[bucket]));
};

/** Units as numbers where they are exact as such, which they are below 9 x 10^15 tokens. */
const unitsJson = (units: ReadonlyMap<string, bigint>): Json =>
  Object.fromEntries(
    [...units].map(([bucket, count]) => [
      bucket,
      count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : count.toString(),
    ]),
  );

/** Share of the tokens that went in that were read from a prompt cache; null where none went in. */
const cacheReadShare = (units: ReadonlyMap<string, bigint>): number | null => {
  const inputTokens = inputBuckets.reduce((sum, bucket) => sum + Number(units.get(bucket) ?? 0n), 0);
  return inputTokens === 0 ? null : Number(units.get('cacheRead') ?? 0n) / inputTokens;
};

/** A group as it is told: by its name, and where several are told together by the name in each. */
const groupJson = (groupBy: UsageQuestion['groupBy'], names: readonly (string | null)[]) => ({
  group: names.map((name) => name ?? 'none').join(', '),
  ...(typeof groupBy === 'string'
    ? {}
    : { groups: Object.fromEntries(groupBy.map((group, index) => [group, names[index] ?? null])) }),
});

const sumJson = (sum: Sum): { readonly [name: string]: Json } => ({
  attempts: sum.attempts,
  reported: sum.reported,
  estimated: sum.estimated,
  unknown: sum.unknown,
  usage: unitsJson(sum.units),
  cacheReadShare: cacheReadShare(sum.units),
  amountNanoUsd: sum.amount.toString(),
  listNanoUsd: sum.list.toString(),
  unknownUpToNanoUsd: sum.unknownUpTo.toString(),
  capacityNanoUsd: sum.capacity.toString(),
  capacityListNanoUsd: sum.capacityList.toString(),
  rangeLowNanoUsd: sum.rangeLow.toString(),
  rangeHighNanoUsd: sum.rangeHigh.toString(),
});

/** Use and cost of all organisations, grouped; the rows in order of what they cost. */
export const usageReport = async (
  database: Database,
  organisations: readonly string[],
  question: Omit<UsageQuestion, 'fresh'>,
): Promise<Json> => {
  const sums = new Map<string, { readonly names: readonly (string | null)[]; readonly sum: Sum }>();
  for (const organisation of organisations) {
    const rows = await usageBy(database, {
      groupBy: question.groupBy,
      organisation,
      ...(question.fromMs === null ? {} : { fromMs: question.fromMs }),
      ...(question.toMs === null ? {} : { toMs: question.toMs }),
    });
    for (const row of rows) {
      const key = JSON.stringify(row.groups);
      const group = sums.get(key) ?? { names: row.groups, sum: emptySum() };
      add(group.sum, row);
      sums.set(key, group);
    }
  }
  const ordered = [...sums.values()].toSorted(({ sum: one }, { sum: other }) =>
    other.amount > one.amount ? 1 : other.amount < one.amount ? -1 : 0,
  );
  const total = ordered.reduce((amount, { sum }) => amount + sum.amount, 0n);
  return {
    groupBy: typeof question.groupBy === 'string' ? question.groupBy : question.groupBy.join(','),
    from: question.fromMs === null ? null : new Date(question.fromMs).toISOString(),
    to: question.toMs === null ? null : new Date(question.toMs).toISOString(),
    rows: ordered.map(({ names, sum }) => ({ ...groupJson(question.groupBy, names), ...sumJson(sum) })),
    totalNanoUsd: total.toString(),
  };
};
