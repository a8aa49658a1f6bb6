import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PromptCaches } from './PromptCaches.ts';

const heldOf = <Key>(caches: PromptCaches<Key>, key: Key, target: number, nowMs: number): number =>
  caches.heldAt(caches.placeOf(key), target, nowMs);

const step = fc.record({
  key: fc.integer({ min: 0, max: 9 }),
  target: fc.integer({ min: 0, max: 4 }),
  tokens: fc.integer({ min: 1, max: 100_000 }),
  lifetimeMs: fc.integer({ min: 1, max: 60 }),
});

describe('PromptCaches', () => {
  it('holds what each target was sent last, until its time is over', () => {
    const caches = new PromptCaches();
    const [one, other] = [caches.targetOf('a/m'), caches.targetOf('b/m')];
    caches.sent('talk', one, 5_000, 300);
    caches.sent('talk', other, 7_000, 100);
    caches.sent('talk', one, 6_000, 400);
    expect([heldOf(caches, 'talk', one, 99), heldOf(caches, 'talk', other, 99)]).toEqual([6_000, 7_000]);
    expect([heldOf(caches, 'talk', one, 399), heldOf(caches, 'talk', other, 100)]).toEqual([6_000, 0]);
    expect([heldOf(caches, 'talk', one, 400), heldOf(caches, 'else', one, 99)]).toEqual([0, 0]);
    expect(caches.targetOf('a/m')).toBe(one);
  });

  it('is a plain table of which the longest unused is forgotten, whatever is sent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const limits = { conversations: 4, targetsEach: 5, targets: 5 };
        const caches = new PromptCaches<number>(limits);
        const plain = new Map<number, Map<number, { tokens: number; untilMs: number }>>();
        for (const [nowMs, { key, target, tokens, lifetimeMs }] of steps.entries()) {
          caches.sent(key, target, tokens, nowMs + lifetimeMs);
          const held = plain.get(key) ?? new Map();
          plain.delete(key);
          plain.set(key, held.set(target, { tokens, untilMs: nowMs + lifetimeMs }));
          if (plain.size > limits.conversations) plain.delete([...plain.keys()][0] ?? 0);
          expect(caches.size).toBe(plain.size);
          for (let asked = 0; asked < 10; asked += 1)
            for (let at = 0; at < 5; at += 1) {
              const entry = plain.get(asked)?.get(at);
              const expected = entry !== undefined && nowMs < entry.untilMs ? entry.tokens : 0;
              expect(heldOf(caches, asked, at, nowMs)).toBe(expected);
            }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps of one conversation the targets that hold it longest', () => {
    const caches = new PromptCaches<number>({ targetsEach: 2 });
    caches.sent(1, 10, 100, 50);
    caches.sent(1, 11, 200, 90);
    caches.sent(1, 12, 300, 70);
    expect([10, 11, 12].map((target) => heldOf(caches, 1, target, 0))).toEqual([0, 200, 300]);
  });

  it('tells no more targets apart than it may', () => {
    const caches = new PromptCaches({ targets: 2 });
    caches.sent('talk', caches.targetOf('a'), 100, 10);
    caches.targetOf('b');
    const third = caches.targetOf('c');
    expect([third, caches.size, heldOf(caches, 'talk', third, 0)]).toEqual([0, 0, 0]);
  });

  it('predicts no more than the input has, and of a target that keeps less than its vendor says what came true', () => {
    const caches = new PromptCaches<number>();
    caches.sent(1, 0, 10_000, 1e9);
    caches.sent(1, 1, 10_000, 1e9);
    const predicted = (target: number, input: number) => caches.predict(caches.placeOf(1), target, input, 0);
    expect([predicted(0, 4_000), predicted(0, 20_000), predicted(2, 4_000)]).toEqual([4_000, 10_000, 0]);
    for (let turn = 0; turn < 200; turn += 1) caches.observe(0, 8_000, turn % 4 === 0 ? 8_000 : 0);
    expect(predicted(0, 10_000)).toBeGreaterThan(1_500);
    expect(predicted(0, 10_000)).toBeLessThan(3_500);
    expect(predicted(1, 10_000)).toBe(10_000);
    for (const unsaid of [0, Number.NaN]) caches.observe(0, unsaid, 5_000);
    caches.observe(0, 1_000, Number.NaN);
    expect(predicted(0, 10_000)).toBeLessThan(3_500);
  });

  it('takes predictions whole that mostly come true: what clients change of their prompts is missed everywhere', () => {
    const caches = new PromptCaches<number>();
    caches.sent(1, 0, 10_000, 1e9);
    for (let turn = 0; turn < 200; turn += 1) caches.observe(0, 8_000, turn % 4 === 0 ? 0 : 9_000);
    expect(caches.predict(caches.placeOf(1), 0, 10_000, 0)).toBe(10_000);
    for (let turn = 0; turn < 200; turn += 1) caches.observe(0, 8_000, 0);
    expect(caches.predict(caches.placeOf(1), 0, 10_000, 0)).toBe(0);
  });
});
