import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUuidV7, parseNanoUsd, UuidV7Maker, uuidV7Month, uuidV7TimeMs } from '../kernel/index.ts';
import { isUsage, type FinalRecord } from '../vocabulary/index.ts';
import { settleCapacity, sumOfLines, type CapacityPiece } from './index.ts';

const noonMs = Date.UTC(2026, 10, 15, 12);
const hourMs = 3_600_000;

const jobId = new UuidV7Maker((target) => target.fill(7)).next(noonMs - 60_000);

const identity: CapacityPiece['identity'] = {
  jobId,
  job: 'own-small-train',
  attempt: 1,
  organisation: 'default',
  team: 'research',
  key: 'ops',
  site: 'north-1',
  accelerator: 'GB200',
  vendor: 'aurora',
  hosts: { north: 1 },
  jurisdiction: 'EU',
  region: 'eu-north',
  contract: 'north-slot',
};

const price: CapacityPiece['price'] = {
  hourNanoUsd: '3000000000',
  listHourNanoUsd: '3000000000',
  discount: '0',
  source: 'file',
};

/** An hour of eight accelerators. */
const piece = (change: Partial<CapacityPiece> = {}): CapacityPiece => ({
  identity,
  accelerators: 8,
  price,
  billableSinceMs: noonMs,
  fromMs: noonMs,
  untilMs: noonMs + hourMs,
  endsBetweenMs: null,
  ...change,
});

const secondsIn = ({ usage }: FinalRecord): number => usage.acceleratorSeconds ?? 0;
const amountOf = ({ amountNanoUsd }: FinalRecord): bigint => parseNanoUsd(amountNanoUsd);

describe('a piece of capacity', () => {
  test('stands in the ledger as an attempt of its job: eight accelerators for an hour are 28,800 seconds', () => {
    const { attemptId, ...record } = settleCapacity(piece());
    expect(isUuidV7(attemptId)).toBe(true);
    expect(record).toEqual({
      type: 'final',
      requestId: jobId,
      attempt: 1,
      organisation: 'default',
      team: 'research',
      key: 'ops',
      model: 'own-small-train',
      provider: 'north-1',
      targetModel: 'GB200',
      vendor: 'aurora',
      hosts: { north: 1 },
      jurisdiction: 'EU',
      lab: null,
      region: 'eu-north',
      wire: 'jobs',
      operation: 'compute',
      stream: false,
      contract: 'north-slot',
      startedAtMs: noonMs,
      firstContentMs: null,
      durationMs: hourMs,
      outcome: { kind: 'ok' },
      usage: { acceleratorSeconds: 28_800 },
      basis: 'reported',
      lines: [
        {
          bucket: 'acceleratorSeconds',
          units: 28_800,
          priceNanoUsdPerMillion: '833333333333',
          discount: '0',
          amountNanoUsd: '24000000000',
          source: 'file',
        },
      ],
      amountNanoUsd: '24000000000',
      listNanoUsd: '24000000000',
      rangeNanoUsd: ['24000000000', '24000000000'],
      edits: [],
    });
  });

  test('begins with its type and its id, by which whoever ships it knows it', () => {
    expect(Object.keys(settleCapacity(piece())).slice(0, 2)).toEqual(['type', 'attemptId']);
  });

  test('shows the list price and the discount of its contract', () => {
    const discounted = { ...price, hourNanoUsd: '2340000000', discount: '0.22' };
    expect(settleCapacity(piece({ price: discounted }))).toMatchObject({
      lines: [{ priceNanoUsdPerMillion: '833333333333', discount: '0.22', amountNanoUsd: '18720000000' }],
      amountNanoUsd: '18720000000',
      listNanoUsd: '24000000000',
    });
  });

  test('of a slot stands at the slot’s own price, beside what it would have cost at list price', () => {
    const ofSlot = { ...price, hourNanoUsd: '1234567890', source: 'slot north-slot' };
    expect(settleCapacity(piece({ price: ofSlot }))).toMatchObject({
      lines: [{ priceNanoUsdPerMillion: '342935525000', discount: '0', source: 'slot north-slot' }],
      amountNanoUsd: '9876543120',
      listNanoUsd: '24000000000',
    });
    const dearer = { ...price, hourNanoUsd: '6000000000' };
    expect(settleCapacity(piece({ price: dearer }))).toMatchObject({
      amountNanoUsd: '48000000000',
      listNanoUsd: '48000000000',
    });
  });

  test('of capacity that costs nothing is counted all the same', () => {
    const free = { ...price, hourNanoUsd: '0', listHourNanoUsd: '0' };
    expect(settleCapacity(piece({ price: free }))).toMatchObject({
      usage: { acceleratorSeconds: 28_800 },
      lines: [{ units: 28_800, amountNanoUsd: '0' }],
      amountNanoUsd: '0',
    });
  });

  test('rounds half a second to the even one, and has no line for none at all', () => {
    const of = (ms: number): FinalRecord => settleCapacity(piece({ accelerators: 1, untilMs: noonMs + ms }));
    expect([1, 499, 500, 501, 1_499, 1_500, 2_500].map((ms) => secondsIn(of(ms)))).toEqual([0, 0, 0, 1, 1, 2, 2]);
    expect(of(500)).toMatchObject({ usage: {}, lines: [], amountNanoUsd: '0', durationMs: 500 });
  });

  test('whose end is not certain is estimated, and says between which bounds', () => {
    const unsure = piece({
      untilMs: noonMs + 30_000,
      endsBetweenMs: [noonMs + 15_000, noonMs + 75_000],
    });
    expect(settleCapacity(unsure)).toMatchObject({
      usage: { acceleratorSeconds: 240 },
      basis: 'estimated',
      amountNanoUsd: '200000000',
      rangeNanoUsd: ['100000000', '500000000'],
    });
  });

  test('takes instants that are told finer than a millisecond to the nearest one', () => {
    const told = settleCapacity(piece({ untilMs: noonMs + hourMs + 0.25 }));
    expect(told).toEqual(settleCapacity(piece()));
    const least = { fromMs: noonMs + 0.6, untilMs: noonMs + 0.9, endsBetweenMs: [noonMs + 0.7, noonMs + 0.9] } as const;
    expect(settleCapacity(piece(least))).toMatchObject({ startedAtMs: noonMs + 1, durationMs: 0, usage: {} });
  });

  test.each<[string, Partial<CapacityPiece>]>([
    ['no time', { untilMs: noonMs }],
    ['an end before its beginning', { untilMs: noonMs - 1 }],
    ['a beginning before it is paid for', { billableSinceMs: noonMs + 1 }],
    ['no accelerator', { accelerators: 0 }],
    ['half an accelerator', { accelerators: 0.5 }],
    ['bounds that its end is not between', { endsBetweenMs: [noonMs + 1, noonMs + 2] }],
    ['a bound before its beginning', { endsBetweenMs: [noonMs - 1, noonMs + hourMs] }],
    ['an instant that is none', { untilMs: Number.NaN }],
  ])('with %s is a mistake of ours', (_what, change) => {
    expect(() => settleCapacity(piece(change))).toThrow(/assertion/);
  });

  test.each([
    { ...price, discount: '1.1' },
    { ...price, hourNanoUsd: 'three' },
    { ...price, listHourNanoUsd: '3.5' },
  ])('with a price that is none is refused: %j', (wrong) => {
    expect(() => settleCapacity(piece({ price: wrong }))).toThrow(RangeError);
  });
});

const anyPrice: fc.Arbitrary<CapacityPiece['price']> = fc
  .record({
    list: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    per: fc.nat({ max: 1_000 }),
    own: fc.bigInt(0n, 10n ** 12n),
  })
  .chain(({ list, per, own }) => {
    const discounted = {
      ...price,
      listHourNanoUsd: list.toString(),
      hourNanoUsd: ((list * BigInt(1_000 - per)) / 1_000n).toString(),
      discount: (per / 1_000).toFixed(3),
    };
    return fc.constantFrom(discounted, { ...price, listHourNanoUsd: list.toString(), hourNanoUsd: own.toString() });
  });

/** An attempt and the instants at which its time is cut, in whole milliseconds since it is paid for. */
const anyCut = fc.record({
  accelerators: fc.integer({ min: 1, max: 100_000 }),
  price: anyPrice,
  cuts: fc.uniqueArray(fc.integer({ min: 0, max: 40 * 24 * hourMs }), { minLength: 2, maxLength: 12 }),
});

const piecesOf = ({ accelerators, price: rate, cuts }: typeof anyCut extends fc.Arbitrary<infer Cut> ? Cut : never) => {
  const instants = cuts.toSorted((one, other) => one - other).map((ms) => noonMs + ms);
  const between = (fromMs: number, untilMs: number): FinalRecord =>
    settleCapacity(piece({ accelerators, price: rate, fromMs, untilMs }));
  const pieces = instants.slice(1).map((untilMs, index) => between(instants[index]!, untilMs));
  return { pieces, whole: between(instants[0]!, instants.at(-1)!) };
};

describe('pieces of one attempt', () => {
  test('have the seconds of the whole between them, however it is cut', () => {
    fc.assert(
      fc.property(anyCut, (cut) => {
        const { pieces, whole } = piecesOf(cut);
        expect(pieces.reduce((sum, one) => sum + secondsIn(one), 0)).toBe(secondsIn(whole));
      }),
    );
  });

  test('cost what the whole costs to half a nano-dollar each, and half a one for the whole', () => {
    fc.assert(
      fc.property(anyCut, (cut) => {
        const { pieces, whole } = piecesOf(cut);
        const off = pieces.reduce((sum, one) => sum + amountOf(one), 0n) - amountOf(whole);
        expect(2n * (off < 0n ? -off : off) <= BigInt(pieces.length + 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('control: pieces that were rounded each for itself would drift from the whole', () => {
    const apart = Array.from({ length: 1_000 }, (_, index) => noonMs + index * 1_400).map((fromMs) =>
      secondsIn(settleCapacity(piece({ accelerators: 1, billableSinceMs: fromMs, fromMs, untilMs: fromMs + 1_400 }))),
    );
    const together = Array.from({ length: 1_000 }, (_, index) => noonMs + index * 1_400).map((fromMs) =>
      secondsIn(settleCapacity(piece({ accelerators: 1, fromMs, untilMs: fromMs + 1_400 }))),
    );
    expect(apart.reduce((sum, one) => sum + one, 0)).toBe(1_000);
    expect(together.reduce((sum, one) => sum + one, 0)).toBe(1_400);
  });

  test('are sound records: lines that sum to the amount, at most the list amount, within the range', () => {
    fc.assert(
      fc.property(anyCut, fc.nat({ max: 1_000_000 }), fc.nat({ max: 1_000_000 }), (cut, sooner, later) => {
        const { pieces } = piecesOf(cut);
        for (const told of pieces) {
          const untilMs = told.startedAtMs + told.durationMs;
          const earliest = Math.max(told.startedAtMs, untilMs - sooner);
          const unsure = settleCapacity(
            piece({
              accelerators: cut.accelerators,
              price: cut.price,
              fromMs: told.startedAtMs,
              untilMs,
              endsBetweenMs: [earliest, untilMs + later],
            }),
          );
          expect(unsure).toMatchObject({ amountNanoUsd: told.amountNanoUsd, lines: told.lines, usage: told.usage });
          for (const record of [told, unsure]) {
            const [low, high] = record.rangeNanoUsd.map(parseNanoUsd);
            const amount = amountOf(record);
            expect(isUsage(record.usage)).toBe(true);
            expect(sumOfLines(record.lines)).toBe(amount);
            expect(amount >= 0n && amount <= parseNanoUsd(record.listNanoUsd)).toBe(true);
            expect(low! <= amount && amount <= high!).toBe(true);
            expect(record.basis === 'estimated' || (low === amount && high === amount)).toBe(true);
          }
        }
      }),
    );
  });

  test('are told again under the same ids, in the month in which they begin; no two have one id', () => {
    fc.assert(
      fc.property(anyCut, fc.integer({ min: 1, max: 20 }), (cut, attempt) => {
        const { pieces } = piecesOf(cut);
        expect(piecesOf(cut).pieces).toEqual(pieces);
        for (const { attemptId, startedAtMs } of pieces) {
          expect(uuidV7TimeMs(attemptId)).toBe(startedAtMs);
          expect(uuidV7Month(attemptId)).toBe(new Date(startedAtMs).toISOString().slice(0, 7));
        }
        const next = pieces.map(({ startedAtMs, durationMs }) =>
          settleCapacity(
            piece({
              identity: { ...identity, attempt: attempt + 1 },
              fromMs: startedAtMs,
              untilMs: startedAtMs + durationMs,
            }),
          ),
        );
        expect(new Set([...pieces, ...next].map(({ attemptId }) => attemptId)).size).toBe(pieces.length * 2);
      }),
    );
  });

  test('that begin at the same instant have one id, whatever their length: only one of them can count', () => {
    const [short, long] = [hourMs, 2 * hourMs].map((ms) => settleCapacity(piece({ untilMs: noonMs + ms })));
    expect(short?.attemptId).toBe(long?.attemptId);
    expect(short?.amountNanoUsd).not.toBe(long?.amountNanoUsd);
  });
});
