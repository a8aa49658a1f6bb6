import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BillSums, billedDaysMax } from './BillSums.ts';
import { reconcileBill } from './reconcileBill.ts';
import type { BillLine, BookedDay } from './Reconciliation.ts';

const exact = { nanoUsd: 0n, sharePpm: 0n };

const daysOf = (lines: readonly BillLine[]): BillSums['days'] => {
  const sums = new BillSums();
  for (const line of lines) expect(sums.add(line)).toBe(true);
  return sums.days;
};

const booked = (change: Partial<BookedDay>): BookedDay => ({
  model: 'large',
  provider: 'north',
  day: '2026-02-03',
  attempts: 1,
  unreported: 0,
  amountNanoUsd: 0n,
  lowNanoUsd: 0n,
  highNanoUsd: 0n,
  inputTokens: 0n,
  outputTokens: 0n,
  ...change,
});

const anyModel = fc.constantFrom('large', 'small-2026-01-31', 'lab.tiny-v1:0');
const anyDay = fc.constantFrom('2026-02-03', '2026-02-04');
const anyCall = fc.record({
  model: anyModel,
  day: anyDay,
  nanoUsd: fc.bigInt(0n, 10n ** 20n),
  input: fc.bigInt(0n, 10n ** 12n),
  output: fc.bigInt(0n, 10n ** 12n),
});

/** A vendor's way to write a call on its bill: what went in and what came out apart, the cost cut anywhere between. */
const linesOf = (call: typeof anyCall extends fc.Arbitrary<infer Call> ? Call : never, cut: bigint): BillLine[] => {
  const { model, day, nanoUsd, input, output } = call;
  const cost = nanoUsd * 1_000n;
  const first = cut < cost ? cut : cost;
  return [
    { model, day, cost: first, tokens: { side: 'input', millionths: input * 1_000_000n } },
    { model, day, cost: cost - first, tokens: { side: 'output', millionths: output * 1_000_000n } },
  ];
};

test('a bill of what was booked is equal to it, however its costs are cut finer than nano-dollars', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyCall, fc.bigInt(0n, 10n ** 23n)), { maxLength: 12 }), (calls) => {
      const ours = calls.map(([{ nanoUsd, input, output, ...where }]) =>
        booked({
          ...where,
          amountNanoUsd: nanoUsd,
          lowNanoUsd: nanoUsd,
          highNanoUsd: nanoUsd,
          inputTokens: input,
          outputTokens: output,
        }),
      );
      const days = daysOf(calls.flatMap(([call, cut]) => linesOf(call, cut)));
      const told = reconcileBill({ days, renamed: new Map() }, ours, exact);
      expect(told.apart).toBe(0);
      expect([told.billedNanoUsd, told.differenceNanoUsd]).toEqual([told.bookedNanoUsd, 0n]);
      expect(told.bookedNanoUsd).toBe(calls.reduce((sum, [{ nanoUsd }]) => sum + nanoUsd, 0n));
    }),
  );
});

test('what a bill has more or less is the difference, to the nano-dollar, and every day adds up', () => {
  fc.assert(
    fc.property(
      fc.array(anyCall, { minLength: 1, maxLength: 12 }),
      fc.bigInt(-(10n ** 12n), 10n ** 12n),
      (calls, more) => {
        const ours = calls.map(({ nanoUsd, model, day }) =>
          booked({ model, day, amountNanoUsd: nanoUsd, lowNanoUsd: nanoUsd, highNanoUsd: nanoUsd }),
        );
        const lines = calls.map(({ model, day, nanoUsd }) => ({ model, day, cost: nanoUsd * 1_000n, tokens: null }));
        const [first] = lines;
        const changed = { ...first!, cost: more * 1_000n };
        const told = reconcileBill({ days: daysOf([...lines, changed]), renamed: new Map() }, ours, exact);
        expect([told.differenceNanoUsd, told.apart]).toEqual([more, more === 0n ? 0 : 1]);
        const sum = (of: 'billedNanoUsd' | 'bookedNanoUsd'): bigint =>
          told.days.reduce((total, day) => total + (day[of] ?? 0n), 0n);
        expect([sum('billedNanoUsd'), sum('bookedNanoUsd')]).toEqual([told.billedNanoUsd, told.bookedNanoUsd]);
      },
    ),
  );
});

test('snapshots of a model, and providers that share a bill, are one row with all of their names', () => {
  const days = daysOf([
    { model: 'large-2026-01-31', day: '2026-02-03', cost: 5_000n, tokens: null },
    { model: 'Large', day: '2026-02-03', cost: 2_000n, tokens: null },
  ]);
  const one = booked({ amountNanoUsd: 3n, lowNanoUsd: 3n, highNanoUsd: 3n });
  const other = booked({
    model: 'large-2026-01-31',
    provider: 'south',
    amountNanoUsd: 4n,
    lowNanoUsd: 4n,
    highNanoUsd: 4n,
  });
  expect(reconcileBill({ days, renamed: new Map() }, [one, other], exact).days).toMatchObject([
    {
      model: 'large',
      billedAs: ['Large', 'large-2026-01-31'],
      targets: ['north/large', 'south/large-2026-01-31'],
      billedNanoUsd: 7n,
      bookedNanoUsd: 7n,
      verdict: 'equal',
    },
  ]);
});

test('tokens that a bill does not tell apart went in where nothing came out, and are not judged elsewhere', () => {
  const line: BillLine = {
    model: 'large',
    day: '2026-02-03',
    cost: null,
    tokens: { side: 'either', millionths: 8_000_000n },
  };
  const told = (change: Partial<BookedDay>) =>
    reconcileBill({ days: daysOf([line]), renamed: new Map() }, [booked(change)], exact).days[0];
  expect(told({ inputTokens: 8n })).toMatchObject({ input: { billed: 8n }, verdict: 'equal' });
  expect(told({ inputTokens: 7n })).toMatchObject({ verdict: 'differs' });
  expect(told({ inputTokens: 3n, outputTokens: 9n })).toMatchObject({ input: { billed: null }, verdict: 'equal' });
});

test('a bill of tokens alone says nothing of money, and one of money nothing of tokens', () => {
  const tokens: BillLine = {
    model: 'large',
    day: '2026-02-03',
    cost: null,
    tokens: { side: 'input', millionths: 1_000_000n },
  };
  const other = booked({ model: 'other', amountNanoUsd: 9n, lowNanoUsd: 9n, highNanoUsd: 9n, inputTokens: 2n });
  const large = booked({ amountNanoUsd: 5n, lowNanoUsd: 5n, highNanoUsd: 5n, inputTokens: 1n });
  expect(reconcileBill({ days: daysOf([tokens]), renamed: new Map() }, [large, other], exact).days).toMatchObject([
    { model: 'large', differenceNanoUsd: null, verdict: 'equal' },
    { model: 'other', differenceNanoUsd: null, input: { billed: 0n, booked: 2n }, verdict: 'onlyInLedger' },
  ]);
  const money: BillLine = { ...tokens, cost: 5_000n, tokens: null };
  expect(reconcileBill({ days: daysOf([money]), renamed: new Map() }, [large], exact).days).toMatchObject([
    { input: { billed: null }, verdict: 'equal' },
  ]);
});

test('a bill of more models by days than can be is refused, and one more line of a known day is not', () => {
  const sums = new BillSums();
  const line = (model: number): BillLine => ({ model: `m${model}`, day: '2026-02-03', cost: 1n, tokens: null });
  for (let model = 0; model < billedDaysMax; model++) sums.add(line(model));
  expect([sums.add(line(billedDaysMax)), sums.add(line(0))]).toEqual([false, true]);
  expect(sums.days).toHaveLength(billedDaysMax);
});
