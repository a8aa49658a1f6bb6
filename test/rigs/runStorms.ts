import { expect } from 'vitest';
import { AdminPlane } from './AdminPlane.ts';
import { chatLoad, type ChatOutcome } from './chatLoad.ts';
import { expectNoFault, expectRecorded } from './expectAnswers.ts';
import { explainFault } from './explainFault.ts';
import type { AttemptRow } from './ledgerRows.ts';
import { freshRows, outages, reconcileAll, recovery, storm, type Outage, type Storm } from './outage.ts';
import type { Reconciliation } from './reconcile.ts';
import { clientKey, type Rivals } from './rivals.ts';
import type { Server } from './startServer.ts';

export interface StormsOptions {
  readonly server: Server;
  readonly rivals: Rivals;
  /** The one that is out. */
  readonly vendor: string;
  /** A fault's storm. */
  readonly requests: number;
  readonly concurrency: number;
  readonly seed: number;
}

export interface CellFigures {
  readonly fault: Outage;
  readonly seconds: number;
  /** Calls to vendors beyond one a request. */
  readonly extraCalls: number;
  /** Attempts that met the fault. */
  readonly met: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly recoverySeconds: number;
}

export interface StormsFigures {
  readonly vendor: string;
  readonly requests: number;
  /** Calls that reached the vendors of the model, as they count themselves. */
  readonly upstreamCalls: number;
  readonly extraCalls: number;
  readonly extraShare: number;
  readonly minutes: number;
  readonly cells: readonly CellFigures[];
  readonly reconciliations: readonly Reconciliation[];
}

/** What the vendors say of our account; a client must never read it. */
export const vendorWords =
  /incorrect api key|api key provided|current quota|billing details|rate limit reached|openai\.com/i;

const alarm = /"level":"error","event":"a target needs the operator"/;

const needsPeople: ReadonlySet<Outage> = new Set(['auth', 'credit']);

const quantile = (outcomes: readonly ChatOutcome[], share: number): number => {
  const sorted = outcomes.map(({ durationMs }) => durationMs).toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
};

const extraCallsOf = (outcomes: readonly ChatOutcome[]): number =>
  outcomes.reduce((sum, { attempts }) => sum + (attempts ?? 1) - 1, 0);

/** Whether an attempt met the fault: it failed at the vendor, or, where that is only slow, went there. */
const metFault = ({ vendor, outcome }: AttemptRow, wanted: string, fault: Outage): boolean =>
  vendor === wanted && (fault === 'slow' || outcome.kind === 'failed');

const extraShareMax = 0.1;

/** Calls that reached the two vendors whose model is asked for. */
const callsSeen = async (rivals: Rivals): Promise<number> =>
  (await rivals.read('aurora')).requests + (await rivals.read('cascade')).requests;

/** The retry budget's own bound: a tenth of the calls, the reserve, and what is refilled while the storm lasts. */
const extraCallsMax = (requests: number, concurrency: number, seconds: number): number =>
  requests * 0.1 + Math.max(100, concurrency) + 10 * seconds;

const expectUnseen = async (options: StormsOptions, fault: Outage, ran: Storm): Promise<void> => {
  const { outcomes, bystanderFaults, log } = ran;
  const faulty = outcomes.filter((outcome) => outcome.fault !== null);
  expect(
    faulty.length,
    `${options.vendor} ${fault}\n${await explainFault(options.server, outcomes, options.seed)}`,
  ).toBe(0);
  expect(bystanderFaults, `${fault}: clients of another vendor`).toEqual([]);
  // An alarm for what people must mend, and only for that.
  expect(alarm.test(log), `${fault}: alarm in the log\n${log.slice(-2_000)}`).toBe(needsPeople.has(fault));
};

/** Runs every fault of one vendor under load, heals it in between, and holds the ledger against all bills in the end. */
export const runStorms = async (options: StormsOptions): Promise<StormsFigures> => {
  const { server, rivals, vendor, requests, concurrency, seed } = options;
  const startedMs = performance.now();
  const model = `${vendor}-first`;
  const all: ChatOutcome[] = [];
  const cells: CellFigures[] = [];
  let upstreamCalls = 0;
  const warm = { url: server.url, key: clientKey, model, requests: 50, concurrency: 10, seed, name: 'before' };
  all.push(...(await chatLoad(warm)));
  for (const fault of outages) {
    const here = { ...options, fault, model };
    const callsBefore = await callsSeen(rivals);
    const ran = await storm(here);
    upstreamCalls += (await callsSeen(rivals)) - callsBefore;
    all.push(...ran.outcomes);
    await expectUnseen(options, fault, ran);
    const ids = new Set(ran.outcomes.map(({ requestId }) => requestId));
    const { attempts } = await freshRows(server);
    const met = attempts.filter((row) => ids.has(row.requestId) && metFault(row, vendor, fault)).length;
    expect(met, `${fault} was met`).toBeGreaterThan(0);
    const extraCalls = extraCallsOf(ran.outcomes);
    expect(extraCalls, `${fault}: extra calls`).toBeLessThanOrEqual(extraCallsMax(requests, concurrency, ran.seconds));
    const healedMs = performance.now();
    all.push(...(await recovery(here)));
    cells.push({
      fault,
      seconds: Math.round(ran.seconds * 10) / 10,
      extraCalls,
      met,
      p50Ms: quantile(ran.outcomes, 0.5),
      p99Ms: quantile(ran.outcomes, 0.99),
      recoverySeconds: Math.round((performance.now() - healedMs) / 100) / 10,
    });
  }
  const rows = await freshRows(server);
  await expectNoFault(server, all, seed);
  await expectRecorded(server, rows, all, seed);
  const reconciliations = await reconcileAll(rows, rivals, all);
  for (const { faults } of reconciliations) expect(faults, JSON.stringify(reconciliations)).toEqual([]);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  expect(vendorWords.test(JSON.stringify(all))).toBe(false);
  const extraCalls = cells.reduce((sum, cell) => sum + cell.extraCalls, 0);
  const asked = cells.length * requests;
  expect(extraCalls / asked, 'extra calls over all storms').toBeLessThanOrEqual(extraShareMax);
  expect(upstreamCalls, 'calls as the vendors count them').toBeLessThanOrEqual(asked + extraCalls);
  return {
    vendor,
    requests: asked,
    upstreamCalls,
    extraCalls,
    extraShare: extraCalls / asked,
    minutes: (performance.now() - startedMs) / 60_000,
    cells,
    reconciliations,
  };
};
