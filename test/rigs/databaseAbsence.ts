import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import { durationFigures } from './figures.ts';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import { PausedProcess } from './PausedProcess.ts';
import { postmasterOf } from './postmaster.ts';
import { sampleOf } from './soak.ts';
import { soakFigures } from './soakFigures.ts';
import type { Server } from './startServer.ts';

const sampleMs = 5_000;
/** Load before anything is measured: caches fill, code is compiled. */
const warmUpMs = 15_000;
/** What the machine can do is found out for so long. */
const peakMs = 15_000;
const lookMs = 50;

export interface AbsenceOptions {
  readonly server: Server;
  readonly seed: number;
  /** How long the database stands still in all, in so many pieces with as long a presence before each. */
  readonly awayMs: number;
  readonly pieces: number;
  readonly concurrency: number;
}

export interface Absence {
  readonly outcomes: readonly Outcome[];
  readonly perSecond: number;
  /** 99th percentiles with the database and without it, of the pieces that lie side by side. Milliseconds. */
  readonly p99Ms: { readonly there: number; readonly away: number };
  readonly p50Ms: { readonly there: number; readonly away: number };
  /** The largest backlog, and how fast it went into the database that was back, new records included. */
  readonly backlogRecords: number;
  readonly drainRowsPerSecond: number;
  readonly residentMBPerHour: number;
  readonly residentGrowth: number;
  /** At every so many samples, in the order of time. */
  readonly residentMB: readonly number[];
}

/** Rows a second at which a backlog shrank, from the first look at which it did. */
const drainRate = async (server: Server): Promise<{ readonly backlog: number; readonly rowsPerSecond: number }> => {
  const plane = new AdminPlane(server);
  const backlog = await plane.backlog();
  let [before, beforeMs] = [backlog, performance.now()];
  let [most, mostMs] = [backlog, beforeMs];
  let begun = false;
  while (before > Math.max(500, most / 20)) {
    await pause(lookMs);
    const [now, nowMs] = [await plane.backlog(), performance.now()];
    // It is the database's pause to begin again that is left out, nothing of its work.
    if (!begun && now < before) [begun, most, mostMs] = [true, before, beforeMs];
    [before, beforeMs] = [now, nowMs];
  }
  return { backlog, rowsPerSecond: Math.round(((most - before) / (beforeMs - mostMs)) * 1_000) };
};

/** Half load with the database and without it, in turns, so that whatever else the machine does meets both. */
export const runAbsence = async ({ server, seed, awayMs, pieces, concurrency }: AbsenceOptions): Promise<Absence> => {
  const peak = await loadBoth(server, { seed, name: 'peak', concurrency, until: AbortSignal.timeout(peakMs) });
  const perSecond = peak.length / (peakMs / 1_000) / 2;
  const until = new AbortController();
  const seen: Record<'there' | 'away' | 'between', Outcome[]> = { there: [], away: [], between: [] };
  let place: keyof typeof seen = 'between';
  const loading = loadBoth(server, {
    seed,
    name: 'half',
    concurrency,
    perSecond,
    until: until.signal,
    onOutcome: (outcome) => void seen[place].push(outcome),
  });
  const startedMs = performance.now();
  const samples: Awaited<ReturnType<typeof sampleOf>>[] = [];
  const sampling = (async () => {
    await pause(warmUpMs);
    while (!until.signal.aborted) {
      samples.push(await sampleOf({ server }, startedMs));
      await pause(sampleMs);
    }
  })();
  await pause(warmUpMs);
  let backlogRecords = 0;
  const rates: number[] = [];
  for (let piece = 0; piece < pieces; piece += 1) {
    place = 'there';
    await pause(awayMs / pieces);
    const stopped = await PausedProcess.stop(postmasterOf(server.dataDir)!, 'with children');
    place = 'away';
    await pause(awayMs / pieces);
    place = 'between';
    stopped.go();
    const { backlog, rowsPerSecond } = await drainRate(server);
    backlogRecords = Math.max(backlogRecords, backlog);
    rates.push(rowsPerSecond);
  }
  until.abort();
  const outcomes = [...peak, ...(await loading)];
  await sampling;
  const [there, away] = [durationFigures(seen.there), durationFigures(seen.away)];
  const { residentMBPerHour, residentGrowth } = soakFigures(samples);
  return {
    outcomes,
    perSecond,
    p99Ms: { there: there.p99Ms, away: away.p99Ms },
    p50Ms: { there: there.p50Ms, away: away.p50Ms },
    backlogRecords,
    drainRowsPerSecond: Math.max(...rates),
    residentMBPerHour,
    residentGrowth,
    residentMB: samples
      .filter((_, index) => index % 6 === 0)
      .map(({ residentBytes }) => Math.round(residentBytes / 1e6)),
  };
};
