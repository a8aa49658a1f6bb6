import { setTimeout as pause } from 'node:timers/promises';
import { durationFigures } from './figures.ts';
import type { ForeignDatabase } from './ForeignDatabase.ts';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import type { Fleet } from './openFleet.ts';
import { conditionsOf, untilDrained } from './runDatabaseOutages.ts';

export interface FleetAbsenceOptions {
  readonly fleet: Fleet;
  /** Of a budget with room for all that is asked. */
  readonly key: string;
  readonly seed: number;
  /** Clients of each replica. */
  readonly concurrency: number;
  /** For so long it is found out what the machine can do. Milliseconds. */
  readonly peakMs: number;
  /** How long the database is away in all, in so many pieces with as long a presence before each. */
  readonly awayMs: number;
  readonly pieces: number;
}

export interface FleetAbsence {
  readonly outcomes: readonly Outcome[];
  /** Requests that all replicas together were asked in a second: half of what they could do. */
  readonly perSecond: number;
  /** Requests that were asked while the database was away. */
  readonly away: number;
  /** With the database and without it. Milliseconds. */
  readonly p50Ms: { readonly there: number; readonly away: number };
  readonly p99Ms: { readonly there: number; readonly away: number };
  /** Whether the readiness of every replica named the database each time. */
  readonly told: boolean;
}

/** Ways to be away by turns: nobody listens any more, and all stands still. @returns how it ends */
const goAway = async (database: ForeignDatabase, piece: number): Promise<() => Promise<void>> => {
  if (piece % 2 === 0) {
    await database.proxy.set({ kind: 'refuse' });
    return () => database.proxy.set({ kind: 'none' });
  }
  const stopped = await database.stop();
  return () => Promise.resolve(stopped.go());
};

/** Half load on all replicas, with their database and without it, in turns, so that whatever else the machine does meets both. */
export const runFleetAbsence = async (options: FleetAbsenceOptions): Promise<FleetAbsence> => {
  const { fleet, key, seed, concurrency, peakMs, awayMs, pieces } = options;
  const { replicas, database } = fleet;
  if (database === null) throw new Error('the replicas have no database in common');
  const seen: Record<'there' | 'away' | 'between', Outcome[]> = { there: [], away: [], between: [] };
  let place: keyof typeof seen = 'between';
  const loadAll = async (name: string, until: AbortSignal, perSecond: number): Promise<readonly Outcome[]> => {
    const loads = replicas.map(({ server }, index) =>
      loadBoth(server, {
        key,
        seed,
        name: `${name} ${index}`,
        concurrency,
        perSecond: perSecond / replicas.length,
        until,
        onOutcome: (outcome) => void seen[place].push(outcome),
      }),
    );
    return (await Promise.all(loads)).flat();
  };
  const peak = await loadAll('peak', AbortSignal.timeout(peakMs), Infinity);
  const perSecond = peak.length / (peakMs / 1_000) / 2;
  const until = new AbortController();
  const loading = loadAll('half', until.signal, perSecond);
  let told = true;
  for (let piece = 0; piece < pieces; piece += 1) {
    place = 'there';
    await pause(awayMs / pieces);
    const comeBack = await goAway(database, piece);
    place = 'away';
    await pause(awayMs / pieces);
    const conditions = await Promise.all(replicas.map(({ server }) => conditionsOf(server)));
    told &&= conditions.every((codes) => codes.includes('database_away'));
    place = 'between';
    await comeBack();
    await Promise.all(replicas.map(({ server }) => untilDrained(server)));
  }
  until.abort();
  const outcomes = [...peak, ...(await loading)];
  const [there, away] = [durationFigures(seen.there), durationFigures(seen.away)];
  return {
    outcomes,
    perSecond: Math.round(perSecond),
    away: seen.away.length,
    p50Ms: { there: there.p50Ms, away: away.p50Ms },
    p99Ms: { there: there.p99Ms, away: away.p99Ms },
    told,
  };
};
