import { describe, expect, test } from 'vitest';
import type { AttemptRow, LedgerRows } from './ledgerRows.ts';
import type { Outcome } from './load.ts';
import { faultsOfAnswers, reconcile, type VendorAccount } from './reconcile.ts';

const attempt = (index: number, more: Partial<AttemptRow> = {}): AttemptRow => ({
  attemptId: `attempt-${index}`,
  requestId: `request-${index}`,
  attempt: 1,
  provider: 'north',
  vendor: 'north',
  target: 'north/small',
  stream: false,
  outcome: { kind: 'ok' },
  basis: 'reported',
  input: 3,
  output: 2,
  amountNanoUsd: 100n,
  lowNanoUsd: 100n,
  highNanoUsd: 100n,
  ...more,
});

const lost = (index: number): AttemptRow =>
  attempt(index, {
    outcome: { kind: 'unknown' },
    basis: 'unknown',
    amountNanoUsd: 0n,
    lowNanoUsd: 0n,
    highNanoUsd: 500n,
  });

const rowsOf = (...attempts: AttemptRow[]): LedgerRows => ({
  attempts,
  requests: attempts.map(({ requestId, attemptId }) => ({
    requestId,
    status: 200,
    errorCode: null,
    attemptIds: [attemptId],
    decisions: [],
  })),
});

const outcome = (index: number, more: Partial<Outcome> = {}): Outcome => ({
  index,
  wire: 'openai',
  via: 'http',
  stream: false,
  status: 200,
  requestId: `request-${index}`,
  target: 'north/small',
  attempts: 1,
  vendorRequestId: `vendor-${index}`,
  errorCode: null,
  fault: null,
  usage: { input: 3, output: 2 },
  tokens: 2,
  askedAtMs: 0,
  durationMs: 1,
  ...more,
});

const account = (requests: number, ...bill: VendorAccount['bill']): VendorAccount => ({
  name: 'north',
  providers: new Set(['north']),
  requests,
  bill,
});
const line = (index: number, nanoUsd = 100n, complete = true): VendorAccount['bill'][number] => ({
  atMs: 0,
  requestId: `vendor-${index}`,
  model: 'small',
  tokens: {},
  nanoUsd,
  complete,
});

describe('a ledger and a bill', () => {
  test('that agree have no fault, and each answer is matched by its id', () => {
    const found = reconcile(rowsOf(attempt(1), attempt(2)), account(2, line(1), line(2)), [outcome(1), outcome(2)]);
    expect(found.faults).toEqual([]);
    expect(found.matchedById).toBe(2);
  });

  test('agree where what is unknown was billed within its range', () => {
    expect(reconcile(rowsOf(attempt(1), lost(2)), account(2, line(1), line(2, 450n)), []).faults).toEqual([]);
    expect(reconcile(rowsOf(attempt(1), lost(2)), account(1, line(1)), []).faults).toEqual([]);
  });

  test.each([
    ['a nano-dollar is missing', rowsOf(attempt(1)), account(1, line(1, 101n))],
    ['an answer is billed that has no attempt', rowsOf(attempt(1)), account(2, line(1), line(2))],
    ['an attempt is on no bill', rowsOf(attempt(1), lost(2)), account(2, line(2, 99n))],
    ['the bill is above the range', rowsOf(attempt(1), lost(2)), account(2, line(1), line(2, 501n))],
    ['a call reached the vendor that has no attempt', rowsOf(attempt(1), lost(2)), account(3, line(1))],
    ['an attempt says it was answered and never arrived', rowsOf(attempt(1)), account(0, line(1))],
  ])('do not agree where %s', (_what, rows, bill) => {
    expect(reconcile(rows, bill, []).faults).not.toEqual([]);
  });

  test('do not agree where two answers have each other’s amounts', () => {
    const rows = rowsOf(attempt(1), attempt(2, { amountNanoUsd: 70n, lowNanoUsd: 70n, highNanoUsd: 70n }));
    const found = reconcile(rows, account(2, line(1, 70n), line(2, 100n)), [outcome(1), outcome(2)]);
    expect(found.faults).toHaveLength(2);
  });
});

describe('answers and their records', () => {
  test('that agree have no fault; what was cut off need not have a record', () => {
    expect(faultsOfAnswers(rowsOf(attempt(1)), [outcome(1), outcome(2, { fault: 'broken off' })])).toEqual([]);
  });

  test.each([
    ['the record is missing', rowsOf(), outcome(1)],
    ['the attempt is missing', { ...rowsOf(attempt(1)), attempts: [] }, outcome(1)],
    ['an attempt has two finals', rowsOf(attempt(1), attempt(1)), outcome(1)],
    ['the attempt is unknown', rowsOf(lost(1)), outcome(1)],
    ['it went elsewhere', rowsOf(attempt(1, { target: 'south/small' })), outcome(1)],
    ['the text has other tokens', rowsOf(attempt(1)), outcome(1, { usage: null, tokens: 1 })],
    ['the usage is another', rowsOf(attempt(1, { output: 9 })), outcome(1)],
    ['the client was told of another number of attempts', rowsOf(attempt(1)), outcome(1, { attempts: 2 })],
  ])('do not agree where %s', (_what, rows, answered) => {
    expect(faultsOfAnswers(rows, [answered])).not.toEqual([]);
  });
});
