import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasEnded, liveAttempt } from '../job/advance.ts';
import type { Job, JobAttempt } from '../job/Job.ts';
import { TestController, type Booked } from './openTestController.fixture.ts';

const sites = ['north', 'south'] as const;
type Site = (typeof sites)[number];

/** What becomes of whatever runs on a site. */
const strokes = ['lost', 'notice', 'done', 'failed', 'killed', 'checkpoint'] as const;

/** Something that befalls the loop, or what it stands on. */
type Weather =
  | { readonly kind: 'submit' | 'submit-unheard'; readonly more: Readonly<Record<string, unknown>> }
  /** Asked for by an operator who does not wait for the answer before he asks for more. */
  | { readonly kind: 'stop'; readonly nth: number }
  | { readonly kind: 'rounds'; readonly count: number }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'site'; readonly site: Site; readonly is: 'silent' | 'there' | 'full' | 'picky' | 'open' }
  | { readonly kind: 'stroke'; readonly site: Site; readonly stroke: (typeof strokes)[number] }
  | { readonly kind: 'around'; readonly is: (typeof around)[number] };

const around = [
  'process killed',
  'database away',
  'database back',
  'next answer lost',
  'spool full',
  'spool free',
  'servers ready',
  'servers not ready',
  'ranks deaf',
  'ranks obedient',
] as const;

const jobs: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { attempts: 2 },
  { ranks: 2, accelerators: { anyOf: [{ kind: 'GB200', perRank: 4 }] } },
  { graceSeconds: 0, checkpoint: undefined },
  { maxCostUsd: '0.05', sites: ['south'] },
  { kind: 'serve', serve: { model: 'own', port: 8_000, drainSeconds: 3 } },
];

const of = <Value extends string>(...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
const site = of(...sites);

const weather: fc.Arbitrary<Weather> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: of('submit', 'submit-unheard'), more: fc.constantFrom(...jobs) }) },
  { weight: 2, arbitrary: fc.record({ kind: of('stop'), nth: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: of('rounds'), count: fc.integer({ min: 5, max: 70 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: of('time'), seconds: fc.integer({ min: 1, max: 90 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: of('site'), site, is: of('silent', 'there', 'full', 'picky', 'open') }) },
  { weight: 4, arbitrary: fc.record({ kind: of('stroke'), site, stroke: of(...strokes) }) },
  { weight: 8, arbitrary: fc.record({ kind: of('around'), is: of(...around) }) },
);

type Held = TestController['executor']['held'] extends Map<string, infer One> ? One : never;

const nameOf = (id: string, attempt: number): string => `${id} ${attempt}`;

/** Each stretch once, however often it was told. */
const stretchesOf = (booked: readonly Booked[]): readonly Booked['piece'][] =>
  [...new Map(booked.map(({ piece }) => [`${piece.fromMs} ${piece.untilMs}`, piece] as const)).values()].toSorted(
    (one, other) => one.fromMs - other.fromMs || one.untilMs - other.untilMs,
  );

const usedBy = ({ billableSinceMs, endedAtMs }: JobAttempt): readonly (number | undefined)[] =>
  billableSinceMs === null || endedAtMs === null || endedAtMs <= billableSinceMs
    ? [undefined, undefined]
    : [billableSinceMs, endedAtMs];

/** A loop in any weather, and what must hold in it. */
class Watch {
  readonly open = new TestController();
  /** How often each attempt was begun. */
  readonly begun = new Map<string, number>();
  /** Whether the answer to the next write is lost, which is done all the same. */
  #isAnswerLost = false;
  readonly #delays: readonly number[];
  #asked = 0;
  #unheard: Promise<unknown>[] = [];

  /** @param delays How many turns each answer takes, over and over again: who asks first may hear last. */
  constructor(delays: readonly number[]) {
    this.#delays = delays;
    const { executor, store } = this.open;
    const set = executor.held.set.bind(executor.held);
    executor.held.set = (name, held) => {
      const { jobId, attempt } = held.submission.tag;
      this.begun.set(nameOf(jobId, attempt), (this.begun.get(nameOf(jobId, attempt)) ?? 0) + 1);
      return set(name, held);
    };
    for (const name of ['submit', 'observe', 'signal', 'cancel', 'list'] as const) this.#delay(executor, name);
    this.#delay(store, 'read');
    this.#delay(store, 'open');
    for (const name of ['insert', 'update'] as const) {
      this.#delay(store, name);
      this.#loseAnswers(store, name);
    }
  }

  #delay<Name extends string>(whose: Record<Name, (...given: never[]) => Promise<unknown>>, name: Name): void {
    const act = whose[name].bind(whose);
    whose[name] = async (...given) => {
      this.#asked += 1;
      const turns = this.#delays[this.#asked % this.#delays.length] ?? 0;
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      return act(...given);
    };
  }

  #loseAnswers<Name extends string>(whose: Record<Name, (...given: never[]) => Promise<unknown>>, name: Name): void {
    const act = whose[name].bind(whose);
    whose[name] = async (...given) => {
      const answer = await act(...given);
      if (!this.#isAnswerLost) return answer;
      this.#isAnswerLost = false;
      throw new Error('the connection is gone');
    };
  }

  async befall(one: Weather): Promise<void> {
    const { open } = this;
    switch (one.kind) {
      case 'submit':
        await open.trySubmit(one.more).catch(() => {});
        return;
      case 'submit-unheard':
        this.#unheard.push(open.trySubmit(one.more).catch(() => {}));
        return;
      case 'stop': {
        const id = [...open.store.documents.keys()][one.nth];
        // Where the database is away, whoever asks is told so.
        if (id !== undefined) this.#unheard.push(open.controller.askStop(id, 'by ops').catch(() => {}));
        return;
      }
      case 'rounds':
        return open.rounds(one.count);
      case 'time':
        open.nowMs += one.seconds * 1_000;
        return;
      case 'site':
        return this.#set(one.site, one.is);
      case 'stroke':
        for (const held of open.executor.held.values())
          if (held.submission.site === one.site) this.#strike(held, one.stroke);
        return;
      case 'around':
        return this.#setAround(one.is);
    }
  }

  #set(name: Site, is: Extract<Weather, { kind: 'site' }>['is']): void {
    const { unreachable, faults } = this.open.executor;
    switch (is) {
      case 'silent':
        return void unreachable.add(name);
      case 'there':
        return void unreachable.delete(name);
      case 'full':
        return void faults.set(name, { class: 'capacity', message: 'full' });
      case 'picky':
        return void faults.set(name, { class: 'invalid', message: 'not like this' });
      case 'open':
        return void faults.delete(name);
    }
  }

  async #setAround(is: (typeof around)[number]): Promise<void> {
    const { open } = this;
    switch (is) {
      case 'process killed':
        await this.heard();
        // Whoever takes over waits for the database.
        this.#isAnswerLost = false;
        open.store.fails = false;
        return open.restart();
      case 'database away':
      case 'database back':
        open.store.fails = is === 'database away';
        return;
      case 'next answer lost':
        this.#isAnswerLost = true;
        return;
      case 'spool full':
      case 'spool free':
        open.bookingFails = is === 'spool full';
        return;
      case 'servers ready':
        return void open.answering.add('http://127.0.0.1:8000/healthz');
      case 'servers not ready':
        return open.answering.clear();
      case 'ranks deaf':
      case 'ranks obedient':
        open.executor.obedient = is === 'ranks obedient';
        return;
    }
  }

  #strike(held: Held, stroke: (typeof strokes)[number]): void {
    const { nowMs } = this.open;
    if (stroke === 'notice') held.preempted = true;
    const codes = { done: 0, failed: 1, killed: 137, notice: 143 } as const;
    held.ranks = held.ranks.map((rank) => {
      if (rank.state !== 'running') return rank;
      if (stroke === 'checkpoint') {
        const said = { step: 1, checkpoint: `at-${nowMs}`, checkpointAtMs: nowMs, port: null, metrics: {} };
        return { ...rank, heartbeat: { atMs: nowMs, ...said } };
      }
      const ended = { ...rank, endedAtMs: nowMs, evidence: stroke };
      return stroke === 'lost'
        ? { ...ended, state: 'lost' as const }
        : { ...ended, state: 'exited' as const, exitCode: codes[stroke] };
    });
  }

  /** Waits until whoever asked has an answer. */
  async heard(): Promise<void> {
    await Promise.all(this.#unheard.splice(0));
  }

  async jobs(): Promise<readonly Job[]> {
    return Promise.all([...this.open.store.documents.keys()].map((id) => this.open.job(id)));
  }

  /** All is well from now on. */
  async calm(): Promise<void> {
    await this.heard();
    this.#isAnswerLost = false;
    this.open.store.fails = false;
    this.open.bookingFails = false;
    this.open.executor.unreachable.clear();
    this.open.executor.faults.clear();
  }
}

const expectSound = async (watch: Watch): Promise<void> => {
  for (const [name, count] of watch.begun) expect(count, `attempt ${name} was begun`).toBe(1);
  for (const job of await watch.jobs()) {
    const { attempts } = job;
    expect(attempts.map(({ number }) => number)).toEqual(attempts.map((_, index) => index + 1));
    // One at a time: what came before it has ended.
    for (const attempt of attempts.slice(0, -1)) expect(attempt.endedAtMs, attempt.state).not.toBeNull();
    if (hasEnded(job)) expect(liveAttempt(job)).toBeNull();
  }
  const byAttempt = Map.groupBy(watch.open.booked, ({ job, attempt }) => nameOf(job, attempt));
  for (const told of [...byAttempt.values()].map(stretchesOf))
    for (const [index, { fromMs, untilMs }] of told.entries()) {
      expect(untilMs).toBeGreaterThan(fromMs);
      const next = told[index + 1];
      if (next !== undefined) expect(next.fromMs, 'use is told in stretches that follow one another').toBe(untilMs);
    }
};

/** All that an attempt was paid for is in the ledger. */
const expectCounted = ({ open }: Watch, { id, attempts }: Job): void => {
  for (const attempt of attempts) {
    const told = stretchesOf(open.booked.filter((one) => one.job === id && one.attempt === attempt.number));
    expect([told.at(0)?.fromMs, told.at(-1)?.untilMs]).toEqual(usedBy(attempt));
  }
};

test('whatever befalls the loop, no attempt is begun twice, no use is told twice or left out, and all ends once all is well', async () => {
  const rounds = fc.nat(4);
  const delays = fc.array(fc.nat(12), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(weather, rounds), { maxLength: 30, size: 'max' }),
      delays,
      async (happening, turns) => {
        const watch = new Watch(turns);
        using open = watch.open;
        for (const [one, rounds] of happening) {
          await watch.befall(one);
          await open.rounds(rounds);
          await expectSound(watch);
        }
        await watch.calm();
        await open.rounds(40);
        await expectSound(watch);
        for (const { id } of await watch.jobs()) await open.controller.askStop(id, 'by ops');
        await open.rounds(50);
        await expectSound(watch);
        for (const job of await watch.jobs()) {
          expect(hasEnded(job), JSON.stringify(job, null, 1)).toBe(true);
          expectCounted(watch, job);
          expect(await open.store.read(job.id)).toEqual(job);
        }
        expect([...open.executor.held.keys()]).toEqual([]);
        expect(open.controller.serving()).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
