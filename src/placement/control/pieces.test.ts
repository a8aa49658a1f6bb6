import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobAttempt } from '../job/Job.ts';
import { piecesOf } from './pieces.ts';

const attempt = (more: Partial<JobAttempt>): JobAttempt =>
  ({ billableSinceMs: 0, endedAtMs: null, meteredUntilMs: null, heardAtMs: 0, fenced: false, ...more }) as JobAttempt;

test('nothing is told of what is not yet paid for, nor of a piece that is not yet over', () => {
  expect(piecesOf(attempt({ billableSinceMs: null, heardAtMs: 99 }), 10)).toEqual([]);
  expect(piecesOf(attempt({ heardAtMs: 9 }), 10)).toEqual([]);
});

test('whenever it is looked, and however often the process ends between, the pieces are the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 1_000 }),
      fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 20 }),
      (billableSinceMs, pieceMs, lengthMs, looks) => {
        const endedAtMs = billableSinceMs + lengthMs;
        const whole = piecesOf(attempt({ billableSinceMs, heardAtMs: endedAtMs, endedAtMs }), pieceMs);
        const told: { readonly fromMs: number; readonly untilMs: number }[] = [];
        let meteredUntilMs: number | null = null;
        const heard = looks.map((ms) => billableSinceMs + ms).filter((ms) => ms <= endedAtMs);
        for (const heardAtMs of heard.toSorted((one, other) => one - other)) {
          const pieces = piecesOf(attempt({ billableSinceMs, heardAtMs, meteredUntilMs }), pieceMs);
          told.push(...pieces);
          meteredUntilMs = pieces.at(-1)?.untilMs ?? meteredUntilMs;
        }
        told.push(...piecesOf(attempt({ billableSinceMs, heardAtMs: endedAtMs, endedAtMs, meteredUntilMs }), pieceMs));
        const edges = ({ fromMs, untilMs }: (typeof told)[number]) => [fromMs, untilMs];
        expect(told.map(edges)).toEqual(whole.map(edges));
        expect(told.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0)).toBe(lengthMs);
      },
    ),
  );
});

test('of what was given up, only what was heard is certain', () => {
  const given = attempt({ fenced: true, heardAtMs: 14, endedAtMs: 37 });
  expect(piecesOf(given, 10).map(({ certainUntilMs }) => certainUntilMs)).toEqual([10, 14, 20, 30]);
});
