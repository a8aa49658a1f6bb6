import { z } from 'zod';

const rounds = z.array(z.number()).min(1);

const loadShape = z.object({
  /** Processor time for one answer, or one event of a stream, in each round. */
  cpuUs: rounds,
  databaseCpuUs: rounds,
  perSecond: rounds,
});
const pacedShape = z.object({ p50Ms: rounds, p99Ms: rounds, cpuUs: rounds });

/** A run of the overhead bench as its JSON line holds it. Contenders by name: nginx, archipel, portkey; direct is the vendor itself. */
export const overheadShape = z.object({
  bench: z.literal('overhead'),
  commit: z.string(),
  /** Whether the working tree held more than the commit. */
  dirty: z.boolean(),
  date: z.string(),
  seed: z.number(),
  machine: z.object({ cpu: z.string(), cores: z.number(), loadAverageBefore: z.number() }),
  node: z.string(),
  versions: z.record(z.string(), z.string()),
  rounds: z.number(),
  seconds: z.number(),
  /** By way ("openai>anthropic stream") and contender. */
  load: z.record(z.string(), z.record(z.string(), loadShape)),
  /** At a fixed rate of whole requests, by contender. */
  paced: z.record(z.string(), pacedShape),
  /** With 500 open streams, by contender. */
  residentMB: z.record(z.string(), z.number()),
  /** Of the program with a real configuration and its own database. */
  start: z.object({ coldMs: rounds, warmMs: rounds }),
  /** Why a contender was not timed on a way. */
  skipped: z.record(z.string(), z.string()),
});

export type OverheadResult = z.output<typeof overheadShape>;

/** Above this load average something else ran beside the bench: its figures are only a first look. */
const loadAverageMax = 0.5;

export const isProvisional = (machine: { readonly loadAverageBefore: number }): boolean =>
  machine.loadAverageBefore > loadAverageMax;

/** Middle of the values. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN;

/** Middle of the rounds' own ratios: both sides of each were measured within seconds of one another. */
export const medianRatio = (values: readonly number[], base: readonly number[]): number =>
  median(values.map((value, round) => value / (base[round] ?? NaN)));
