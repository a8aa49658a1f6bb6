import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { specOf, jobText } from '../control/openTestController.fixture.ts';
import type { Observation, RankObservation } from '../executors/Executor.ts';
import { advance, hasEnded, liveAttempt, type JobEvent, type PlannedAttempt } from './advance.ts';
import type { Job } from './Job.ts';
import { newJob } from './newJob.ts';

const spec = specOf(jobText({ ranks: 2, attempts: 3 }));
const server = specOf(jobText({ kind: 'serve', ranks: 2, attempts: 3, serve: { model: 'm' } }));

const fresh = (): Job =>
  newJob({ id: 'x', organisation: 'default', name: 'x', written: {}, submittedBy: 'ops', nowMs: 0 });

const decision = { decidedAtMs: 0, chosen: null, others: [], weighed: 0, refused: {} };

const planned: PlannedAttempt = {
  site: 'north',
  owner: 'here',
  place: { vendor: 'v', region: null, hosts: { north: 1 }, jurisdiction: null },
  accelerator: 'GB200',
  accelerators: 8,
  basis: 'onDemand',
  contract: null,
  price: { hourNanoUsd: '3600000000000', listHourNanoUsd: '3600000000000', discount: '0', source: 'file' },
  capacityUntilMs: null,
  resumesFrom: null,
  decision,
};

const rank = (number: number, more: Partial<RankObservation> = {}): RankObservation => ({
  rank: number,
  state: 'running',
  exitCode: null,
  endedAtMs: null,
  evidence: 'it runs',
  heartbeat: null,
  ...more,
});

const present = (ranks: readonly RankObservation[], preempted = false): Observation => ({
  kind: 'present',
  ranks,
  preempted,
  billableSinceMs: 0,
});

const rankArbitrary = (number: number) =>
  fc.oneof(
    fc.constant(rank(number)),
    fc.constant(rank(number, { state: 'starting' })),
    fc.constant(rank(number, { state: 'lost', endedAtMs: 5 })),
    fc.constantFrom(0, 1, 127, 137, 143).map((exitCode) => rank(number, { state: 'exited', exitCode, endedAtMs: 5 })),
  );

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.constant({ kind: 'unreachable', evidence: 'no answer' } as const),
  fc.constant({ kind: 'absent', evidence: 'not there' } as const),
  fc.tuple(rankArbitrary(0), rankArbitrary(1), fc.boolean()).map(([one, other, taken]) => present([one, other], taken)),
);

const event = (atMs: number): fc.Arbitrary<JobEvent> =>
  fc.oneof(
    fc.constant({ kind: 'waits', atMs, decision } as const),
    fc.constant({ kind: 'placed', atMs, attempt: planned } as const),
    fc.constant({ kind: 'submitted', atMs } as const),
    fc
      .constantFrom('quota' as const, 'capacity' as const, 'invalid' as const, 'unreachable' as const)
      .map((faultClass): JobEvent => ({ kind: 'refused', atMs, fault: { class: faultClass, message: 'no' } })),
    observation.map((seen): JobEvent => ({ kind: 'observed', atMs, observation: seen })),
    fc.constant({ kind: 'lease-expired', atMs } as const),
    fc.boolean().map((ready): JobEvent => ({ kind: 'probed', atMs, ready, detail: 'x' })),
    fc.constant({ kind: 'stop-asked', atMs, why: 'by ops' } as const),
    fc.constant({ kind: 'capacity-ends', atMs, why: 'slot' } as const),
  );

/** Events as they come, and after each that asks for it the executor's word that nothing is left. */
const lives = fc.array(
  fc.tuple(fc.nat({ max: 20 }), fc.boolean()).chain(([atMs, cleared]) => event(atMs).map((one) => ({ one, cleared }))),
  { maxLength: 40 },
);

const after = (job: Job, one: JobEvent, kind: typeof spec): Job => advance(kind, job, one);

describe('whatever happens, and in whatever order', () => {
  const histories = (kind: typeof spec, check: (before: Job, one: JobEvent, now: Job) => void): void =>
    fc.assert(
      fc.property(lives, (life) => {
        let job = fresh();
        for (const { one, cleared } of life) {
          // An executor answers for a placement once, and before anything else.
          const before = job;
          job = after(job, one, kind);
          check(before, one, job);
          if (!cleared || (liveAttempt(job)?.ending ?? null) === null) continue;
          const closing = job;
          job = after(job, { kind: 'cleared', atMs: 21 }, kind);
          check(closing, { kind: 'cleared', atMs: 21 }, job);
        }
      }),
      { numRuns: 2_000 },
    );

  for (const [name, kind] of [
    ['train', spec],
    ['serve', server],
  ] as const) {
    test(`a job of kind ${name} that ended stays as it was`, () => {
      let ends = 0;
      histories(kind, (before, _one, now) => {
        if (!hasEnded(before)) return;
        ends++;
        expect(now).toBe(before);
      });
      expect(ends).toBeGreaterThan(0);
    });

    test(`a job of kind ${name} holds capacity once at most, and is placed no more often than it may be`, () => {
      histories(kind, (_before, _one, now) => {
        const live = now.attempts.filter(({ endedAtMs, state }) => endedAtMs === null && state !== 'lost');
        expect(live.length).toBeLessThanOrEqual(1);
        expect(now.attempts.length).toBeLessThanOrEqual(kind.attempts);
        const numbers = now.attempts.map(({ number }) => number);
        expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
      });
    });

    test(`silence alone ends nothing of a job of kind ${name}`, () => {
      histories(kind, (before, one, now) => {
        if (one.kind !== 'observed' || one.observation.kind !== 'unreachable') return;
        expect(hasEnded(now)).toBe(hasEnded(before));
        expect(liveAttempt(now)?.ending).toBe(liveAttempt(before)?.ending);
        expect(now.attempts.length).toBe(before.attempts.length);
      });
    });

    test(`a job of kind ${name} is closed by the executor's word, or fenced, never by what only wants it to end`, () => {
      histories(kind, (before, one, now) => {
        const [was, is] = [liveAttempt(before), liveAttempt(now)];
        if (was === null || is !== null) return;
        expect(['cleared', 'refused']).toContain(one.kind);
      });
    });
  }
});

describe('an attempt', () => {
  const running = (): Job => {
    let job = advance(spec, fresh(), { kind: 'placed', atMs: 0, attempt: planned });
    job = advance(spec, job, { kind: 'submitted', atMs: 0 });
    return advance(spec, job, { kind: 'observed', atMs: 0, observation: present([rank(0), rank(1)]) });
  };

  test('whose ranks all end well while its capacity is taken away has succeeded', () => {
    const done = [0, 1].map((number) => rank(number, { state: 'exited', exitCode: 0, endedAtMs: 5 }));
    const job = advance(spec, running(), { kind: 'observed', atMs: 6, observation: present(done, true) });
    expect(liveAttempt(job)).toMatchObject({ ending: 'succeeded', endedAtMs: 5 });
  });

  test('that was told that its capacity is taken away ends when the last rank has ended', () => {
    const first = [rank(0, { state: 'exited', exitCode: 143, endedAtMs: 5 }), rank(1)];
    let job = advance(spec, running(), { kind: 'observed', atMs: 6, observation: present(first, true) });
    expect(liveAttempt(job)).toMatchObject({ ending: null });
    const both = [first[0] ?? rank(0), rank(1, { state: 'exited', exitCode: 1, endedAtMs: 8 })];
    job = advance(spec, job, { kind: 'observed', atMs: 9, observation: present(both, true) });
    expect(liveAttempt(job)).toMatchObject({ ending: 'preempted', endedAtMs: 8 });
  });

  test('that is given up while it should have been cancelled is never told as cancelled', () => {
    let job = advance(spec, running(), { kind: 'stop-asked', atMs: 1, why: 'by ops' });
    job = advance(spec, job, { kind: 'lease-expired', atMs: 2 });
    expect(liveAttempt(job)).toMatchObject({ ending: 'cancelled', fenced: false });
  });

  test('keeps its first evidence and its newest, and not all of a flood', () => {
    let job = running();
    for (let time = 0; time < 500; time++)
      for (const seen of [{ kind: 'unreachable', evidence: `${time}` } as const, present([rank(0), rank(1)])])
        job = advance(spec, job, { kind: 'observed', atMs: time, observation: seen });
    const evidence = job.attempts[0]?.evidence ?? [];
    expect(evidence.length).toBeLessThanOrEqual(50);
    expect(evidence[0]?.what).toBe('placed');
    expect(evidence.some(({ detail }) => detail === '499')).toBe(true);
  });
});
