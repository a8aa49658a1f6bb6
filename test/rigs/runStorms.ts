import { expect } from 'vitest';
import { AdminPlane } from './AdminPlane.ts';
import { expectRecorded } from './expectAnswers.ts';
import { explainFault } from './explainFault.ts';
import { durationFigures, extraCallsFigure, secondsFigure } from './figures.ts';
import { wrongByOurs } from './lateVendors.ts';
import { load, type LoadOptions, type Outcome } from './load.ts';
import {
  alarmsIn,
  freshRows,
  needsPeople,
  outages,
  reconcileAll,
  reconcileWith,
  vendorWords,
  type Outage,
} from './outage.ts';
import type { Outages } from './openOutages.ts';
import { extraCallsMax, RetryAllowance } from './RetryAllowance.ts';
import { clientKey, rivalOf } from './rivals.ts';
import type { Server } from './startServer.ts';

export interface StormsOptions {
  readonly server: Server;
  /** The server has an endpoint apart for each, called after it, at the vendor that is out. */
  readonly world: Outages;
  /** The one that is out. */
  readonly vendor: string;
  /** A fault's storm. */
  readonly requests: number;
  readonly concurrency: number;
  readonly seed: number;
}

export interface StormFigures {
  readonly fault: Outage;
  readonly seconds: number;
  /** Calls to vendors beyond one a request. */
  readonly extraCalls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface StormsFigures {
  readonly vendor: string;
  readonly requests: number;
  /** Calls that reached the vendors, as they count themselves. */
  readonly upstreamCalls: number;
  readonly extraCalls: number;
  readonly extraShare: number;
  readonly storms: readonly StormFigures[];
}

const extraShareMax = 0.1;
const sdkShare = 0.1;
/** More than that, and the machine is too busy to say anything. */
const lateShareMax = 0.05;

const bystanders = 20;

/** Clients of another vendor and wire, one after the other: nothing of the storm is theirs. */
const standBy = (options: LoadOptions): Promise<readonly Outcome[]> =>
  load({ ...options, wire: 'anthropic', model: 'borealis-only', requests: bystanders, concurrency: 1, sdkShare: 0.5 });

/** Calls that reached the vendors whose model is asked for, the one that is out and the one that is well. */
const callsSeen = async ({ world, vendor }: StormsOptions): Promise<number> => {
  const counts = outages.map(async (fault) => (await world.out(fault).read(vendor)).requests);
  const atRivals = world.well.sandbox.vendors.map(async ({ name }) => (await world.well.read(name)).requests);
  return (await Promise.all([...counts, ...atRivals])).reduce((sum, count) => sum + count, 0);
};

const runStorm = async (options: StormsOptions, fault: Outage): Promise<[StormFigures, readonly Outcome[]]> => {
  const { server, vendor, requests, concurrency, seed } = options;
  const logFrom = server.stderr().length;
  const startedMs = performance.now();
  const asked = { url: server.url, key: clientKey, model: `${fault}-first`, seed, name: `storm ${fault}` };
  const [outcomes, others] = await Promise.all([
    load({ ...asked, requests, concurrency, sdkShare }),
    standBy({ ...asked, concurrency: 1, name: `beside ${fault}` }),
  ]);
  const seconds = secondsFigure(startedMs);
  const all = [...outcomes, ...others];
  const well = new Set([rivalOf(vendor), 'borealis', ...(fault === 'slow' ? [fault] : [])]);
  const wrong = await wrongByOurs(server, all, well);
  expect(wrong, `${vendor} ${fault}\n${await explainFault(server, wrong, seed)}`).toEqual([]);
  const late = all.filter((outcome) => outcome.fault !== null).length;
  expect(late / all.length, `${fault}: requests that met a vendor that is well and late`).toBeLessThan(lateShareMax);
  // An alarm for what people must mend, and only for that.
  const alarms = alarmsIn(server.stderr().slice(logFrom));
  expect(alarms, `${fault}: alarms in the log`).toEqual(needsPeople.has(fault) ? [`${fault}/${fault}`] : []);
  const extraCalls = extraCallsFigure(all);
  expect(extraCalls, `${fault}: extra calls`).toBeLessThanOrEqual(extraCallsMax(requests, concurrency, seconds));
  return [{ fault, seconds, extraCalls, ...durationFigures(outcomes) }, all];
};

/** Storms of every fault of one vendor, one after the other: what they cost in calls, and that others notice nothing. */
export const runStorms = async (options: StormsOptions): Promise<StormsFigures> => {
  const { server, world, vendor, concurrency, seed } = options;
  const allowance = new RetryAllowance();
  const all: Outcome[] = [];
  const storms: StormFigures[] = [];
  for (const fault of outages) {
    await allowance.room(concurrency);
    const [figures, outcomes] = await runStorm(options, fault);
    allowance.spend(figures.extraCalls, outcomes.length);
    storms.push(figures);
    all.push(...outcomes);
  }
  const rows = await freshRows(server);
  await expectRecorded(server, rows, all, seed);
  const ofOutages = outages.map((fault) => reconcileWith(rows, all, world.out(fault), vendor, [fault]));
  const reconciliations = [...(await Promise.all(ofOutages)), ...(await reconcileAll(rows, world.well, all))];
  for (const { account, faults } of reconciliations) expect(faults, account).toEqual([]);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  expect(vendorWords.test(JSON.stringify(all))).toBe(false);
  const extraCalls = storms.reduce((sum, storm) => sum + storm.extraCalls, 0);
  const upstreamCalls = await callsSeen(options);
  expect(extraCalls / all.length, 'extra calls over all storms').toBeLessThanOrEqual(extraShareMax);
  expect(upstreamCalls, 'calls as the vendors count them').toBeLessThanOrEqual(all.length + extraCalls);
  return { vendor, requests: all.length, upstreamCalls, extraCalls, extraShare: extraCalls / all.length, storms };
};
