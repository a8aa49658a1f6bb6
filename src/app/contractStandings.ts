import {
  fulfilmentWindow,
  projectFloor,
  projectionConfidence,
  projectPool,
  standing,
  type Band,
  type Contract,
  type ContractStanding,
  type FloorContract,
  type FloorProjection,
  type PoolContract,
  type PoolProjection,
  type SlotContract,
} from '../contracts/index.ts';
import { formatUsd, nanoUsd, parseNanoUsd, type NanoUsd, type Ratio } from '../kernel/index.ts';
import type { Json } from '../http/index.ts';
import { contractSpend, type Database } from '../store/index.ts';
import { floorHistory, poolHistory, type LedgerView } from './contractHistory.ts';
import { toJson } from './toJson.ts';

const instant = (ms: number): string => new Date(ms).toISOString();

/** Dollars to the last digit that was signed, cents at least. */
const dollarsText = (amount: NanoUsd): string => formatUsd(amount, 9).replace(/0{1,7}$/, '');

const unitWords: Readonly<Record<FloorContract['unit'], string>> = {
  usdPerMinute: 'a minute',
  usdPerHour: 'an hour',
  tokensPerMinute: 'tokens a minute',
  tokensPerSecond: 'tokens a second',
  ptu: 'PTU',
  gsu: 'GSU',
  modelUnit: 'model units',
};

const countText = ({ numerator, denominator }: Ratio): string =>
  (Number(numerator) / Number(denominator)).toLocaleString('en-US');

const floorText = ({ unit, quantityNanoUsd, meters }: FloorContract): string => {
  const [only] = meters;
  if (only === undefined) return `$${dollarsText(quantityNanoUsd)} ${unitWords[unit]}`;
  const counts = meters.map(({ name, quantity }) => `${countText(quantity)}${meters.length > 1 ? ` ${name}` : ''}`);
  return `${counts.join(' + ')} ${unitWords[unit]}`;
};

/** What was signed, in words, for contracts that are no sum of money. */
const commitmentText = (contract: Contract): string | null => {
  switch (contract.kind) {
    case 'pool':
      return null;
    case 'floor':
      return floorText(contract);
    case 'slot':
      return `${contract.count} x ${contract.accelerator}`;
  }
};

/** Where a contract stands, and where it is likely to end: null where nothing can be said of that. */
interface Prospect {
  readonly at: ContractStanding;
  readonly projection: Json;
}

/** A band of a figure as three members of a name: `spentLowNanoUsd`, `spentExpectedNanoUsd`, `spentHighNanoUsd`. */
const bandJson = <Figure>(name: string, unit: string, band: Band<Figure>): Readonly<Record<string, Figure>> => ({
  [`${name}Low${unit}`]: band.low,
  [`${name}Expected${unit}`]: band.expected,
  [`${name}High${unit}`]: band.high,
});

const poolProjectionJson = ({ historyDays, ...bands }: PoolProjection): Json =>
  toJson({
    confidence: projectionConfidence,
    historyDays,
    ...bandJson('spent', 'NanoUsd', bands.spentNanoUsd),
    ...bandJson('missing', 'NanoUsd', bands.missingNanoUsd),
    ...bandJson('shortfall', 'NanoUsd', bands.shortfallNanoUsd),
  });

const floorProjectionJson = ({ historyDays, unusedShare, unusedNanoUsd }: FloorProjection): Json =>
  toJson({
    confidence: projectionConfidence,
    historyDays,
    ...bandJson('unused', 'Share', unusedShare),
    ...(unusedNanoUsd && bandJson('unused', 'NanoUsd', unusedNanoUsd)),
  });

const poolProspect = async (
  view: LedgerView,
  contracts: readonly Contract[],
  pool: PoolContract,
): Promise<Prospect> => {
  const { nowMs } = view;
  const { wholeFeesNanoUsd, ...history } = await poolHistory(view, contracts, pool);
  const at = standing(pool, { ...history, nowMs });
  const projected = projectPool(pool, {
    ...history,
    nowMs,
    window: fulfilmentWindow(pool, nowMs),
    feesNanoUsd: wholeFeesNanoUsd,
    earlierNanoUsd: at.kind === 'pool' ? at.settled.map(({ spentNanoUsd }) => spentNanoUsd) : [],
  });
  return { at, projection: projected && poolProjectionJson(projected) };
};

const floorProspect = async (
  view: LedgerView,
  contracts: readonly Contract[],
  floor: FloorContract,
): Promise<Prospect> => {
  const { nowMs } = view;
  const { use, days } = await floorHistory(view, contracts, floor);
  const projected = projectFloor(floor, use, { nowMs, days });
  return {
    at: standing(floor, { drawnNanoUsd: use.withinNanoUsd, floorUse: use, nowMs }),
    projection: projected && floorProjectionJson(projected),
  };
};

const slotProspect = async (view: LedgerView, slot: SlotContract): Promise<Prospect> => {
  const { database, organisations, nowMs } = view;
  let drawn = 0n;
  let acceleratorSeconds = 0n;
  for (const organisation of organisations) {
    const stretch = { organisation, contract: slot.id, fromMs: slot.fromMs, toMs: nowMs + 1 };
    const spend = await contractSpend(database, stretch);
    drawn += parseNanoUsd(spend.amountNanoUsd);
    acceleratorSeconds += BigInt(spend.acceleratorSeconds);
  }
  return { at: standing(slot, { drawnNanoUsd: nanoUsd(drawn), acceleratorSeconds, nowMs }), projection: null };
};

const prospectOf = (view: LedgerView, contracts: readonly Contract[], contract: Contract): Promise<Prospect> => {
  switch (contract.kind) {
    case 'pool':
      return poolProspect(view, contracts, contract);
    case 'floor':
      return floorProspect(view, contracts, contract);
    case 'slot':
      return slotProspect(view, contract);
  }
};

/** True-ups that are over, with instants as text. */
const settledJson = (at: ContractStanding): Json | undefined =>
  at.kind === 'pool'
    ? at.settled.map((trueUp) => ({
        from: instant(trueUp.fromMs),
        until: instant(trueUp.untilMs),
        dueNanoUsd: trueUp.dueNanoUsd.toString(),
        drawnNanoUsd: trueUp.spentNanoUsd.toString(),
        creditedNanoUsd: trueUp.creditedNanoUsd.toString(),
        missingNanoUsd: trueUp.missingNanoUsd.toString(),
        shortfallNanoUsd: trueUp.shortfallNanoUsd.toString(),
      }))
    : undefined;

/** What requests are steered by: of a pool what a dollar burnt in it is worth, of a floor what a dollar of use counts that it takes. */
const steering = ({ kind }: Contract, worth: number | null): Readonly<Record<string, number>> => {
  if (kind === 'slot' || worth === null) return {};
  return kind === 'pool' ? { multiplier: worth } : { bid: worth };
};

const contractJson = (contract: Contract, { at, projection }: Prospect, worth: number | null): Json => {
  const { windowFromMs, windowUntilMs, ...figures } = at;
  return toJson({
    committedNanoUsd: null,
    dueNanoUsd: null,
    remainingNanoUsd: null,
    ...figures,
    ...steering(contract, worth),
    settled: settledJson(at),
    projection,
    commitment: commitmentText(contract),
    windowFrom: instant(windowFromMs),
    windowUntil: instant(windowUntilMs),
    periodFrom: instant(contract.fromMs),
    periodUntil: instant(contract.untilMs),
  });
};

/**
 * Where every contract stands, from the ledger, and where it is likely to end.
 * @param worthOf What it is worth now to those who choose; null where it is not paced.
 */
export const contractStandings = async (
  database: Database,
  organisations: readonly string[],
  contracts: readonly Contract[],
  nowMs: number,
  worthOf: (contract: string) => number | null = () => null,
): Promise<Json> => {
  const view = { database, organisations, nowMs };
  const rows: Json[] = [];
  for (const contract of contracts)
    rows.push(contractJson(contract, await prospectOf(view, contracts, contract), worthOf(contract.id)));
  return { contracts: rows };
};
