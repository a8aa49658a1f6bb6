import { join } from 'node:path';
import { z } from 'zod';
import { errorMessage } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import { wholeBase } from '../ledger/index.ts';
import { KeptFile, type ApiKey, type StoredOfferList } from '../store/index.ts';
import type { MeasuredCapacity, PacerState, UsualQuiet } from '../router/index.ts';
import type { ServedEndpoint } from './jobs/servedDeployment.ts';
import { keptPacingSchema } from './pacing/keptPacingSchema.ts';
import { keptBalancesSchema, type KeptBalances } from './KeptBalances.ts';

const jsonObject = z.record(z.string(), z.unknown());

/** Keys made over the API: their hashes, never the keys. */
const keysSchema = z.array(
  z.strictObject({
    id: z.string(),
    organisation: z.string(),
    name: z.string(),
    hash: z.string(),
    hint: z.string(),
    team: z.string(),
    models: z.array(z.string()).nullable(),
    expiresAtMs: z.number().nullable(),
    budget: jsonObject.nullable(),
    limits: jsonObject.nullable(),
    createdAtMs: z.number(),
    revokedAtMs: z.number().nullable(),
    replacedBy: z.string().nullable(),
  }),
);

const offersSchema = z.array(
  z.strictObject({
    name: z.string(),
    date: z.string().nullable(),
    importedAtMs: z.number(),
    importedBy: z.string(),
    csv: z.string(),
  }),
);

/** Servers of jobs, as far as requests need to know of them. */
const servedSchema = z.array(
  z.strictObject({
    job: z.strictObject({ id: z.string() }),
    serve: z.strictObject({ model: z.string(), targetModel: z.string(), wire: z.string(), basePath: z.string() }),
    attempt: z.strictObject({
      number: z.number(),
      site: z.string(),
      place: z.strictObject({
        vendor: z.string(),
        region: z.string().nullable(),
        hosts: z.record(z.string(), z.number()),
        jurisdiction: z.string().nullable(),
      }),
    }),
    provider: z.string(),
    origin: z.string(),
  }),
);

/** What quota domains were seen to serve at most, as it had faded when this was written. */
const capacitiesSchema = z.array(
  z.strictObject({
    quotaDomain: z.string(),
    requestsPerMinute: z.number().min(0),
    tokensPerMinute: z.number().min(0),
    limited: z.boolean(),
  }),
);

/** How long quiet usually was in quota domains until something was heard. */
const quietsSchema = z.array(z.strictObject({ quotaDomain: z.string(), quietMs: z.number().min(0) }));

/** A part of a newer version is passed over: what this one knows of stands for itself. */
const stateSchema = z
  .object({
    keys: keysSchema,
    balances: keptBalancesSchema,
    offers: offersSchema,
    served: servedSchema,
    rateBase: z.int().min(0).max(wholeBase),
    // What is only learnt takes nothing else with it.
    pacing: keptPacingSchema.optional().catch(undefined),
    capacities: capacitiesSchema.optional().catch(undefined),
    quiets: quietsSchema.optional().catch(undefined),
  })
  .partial()
  .extend({ writtenAtMs: z.number() });

/** What a start reads from the database, as it was when it was last known. A part that is absent was never known. */
export interface LastGoodState {
  readonly keys?: readonly ApiKey[] | undefined;
  readonly balances?: KeptBalances | undefined;
  readonly offers?: readonly StoredOfferList[] | undefined;
  readonly served?: readonly ServedEndpoint[] | undefined;
  /** Millionths of each rate that were let through here whatever other replicas did. */
  readonly rateBase?: number | undefined;
  /** What pools, floors and caps had learnt. */
  readonly pacing?: PacerState | undefined;
  /** What quota domains were seen to serve at most. */
  readonly capacities?: readonly MeasuredCapacity[] | undefined;
  /** How long quiet usually was in them. */
  readonly quiets?: readonly UsualQuiet[] | undefined;
  /** When it was written, in Unix milliseconds. */
  readonly writtenAtMs: number;
}

type Part = Exclude<keyof LastGoodState, 'writtenAtMs'>;

/** Everything that a start reads from the database, and what only traffic teaches, kept in one file of the data dir, so that a start can do without. */
export class LastGood {
  /** What an earlier process kept; null where there is nothing that can be believed. */
  readonly before: LastGoodState | null;
  readonly #file: KeptFile;
  readonly #clock: Clock;
  readonly #log: Log;
  /** JSON of each part. */
  readonly #parts = new Map<Part, string>();
  #isChanged = false;
  /** One writing after the other. */
  #turn: Promise<void> = Promise.resolve();
  #failure: { readonly message: string; readonly sinceMs: number } | null = null;

  private constructor(file: KeptFile, before: LastGoodState | null, { clock, log }: LastGoodPorts) {
    this.#file = file;
    this.before = before;
    this.#clock = clock;
    this.#log = log;
  }

  /** Reads what an earlier process kept. What is damaged is told, and then it is as if there were nothing. */
  static async open(folder: string, ports: LastGoodPorts): Promise<LastGood> {
    const file = new KeptFile(join(folder, 'lastGood.jsonl'));
    const read = await file.read();
    const state = read.ok && read.value !== null ? stateSchema.safeParse(Object.fromEntries(read.value)) : null;
    const fault = read.ok ? (state?.error?.message ?? null) : read.fault;
    if (fault !== null)
      ports.log.error('what was kept for a start without the database cannot be read and is ignored', {
        path: file.path,
        message: fault,
      });
    if (read.ok && state?.success === true) tellLost(read.value ?? new Map(), state.data, file.path, ports.log);
    return new LastGood(file, state?.data ?? null, ports);
  }

  /** Why it is not on disk, or null. */
  get failure(): { readonly message: string; readonly sinceMs: number } | null {
    return this.#failure;
  }

  /** Takes a part; the next writing has it. */
  put<Name extends Part>(name: Name, value: NonNullable<LastGoodState[Name]>): void {
    const text = JSON.stringify(value);
    if (this.#parts.get(name) === text) return;
    this.#parts.set(name, text);
    this.#isChanged = true;
  }

  /** Resolves once everything that was put before is on disk. @throws Error of the disk */
  write(): Promise<void> {
    const done = this.#turn.then(() => this.#writeNow());
    this.#turn = done.catch(() => {});
    return done;
  }

  async #writeNow(): Promise<void> {
    if (!this.#isChanged) return;
    const parts = new Map<string, string>([...this.#parts, ['writtenAtMs', String(this.#clock.nowMs())]]);
    this.#isChanged = false;
    try {
      await this.#file.write(parts);
      if (this.#failure !== null) this.#log.info('what a start without the database needs is on disk again');
      this.#failure = null;
    } catch (error) {
      this.#isChanged = true;
      const message = errorMessage(error);
      if (this.#failure === null)
        this.#log.error('what a start without the database needs was not written; this is tried again', { message });
      this.#failure = { message, sinceMs: this.#failure?.sinceMs ?? this.#clock.nowMs() };
      throw error;
    }
  }
}

/** Parts that are only learnt. */
const learntParts = ['pacing', 'capacities', 'quiets'] as const;

/** Says what of a file that can be believed was not taken over. */
const tellLost = (parts: ReadonlyMap<string, unknown>, state: LastGoodState, path: string, log: Log): void => {
  for (const part of learntParts)
    if (parts.has(part) && state[part] === undefined)
      log.warn('a part of what was learnt cannot be read and is learnt anew', { path, part });
  const unknown = [...parts.keys()].filter((part) => !(part in stateSchema.shape));
  if (unknown.length > 0)
    log.warn('parts of what was kept are of a newer version and are passed over', { path, parts: unknown.join(', ') });
};

export interface LastGoodPorts {
  readonly clock: Clock;
  readonly log: Log;
}
