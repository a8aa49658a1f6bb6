import {
  feesTowards,
  fulfilmentWindow,
  standing,
  type Contract,
  type ContractStanding,
  type FloorContract,
} from '../contracts/index.ts';
import { formatUsd, nanoUsd, zeroUsd, type NanoUsd } from '../kernel/index.ts';
import type { Json } from '../http/index.ts';
import { contractSpend, contractSpendByMinute, type Database } from '../store/index.ts';
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

const spentOn = async (
  database: Database,
  organisations: Iterable<string>,
  contract: Contract,
  nowMs: number,
): Promise<NanoUsd> => {
  const fromMs = contract.kind === 'pool' ? fulfilmentWindow(contract, nowMs).fromMs : contract.fromMs;
  let spent = zeroUsd;
  for (const organisation of organisations) {
    const stretch = { organisation, contract: contract.id, fromMs, toMs: nowMs + 1 };
    const amount =
      contract.kind === 'floor'
        ? (await contractSpendByMinute(database, stretch, quantityPerMinute(contract))).withinNanoUsd
        : (await contractSpend(database, stretch)).amountNanoUsd;
    spent = nanoUsd(spent + BigInt(amount));
  }
  return spent;
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
    const drawnNanoUsd = await spentOn(database, organisations, contract, nowMs);
    const window = contract.kind === 'pool' ? fulfilmentWindow(contract, nowMs) : null;
    const feesNanoUsd =
      contract.kind === 'pool' && window !== null ? feesTowards(contract, contracts, window.fromMs, nowMs) : zeroUsd;
    rows.push(contractJson(contract, standing(contract, { drawnNanoUsd, nowMs, feesNanoUsd })));
  }
  return { contracts: rows };
};
