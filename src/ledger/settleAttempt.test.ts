import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleIntent } from '../../test/rigs/exampleIntent.ts';
import { declaredPrice } from '../market/index.ts';
import type { AttemptOutcome, Failure, FinalRecord } from '../vocabulary/index.ts';
import { type AttemptEnd, budgetCharge, settleAttempt, settleLost, sumOfLines } from './index.ts';

const intent = exampleIntent;

/** 2 and 8 dollars a million: 2,000 and 8,000 nano-dollars a token. */
const price = declaredPrice(
  { input: 2_000_000_000n, output: 8_000_000_000n },
  { vendor: 'aurora', model: 'aurora-large', source: 'sandbox' },
);

const end = (changes: Partial<AttemptEnd> = {}): AttemptEnd => ({
  intent,
  outcome: { kind: 'ok' },
  reading: { usage: { input: 100, output: 50 }, outputBytes: 200, sent: true, refused: false },
  price,
  discount: '0.1',
  inputEstimateTokens: 90,
  durationMs: 1_000,
  firstContentMs: 100,
  edits: ['model'],
  ...changes,
});

const failed = (failure: Partial<Failure>): AttemptOutcome => ({
  kind: 'failed',
  failure: { class: 'transient', cause: 'reset', ...failure },
});
const nothingSeen = { usage: null, outputBytes: 0, sent: true, refused: false };
const refused = { ...nothingSeen, refused: true };
const buffered = { ...intent, stream: false };

const money = ({ basis, usage, amountNanoUsd, rangeNanoUsd }: FinalRecord) => ({
  basis,
  usage,
  amountNanoUsd,
  rangeNanoUsd,
});

describe('the record of an attempt', () => {
  test('books what the vendor reported, exactly, and keeps who and where', () => {
    const record = settleAttempt(end());
    const { type: _type, holdNanoUsd: _hold, ...identity } = intent;
    expect(record).toEqual({
      ...identity,
      type: 'final',
      firstContentMs: 100,
      durationMs: 1_000,
      outcome: { kind: 'ok' },
      usage: { input: 100, output: 50 },
      basis: 'reported',
      lines: [
        {
          bucket: 'input',
          units: 100,
          priceNanoUsdPerMillion: '2000000000',
          discount: '0.1',
          amountNanoUsd: '180000',
          source: 'sandbox',
        },
        {
          bucket: 'output',
          units: 50,
          priceNanoUsdPerMillion: '8000000000',
          discount: '0.1',
          amountNanoUsd: '360000',
          source: 'sandbox',
        },
      ],
      amountNanoUsd: '540000',
      listNanoUsd: '600000',
      rangeNanoUsd: ['540000', '540000'],
      edits: ['model'],
    });
    expect(budgetCharge(record)).toBe(540_000n);
  });

  test('estimates a whole answer of which the vendor reported nothing', () => {
    expect(money(settleAttempt(end({ reading: { ...nothingSeen, outputBytes: 201 } })))).toEqual({
      basis: 'estimated',
      usage: { input: 90, output: 51 },
      amountNanoUsd: '529200',
      rangeNanoUsd: ['0', '10000000'],
    });
  });

  test('estimates what was cut off after content, from what was seen', () => {
    const cut = end({
      outcome: failed({ class: 'protocol', cause: 'no_terminal_event' }),
      reading: { ...nothingSeen, outputBytes: 400 },
    });
    expect(money(settleAttempt(cut))).toMatchObject({
      basis: 'estimated',
      usage: { input: 90, output: 100 },
      rangeNanoUsd: ['0', '10000000'],
    });
  });

  test('keeps the first part of a report, and takes no first part for the whole', () => {
    const reading = { usage: { input: 7, cacheRead: 30, output: 1 }, outputBytes: 400, sent: true, refused: false };
    expect(settleAttempt(end({ outcome: failed({}), reading })).usage).toEqual({
      input: 7,
      cacheRead: 30,
      output: 100,
    });
    const thinking = { usage: { input: 7, output: 1, reasoning: 200 }, outputBytes: 400, sent: true, refused: false };
    expect(settleAttempt(end({ outcome: { kind: 'cancelled' }, reading: thinking })).usage).toEqual({
      input: 7,
      output: 1,
      reasoning: 200,
    });
  });

  test.each<[string, Partial<Failure>]>([
    ['401', { class: 'operator', cause: 'invalid_api_key', status: 401 }],
    ['429', { class: 'quota', cause: 'rate_limit', status: 429 }],
    ['503', { class: 'transient', cause: 'server_error', status: 503 }],
    [
      '400 for a parameter',
      { class: 'capability', cause: 'unsupported_parameter', status: 400, parameter: 'temperature' },
    ],
  ])('books nothing for a refusal: %s', (_name, failure) => {
    const record = settleAttempt(end({ outcome: failed(failure), reading: refused }));
    expect(money(record)).toEqual({ basis: 'reported', usage: {}, amountNanoUsd: '0', rangeNanoUsd: ['0', '0'] });
    expect(budgetCharge(record)).toBe(0n);
  });

  test.each<[string, Partial<Failure>]>([
    ['content filter', { class: 'content_policy', cause: 'content_filter', status: 400 }],
    ['time-out at the vendor', { class: 'transient', cause: 'server_error', status: 408 }],
    ['prompt too long', { class: 'capability', cause: 'context_length', status: 400 }],
  ])('does not claim to know the cost of refusals that are billed by some: %s', (_name, failure) => {
    const record = settleAttempt(end({ outcome: failed(failure), reading: refused }));
    expect(money(record)).toEqual({ basis: 'unknown', usage: {}, amountNanoUsd: '0', rangeNanoUsd: ['0', '10000000'] });
    expect(budgetCharge(record)).toBe(0n);
  });

  test('books nothing for a request that never left', () => {
    const outcome = failed({ cause: 'connect_refused' });
    expect(money(settleAttempt(end({ outcome, reading: { ...nothingSeen, sent: false } })))).toMatchObject({
      basis: 'reported',
      rangeNanoUsd: ['0', '0'],
    });
    const cancelled = end({ outcome: { kind: 'cancelled' }, reading: { ...nothingSeen, sent: false } });
    expect(settleAttempt(cancelled).basis).toBe('reported');
  });

  test.each<[string, Failure]>([
    ['a reset', { class: 'transient', cause: 'reset' }],
    ['silence', { class: 'transient', cause: 'first_byte_timeout' }],
    ['an error inside the stream', { class: 'transient', cause: 'server_error', status: 529 }],
  ])('leaves open what %s before any content costs, and takes nothing from budgets', (_name, failure) => {
    const record = settleAttempt(
      end({ outcome: { kind: 'failed', failure }, reading: { ...nothingSeen, usage: { input: 90, output: 1 } } }),
    );
    expect(money(record)).toEqual({ basis: 'unknown', usage: {}, amountNanoUsd: '0', rangeNanoUsd: ['0', '10000000'] });
    expect(budgetCharge(record)).toBe(0n);
  });

  test.each([
    [
      { input: 40, output: 3 },
      { input: 40, output: 3 },
    ],
    [null, { input: 90, output: 0 }],
  ])('estimates what was to be the rest of an answer and has no words, by the report %j', (usage, booked) => {
    const outcome = failed({ class: 'protocol', cause: 'continuation_empty' });
    const record = settleAttempt(end({ outcome, reading: { ...nothingSeen, usage }, durationMs: 60_000 }));
    expect(record).toMatchObject({ basis: 'estimated', usage: booked });
    expect(budgetCharge(record)).toBeGreaterThan(0n);
  });

  test('estimates the input where the client went away before any content', () => {
    const record = settleAttempt(end({ outcome: { kind: 'cancelled' }, reading: nothingSeen, durationMs: 0 }));
    expect(money(record)).toEqual({
      basis: 'estimated',
      usage: { input: 90, output: 0 },
      amountNanoUsd: '162000',
      rangeNanoUsd: ['0', '10000000'],
    });
    expect(budgetCharge(record)).toBe(162_000n);
  });

  test('counts the time of an answer that nobody could watch, so that leaving before its end is not free', () => {
    const left = end({ intent: buffered, outcome: { kind: 'cancelled' }, reading: nothingSeen, durationMs: 5_000 });
    expect(settleAttempt(left).usage).toEqual({ input: 90, output: 500 });
    const silent = { ...left, outcome: failed({ cause: 'first_byte_timeout' }) };
    expect(settleAttempt(silent).usage).toEqual({ input: 90, output: 500 });
    // A stream that was left before its first content may have been thinking all the while.
    expect(settleAttempt({ ...left, intent }).usage).toEqual({ input: 90, output: 500 });
  });

  test('bills what was delivered, whatever the transport says of the connection', () => {
    const delivered = end({ outcome: failed({}), reading: { ...nothingSeen, sent: false, outputBytes: 40 } });
    expect(settleAttempt(delivered)).toMatchObject({ basis: 'estimated', usage: { input: 90, output: 10 } });
  });

  test('never estimates unseen output beyond what was held', () => {
    const left = end({ intent: buffered, outcome: { kind: 'cancelled' }, reading: nothingSeen, durationMs: 900_000 });
    const record = settleAttempt(left);
    expect(BigInt(record.amountNanoUsd) <= 10_000_000n).toBe(true);
    expect(BigInt(record.amountNanoUsd) > 9_900_000n).toBe(true);
    const free = { ...buffered, holdNanoUsd: '0' };
    expect(settleAttempt({ ...left, intent: free }).usage).toEqual({ input: 90, output: 0 });
  });

  test('takes counting of tokens for free', () => {
    const counting = end({
      intent: { ...intent, operation: 'countTokens', holdNanoUsd: '0' },
      reading: { ...nothingSeen, outputBytes: 20 },
    });
    expect(money(settleAttempt(counting))).toEqual({
      basis: 'reported',
      usage: {},
      amountNanoUsd: '0',
      rangeNanoUsd: ['0', '0'],
    });
  });

  test('shows what it could not price, and does not claim to know the cost', () => {
    const record = settleAttempt(end({ price: null }));
    expect(record.basis).toBe('unknown');
    expect(record.usage).toEqual({ input: 100, output: 50 });
    expect(record.lines.map(({ bucket, source }) => [bucket, source])).toEqual([
      ['input', 'unpriced'],
      ['output', 'unpriced'],
    ]);
    expect(record.rangeNanoUsd).toEqual(['0', '10000000']);
  });

  test('settles an attempt whose process died as unknown, and takes its whole hold from the budgets', () => {
    const record = settleLost(intent);
    expect(money(record)).toEqual({ basis: 'unknown', usage: {}, amountNanoUsd: '0', rangeNanoUsd: ['0', '10000000'] });
    expect(record.outcome).toEqual({ kind: 'unknown' });
    expect(budgetCharge(record)).toBe(10_000_000n);
  });

  test('always holds its amount within its range and its lines to its amount', () => {
    const anyOutcome = fc.constantFrom<AttemptOutcome>(
      { kind: 'ok' },
      { kind: 'cancelled' },
      { kind: 'unknown' },
      failed({}),
      failed({ cause: 'idle_timeout' }),
      failed({ class: 'content_policy', status: 400 }),
      failed({ class: 'operator', status: 401 }),
    );
    const anyReading = fc.record({
      usage: fc.option(fc.record({ input: fc.nat(), output: fc.nat(), outputAudio: fc.nat({ max: 1 }) })),
      outputBytes: fc.nat(),
      sent: fc.boolean(),
      refused: fc.boolean(),
    });
    fc.assert(
      fc.property(
        anyOutcome,
        anyReading,
        fc.boolean(),
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        fc.nat({ max: 1_000_000 }),
        (outcome, reading, stream, hold, durationMs) => {
          const record = settleAttempt(
            end({ intent: { ...intent, stream, holdNanoUsd: hold.toString() }, outcome, reading, durationMs }),
          );
          const [lower, upper] = record.rangeNanoUsd.map(BigInt) as [bigint, bigint];
          const amount = BigInt(record.amountNanoUsd);
          expect(sumOfLines(record.lines)).toBe(amount);
          expect(lower <= amount && amount <= upper).toBe(true);
          expect(record.basis !== 'reported' || lower === upper).toBe(true);
          const charge = budgetCharge(record);
          expect(charge >= amount && charge <= upper).toBe(true);
        },
      ),
    );
  });
});
