import { expect } from 'vitest';
import { AdminPlane } from './AdminPlane.ts';
import { expectRecorded } from './expectAnswers.ts';
import { explainFault, stderrTail } from './explainFault.ts';
import type { KillKind, KillRounds } from './killRounds.ts';
import { forgetAttempt, type AttemptRow, type LedgerRows } from './ledgerRows.ts';
import { clientWires, type Outcome } from './load.ts';
import { freshRows, reconcileAll } from './outage.ts';
import { faultsOfAnswers, type Reconciliation } from './reconcile.ts';
import type { Rivals } from './rivals.ts';

export interface KillFigures {
  readonly rounds: number;
  readonly kills: Readonly<Record<KillKind, number>>;
  readonly requests: number;
  readonly answered: number;
  /** The same by the wire of the client. */
  readonly answeredByWire: Readonly<Record<string, number>>;
  /** Answered attempts without exactly one final record. */
  readonly lostOrDoubled: number;
  readonly cutOff: number;
  readonly attempts: number;
  readonly unknown: number;
  readonly adopted: number;
  readonly startMsMax: number;
  readonly startMsMean: number;
  /** Of all there is to a round: load, kill, start. */
  readonly roundMsMean: number;
  /** Longest time from a kill of the database alone until all records were in it again. */
  readonly shippedMsMax: number;
  readonly minutes: number;
  readonly reconciliations: readonly Reconciliation[];
}

/** Whether an answer ended with its server, not by it. */
export const isCutOff = ({ fault }: Outcome): boolean => fault?.startsWith('broken off') === true;

/** Every so many answers one is asked of the control plane too. */
const askedEach = 25;

/** What the control plane says of answered requests, against the rows. */
const expectSameOverApi = async ({ server, outcomes }: KillRounds, rows: LedgerRows): Promise<void> => {
  const plane = new AdminPlane(server);
  const answered = outcomes.filter(({ fault }) => fault === null);
  for (const { requestId } of answered.filter((_, index) => index % askedEach === 0)) {
    const { attempts } = await plane.ask('GET', `/admin/v1/requests/${requestId}`);
    const told = (attempts as { attemptId: string; outcome: { kind: string } }[]).map(
      ({ attemptId, outcome }) => `${attemptId} ${outcome.kind}`,
    );
    const kept = rows.attempts.filter((row) => row.requestId === requestId);
    expect(told).toEqual(kept.map(({ attemptId, outcome }) => `${attemptId} ${outcome.kind}`));
  }
};

const ofKind = (attempts: readonly AttemptRow[], kind: string): number =>
  attempts.filter(({ outcome }) => outcome.kind === kind).length;

/** The control of it all: take one answered attempt out of the ledger, and both judges say so. */
const expectLossToShow = async ({ server, outcomes }: KillRounds, rows: LedgerRows): Promise<void> => {
  const answered = outcomes.findLast(({ fault }) => fault === null);
  const lost = rows.attempts.findLast(({ requestId }) => requestId === answered?.requestId);
  expect(lost).toBeDefined();
  await forgetAttempt(server.dataDir, lost!.attemptId);
  const left = await freshRows(server);
  expect(left.attempts).toHaveLength(rows.attempts.length - 1);
  expect(faultsOfAnswers(left, outcomes)).toHaveLength(1);
  const shown = await new AdminPlane(server).ledgerFaults();
  expect(JSON.stringify(shown)).toContain(lost!.attemptId);
};

/** Answered requests whose attempts are not recorded once each. The same thing as `faultsOfAnswers` sees, counted. */
export const lostOrDoubled = (rows: LedgerRows, answered: readonly Outcome[]): number => {
  const finals = Map.groupBy(rows.attempts, ({ requestId }) => requestId);
  return answered.filter(({ requestId, attempts }) => {
    const ids = (finals.get(requestId ?? '') ?? []).map(({ attemptId }) => attemptId);
    return ids.length !== attempts || new Set(ids).size !== ids.length;
  }).length;
};

/** Nothing that was acknowledged is lost or doubled, however often the process died; and the bills agree. */
export const judgeKills = async (
  ran: KillRounds,
  rivals: Rivals,
  concurrency: number,
  seed: number,
  startedMs: number,
): Promise<KillFigures> => {
  const { server, outcomes, plans } = ran;
  const cutOff = outcomes.filter(isCutOff);
  const wrong = outcomes.filter((outcome) => outcome.fault !== null && !isCutOff(outcome));
  expect(wrong, await explainFault(server, wrong, seed)).toEqual([]);
  expect(ran.faults, stderrTail(server)).toEqual([]);
  const rows = await freshRows(server);
  await expectRecorded(server, rows, outcomes, seed);
  await expectSameOverApi(ran, rows);
  const unknown = ofKind(rows.attempts, 'unknown');
  // What no client was answered can be unknown; each client had one request at a time, and those of a gateway that lives on have their answer.
  const deaths = plans.filter(({ kills }) => kills !== 'database').length;
  expect(unknown).toBeLessThanOrEqual(deaths * concurrency);
  expect(unknown, 'kills that caught calls on their way').toBeGreaterThan(0);
  const reconciliations = await reconcileAll(rows, rivals, outcomes);
  for (const { faults } of reconciliations) expect(faults, JSON.stringify(reconciliations)).toEqual([]);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  await expectLossToShow(ran, rows);
  const answered = outcomes.filter(({ fault }) => fault === null);
  const ofWire = (wire: string): number => answered.filter((outcome) => outcome.wire === wire).length;
  const ofKill = (kind: KillKind): number => plans.filter(({ kills }) => kills === kind).length;
  return {
    rounds: plans.length,
    kills: { gateway: ofKill('gateway'), database: ofKill('database'), both: ofKill('both') },
    requests: outcomes.length,
    answered: answered.length,
    answeredByWire: Object.fromEntries(clientWires.map((wire) => [wire, ofWire(wire)])),
    lostOrDoubled: lostOrDoubled(rows, answered),
    cutOff: cutOff.length,
    attempts: rows.attempts.length,
    unknown,
    adopted: ran.adopted,
    startMsMax: Math.round(Math.max(0, ...ran.startsMs)),
    startMsMean: Math.round(ran.startsMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, ran.startsMs.length)),
    roundMsMean: Math.round(ran.durationMs / plans.length),
    shippedMsMax: Math.round(Math.max(0, ...ran.shippedMs)),
    minutes: (performance.now() - startedMs) / 60_000,
    reconciliations,
  };
};
