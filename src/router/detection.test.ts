import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Failure } from '../vocabulary/index.ts';
import {
  candidateOf,
  noCaps,
  rateLimited,
  refusedConnection,
  serverError,
  sharesOf,
  unpacedQuestion,
} from './candidates.fixture.ts';
import { choose } from './choose.ts';
import { Health } from './Health.ts';

// The loop of a gateway over this room: requests come, each is tried where `choose` says, and moves on when it fails. Then the cheapest vendor dies.

interface Death {
  readonly failure: Failure;
  /** From the call to the failure. Milliseconds. */
  readonly afterMs: number;
  /** Whether a head comes with it. */
  readonly head: boolean;
}

const timedOut: Failure = { class: 'transient', cause: 'first_byte_timeout' };

const deaths: readonly Death[] = [
  { failure: refusedConnection, afterMs: 1, head: false },
  { failure: serverError, afterMs: 30, head: true },
  { failure: serverError, afterMs: 3_000, head: true },
  { failure: rateLimited(), afterMs: 30, head: true },
  { failure: { class: 'protocol', cause: 'no_terminal_event' }, afterMs: 50, head: true },
  { failure: timedOut, afterMs: 500, head: false },
  { failure: timedOut, afterMs: 30_000, head: false },
];

interface Step {
  readonly atMs: number;
  run(nowMs: number): void;
}

/** What happens in its order, by a clock that is moved from one thing to the next. */
class Agenda {
  readonly #steps: Step[] = [];

  at(atMs: number, run: Step['run']): void {
    this.#steps.push({ atMs, run });
  }

  play(): void {
    for (;;) {
      let first = 0;
      for (let at = 1; at < this.#steps.length; at++) if (this.#steps[at]!.atMs < this.#steps[first]!.atMs) first = at;
      const [step] = this.#steps.splice(first, 1);
      if (step === undefined) return;
      step.run(step.atMs);
    }
  }
}

const candidates = [candidateOf('dead', 1), candidateOf('well', 2), candidateOf('dear', 3)];
const diesAtMs = 2_000;
const endMs = 4_500;

interface Detection {
  /** Tries of the dead vendor before it was left alone for the first time. */
  readonly tries: number;
  /** From the first of them. */
  readonly tookMs: number;
}

const detect = (death: Death, apartMs: number, answerMs: number): Detection => {
  const health = new Health();
  const agenda = new Agenda();
  let firstMs: number | null = null;
  let tries = 0;
  let tookMs: number | null = null;
  const send = (tried: ReadonlySet<string>, nowMs: number): void => {
    const { index } = choose({
      candidates,
      health,
      caps: noCaps,
      shares: sharesOf(0),
      tried,
      attempt: tried.size + 1,
      nowMs,
      ...unpacedQuestion,
    });
    const candidate = candidates[index!]!;
    const ticket = health.started(candidate, nowMs, 'asked');
    if (index !== 0 || nowMs < diesAtMs) {
      if (nowMs >= diesAtMs && tried.size === 0 && firstMs !== null) tookMs ??= nowMs - firstMs;
      agenda.at(nowMs + answerMs, (answeredMs) => {
        health.heard(ticket, null, answeredMs);
        const seen = { firstContentMs: answerMs, streamed: true, outputTokens: 10, tokens: 20 };
        health.succeeded(ticket, seen, answeredMs);
      });
      return;
    }
    firstMs ??= nowMs;
    if (tookMs === null) tries += 1;
    agenda.at(nowMs + death.afterMs, (failedMs) => {
      if (death.head) health.heard(ticket, null, failedMs);
      health.failed(ticket, death.failure, failedMs);
      send(new Set([...tried, 'dead/m']), failedMs);
    });
  };
  for (let atMs = 0; atMs < endMs; atMs += apartMs) agenda.at(atMs, (nowMs) => send(new Set(), nowMs));
  agenda.play();
  return { tries, tookMs: tookMs ?? Infinity };
};

/** Which of the candidates requests go to that come every 20 ms, by when they come: the first of them hangs for a while, and what it took then stays unanswered. */
const hangFor = (hungMs: number, untilMs: number): ReadonlyMap<number, number | null> => {
  const health = new Health();
  const agenda = new Agenda();
  const chosen = new Map<number, number | null>();
  const send = (nowMs: number): void => {
    const { index } = choose({
      candidates,
      health,
      caps: noCaps,
      shares: sharesOf(0),
      tried: new Set(),
      attempt: 1,
      nowMs,
      ...unpacedQuestion,
    });
    chosen.set(nowMs, index);
    const ticket = health.started(candidates[index!]!, nowMs, 'asked');
    if (index === 0 && nowMs >= diesAtMs && nowMs < diesAtMs + hungMs) return;
    agenda.at(nowMs + 100, (answeredMs) => {
      health.heard(ticket, null, answeredMs);
      health.succeeded(ticket, { firstContentMs: 100, streamed: true, outputTokens: 10, tokens: 20 }, answeredMs);
    });
  };
  for (let atMs = 0; atMs < untilMs; atMs += 20) agenda.at(atMs, send);
  agenda.play();
  return chosen;
};

test('a vendor that hung and is back has its requests again, while what it never answered still waits', () => {
  const chosen = [...hangFor(5_000, 10_000)];
  const triesIn = (fromMs: number, untilMs: number): number =>
    chosen.filter(([atMs, index]) => atMs >= fromMs && atMs < untilMs && index === 0).length;
  // One every second, or when a quarter of the quiet has gone by.
  expect(triesIn(diesAtMs + 1_020, diesAtMs + 5_000)).toBeLessThanOrEqual(4);
  expect(triesIn(8_600, 10_000)).toBe(70);
});

test('a vendor that dies is left alone after five tries or a second, whatever the load and however it dies', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...deaths),
      fc.constantFrom(3, 5, 10, 20, 50, 90),
      fc.integer({ min: 20, max: 250 }),
      (death, apartMs, answerMs) => {
        const { tries, tookMs } = detect(death, apartMs, answerMs);
        // Who comes next after a second is the first that can be kept away.
        expect(tries <= 5 || tookMs <= 1_000 + apartMs, `${tries} tries, ${tookMs} ms`).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});
