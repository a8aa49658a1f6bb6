import { setTimeout as pause } from 'node:timers/promises';
import type { Contender } from './Contender.ts';
import { askAtRate, type Ask } from './Load.ts';
import { loadShapeOf, startLoad } from './loadShapes.ts';
import { cpuUsOf, descendantsCpuUs, residentBytesOf } from './processFigures.ts';
import type { Upstream } from './startUpstream.ts';

/** A contender with the ask that was found right. */
export interface Ready {
  readonly contender: Contender;
  readonly ask: Ask;
}

/** One slice of load on one contender. */
export interface Slice {
  /** Processor time of the contender for one answer (of a whole way) or one event (of a stream). */
  readonly cpuUs: number;
  /** Processor time of its database for the same; 0 where it has none. */
  readonly databaseCpuUs: number;
  /** Answers or events a second. */
  readonly perSecond: number;
}

const cpuUsFor = ({ pids }: Contender): number => pids.reduce((sum, pid) => sum + cpuUsOf(pid), 0);
const databaseCpuUsFor = ({ databaseParent }: Contender): number =>
  databaseParent === null ? 0 : descendantsCpuUs(databaseParent);

/** Lets a load run up to its pace, measures, and lets it run out. @throws Error at the first wrong answer. */
export const measureSlice = async (
  { contender, ask }: Ready,
  stream: boolean,
  upstream: Upstream,
  times: { readonly settleMs: number; readonly measureMs: number },
): Promise<Slice> => {
  const shape = loadShapeOf(stream, ask.events);
  await upstream.pace(shape.eventGapMs);
  const load = await startLoad(ask, shape);
  try {
    await pause(shape.spreadMs + times.settleMs);
    const counted = (): number => (stream ? load.tally.events : load.tally.answers);
    const before = {
      ms: performance.now(),
      us: cpuUsFor(contender),
      databaseUs: databaseCpuUsFor(contender),
      count: counted(),
    };
    await pause(times.measureMs);
    const cpuUs = cpuUsFor(contender) - before.us;
    const databaseUs = databaseCpuUsFor(contender) - before.databaseUs;
    const count = counted() - before.count;
    const seconds = (performance.now() - before.ms) / 1_000;
    return { cpuUs: cpuUs / count, databaseCpuUs: databaseUs / count, perSecond: count / seconds };
  } finally {
    await load.stop();
  }
};

/** What requests at a fixed rate take. */
export interface Paced {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time for one request: more than under full load, since each wakes the process. */
  readonly cpuUs: number;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** Asks at a fixed rate. @throws Error at the first wrong answer. */
export const measurePaced = async ({ contender, ask }: Ready, perSecond: number, forMs: number): Promise<Paced> => {
  const beforeUs = cpuUsFor(contender);
  const latenciesMs = await askAtRate(ask, perSecond, forMs);
  const cpuUs = (cpuUsFor(contender) - beforeUs) / latenciesMs.length;
  const sorted = latenciesMs.toSorted((one, other) => one - other);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), cpuUs };
};

const openMsMax = 15_000;
const lookMs = 50;

/** Resident memory of a contender while so many streams are open. Bytes. @throws Error where they cannot all be open at once. */
export const measureResidentBytes = async (
  { contender, ask }: Ready,
  upstream: Upstream,
  streams: number,
): Promise<number> => {
  // A stream lasts longer than it may take until all are open.
  const eventGapMs = 200;
  await upstream.pace(eventGapMs);
  const load = await startLoad(ask, { connections: streams, eventGapMs, spreadMs: 2_000 });
  try {
    const beganMs = performance.now();
    while (load.tally.begun < streams) {
      load.check();
      if (performance.now() - beganMs > openMsMax) throw new Error(`${load.tally.begun} of ${streams} streams began`);
      await pause(lookMs);
    }
    if (load.tally.answers > 0) throw new Error('the first streams ended before the last began');
    return contender.pids.reduce((sum, pid) => sum + residentBytesOf(pid), 0);
  } finally {
    load.cut();
  }
};
