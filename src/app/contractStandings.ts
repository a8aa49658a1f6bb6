import {
  feesTowards,
  fulfilmentWindow,
  standing,
  type Contract,
  type ContractStanding,
  type FloorContract,
} from '../contracts/index.ts';
import { formatUsd, nanoUsd, parseNanoUsd, zeroUsd, type NanoUsd } from '../kernel/index.ts';
import type { Json } from '../http/index.ts';
import { contractSpend, contractSpendByMinute, type ContractStretch, type Database } from '../store/index.ts';
import { toJson } from './toJson.ts';

const minuteMs = 60_000;

/** What a floor takes in each minute; a floor by the hour lets its minutes take their even part. */
const quantityPerMinute = (floor: FloorContract): bigint =>
  (floor.quantityNanoUsd * BigInt(minuteMs)) / BigInt(floor.unitMs);

const instant = (ms: number): string => new Date(ms).toISOString();

/** Dollars to the last digit that was signed, cents at least. */
const dollarsText = (amount: NanoUsd): string => formatUsd(amount, 9).replace(/0{1,7}$/, '');

/** What was signed, in words, for contracts that are no sum of money. */
const commitmentText = (contract: Contract): string | null => {
  switch (contract.kind) {
    case 'pool':
      return null;
    case 'floor':
      return `$${dollarsText(contract.quantityNanoUsd)} a ${contract.unitMs === minuteMs ? 'minute' : 'hour'}`;
    case 'slot':
      return `${contract.count} x ${contract.accelerator}`;
  }
};

/** What the ledger has of a contract. */
interface Drawn {
  readonly drawnNanoUsd: NanoUsd;
  readonly acceleratorSeconds: bigint;
}

const drawnBy = async (database: Database, contract: Contract, stretch: ContractStretch): Promise<Drawn> => {
  if (contract.kind === 'floor') {
    const { withinNanoUsd } = await contractSpendByMinute(database, stretch, quantityPerMinute(contract));
    return { drawnNanoUsd: parseNanoUsd(withinNanoUsd), acceleratorSeconds: 0n };
  }
  const { amountNanoUsd, acceleratorSeconds } = await contractSpend(database, stretch);
  return { drawnNanoUsd: parseNanoUsd(amountNanoUsd), acceleratorSeconds: BigInt(acceleratorSeconds) };
};

const drawnOn = async (
  database: Database,
  organisations: Iterable<string>,
  contract: Contract,
  nowMs: number,
): Promise<Drawn> => {
  const fromMs = contract.kind === 'pool' ? fulfilmentWindow(contract, nowMs).fromMs : contract.fromMs;
  let drawnNanoUsd = zeroUsd;
  let acceleratorSeconds = 0n;
  for (const organisation of organisations) {
    const drawn = await drawnBy(database, contract, { organisation, contract: contract.id, fromMs, toMs: nowMs + 1 });
    drawnNanoUsd = nanoUsd(drawnNanoUsd + drawn.drawnNanoUsd);
    acceleratorSeconds += drawn.acceleratorSeconds;
  }
  return { drawnNanoUsd, acceleratorSeconds };
};

const contractJson = (contract: Contract, at: ContractStanding): Json => {
  const { windowFromMs, windowUntilMs, ...figures } = at;
  return toJson({
    committedNanoUsd: null,
    dueNanoUsd: null,
    remainingNanoUsd: null,
    ...figures,
    commitment: commitmentText(contract),
    windowFrom: instant(windowFromMs),
    windowUntil: instant(windowUntilMs),
    periodFrom: instant(contract.fromMs),
    periodUntil: instant(contract.untilMs),
  });
};

/** Where every contract stands, from the ledger. */
export const contractStandings = async (
  database: Database,
  organisations: readonly string[],
  contracts: readonly Contract[],
  nowMs: number,
): Promise<Json> => {
  const rows: Json[] = [];
  for (const contract of contracts) {
    const drawn = await drawnOn(database, organisations, contract, nowMs);
    const window = contract.kind === 'pool' ? fulfilmentWindow(contract, nowMs) : null;
    const feesNanoUsd =
      contract.kind === 'pool' && window !== null ? feesTowards(contract, contracts, window.fromMs, nowMs) : zeroUsd;
    rows.push(contractJson(contract, standing(contract, { ...drawn, nowMs, feesNanoUsd })));
  }
  return { contracts: rows };
};
