import { expect, test } from 'vitest';
import type { Outcome } from '../../test/rigs/load.ts';
import type { BillLine } from '../../test/rigs/rivals.ts';
import { judgeBudget, type Spending } from './judgeBudget.ts';

const outcome = (askedAtMs: number, more: Partial<Outcome>): Outcome => ({
  index: 0,
  wire: 'openai',
  via: 'http',
  stream: true,
  status: 200,
  requestId: `${askedAtMs}`,
  target: 'aurora/chat-small',
  attempts: 1,
  vendorRequestId: null,
  errorCode: null,
  fault: null,
  usage: null,
  tokens: 1,
  askedAtMs,
  durationMs: 10,
  ...more,
});

const refusal = (askedAtMs: number): Outcome =>
  outcome(askedAtMs, { status: 402, errorCode: 'budget_exhausted', fault: 'status 402' });

const line = (requestId: string, atMs: number, nanoUsd: bigint): BillLine => ({
  atMs,
  requestId,
  model: 'chat-small',
  tokens: {},
  nanoUsd,
  complete: true,
});

const spending = (more: Partial<Spending>): Spending => ({
  capNanoUsd: 1_000n,
  boundNanoUsd: 0n,
  samples: [],
  bill: [line('one', 100, 500n)],
  outcomes: [outcome(10, {})],
  troubles: [],
  unknown: [],
  ...more,
});

test('a budget that is kept has no fault', () => {
  expect(judgeBudget(spending({}))).toMatchObject({
    spentNanoUsd: 500n,
    mostOverNanoUsd: -500n,
    served: 1,
    faults: [],
  });
});

test('a cap that was exceeded at one sampled moment, or in the end, is a fault; within the stated bound it is none', () => {
  const samples = [{ atMs: 50, billNanoUsd: 1_001n, underWay: 0 }];
  const end = [line('one', 100, 1_002n)];
  expect(judgeBudget(spending({ samples })).faults).toHaveLength(1);
  expect(judgeBudget(spending({ bill: end })).faults).toHaveLength(1);
  expect(judgeBudget(spending({ samples, bill: end, boundNanoUsd: 2n })).faults).toEqual([]);
});

test('who is refused while there is room was blocked falsely, and what a call under way still costs takes room', () => {
  const samples = [
    { atMs: 0, billNanoUsd: 0n, underWay: 0 },
    { atMs: 15, billNanoUsd: 0n, underWay: 1 },
  ];
  const figures = (outcomes: readonly Outcome[]): object =>
    judgeBudget(spending({ samples, bill: [line('one', 100, 900n)], outcomes }));
  expect(figures([refusal(1)])).toMatchObject({ blocked: 1, falselyBlocked: 1 });
  expect(figures([refusal(10)])).toMatchObject({ blocked: 1, falselyBlocked: 0 });
});

test('who is refused while a replica is away is told apart', () => {
  const troubles = [{ fromMs: 0, untilMs: 5 }];
  const figures = judgeBudget(spending({ outcomes: [refusal(0), refusal(6)], troubles }));
  expect(figures).toMatchObject({ askedWithRoom: 2, falselyBlocked: 1, falselyBlockedInTrouble: 1 });
});

test('what died takes room at the most that it can have cost, beyond what any line of the bill is, and by the bills alone it does not', () => {
  const samples = [{ atMs: 0, billNanoUsd: 0n, underWay: 0 }];
  const judged = (mostNanoUsd: bigint): object =>
    judgeBudget(spending({ samples, outcomes: [refusal(1), refusal(20)], unknown: [{ atMs: 25, mostNanoUsd }] }));
  expect(judged(1_399n)).toMatchObject({ askedWithRoom: 2, falselyBlocked: 2, byBills: { falselyBlocked: 2 } });
  expect(judged(1_400n)).toMatchObject({ askedWithRoom: 1, falselyBlocked: 1, byBills: { falselyBlocked: 2 } });
});

test('who is told to come again, since the replica has no room, was blocked as well', () => {
  const unleased = outcome(1, { status: 503, errorCode: 'ledger_unavailable', fault: 'status 503' });
  const samples = [{ atMs: 0, billNanoUsd: 0n, underWay: 0 }];
  expect(judgeBudget(spending({ samples, outcomes: [unleased] }))).toMatchObject({
    blocked: 1,
    unleased: 1,
    falselyBlocked: 1,
  });
});

test('a stream that its budget ended is blocked, one that broke off is not', () => {
  const cut = outcome(0, { fault: 'in-band error: budget_exhausted' });
  const broken = outcome(0, { fault: 'broken off: SocketError' });
  expect(judgeBudget(spending({ outcomes: [cut, broken] }))).toMatchObject({ served: 0, blocked: 1 });
});
