import { expect, test } from 'vitest';
import { settleLost } from '../ledger/index.ts';
import type { FinalRecord, IntentRecord, RequestRecord } from '../vocabulary/index.ts';
import { RecentRecords } from './RecentRecords.ts';

const finalOf = (requestId: string, attempt: number): FinalRecord => {
  const intent: IntentRecord = {
    type: 'intent',
    attemptId: `${requestId}-${attempt}`,
    requestId,
    attempt,
    organisation: 'default',
    team: 'research',
    key: 'demo',
    model: 'chat-large',
    provider: 'aurora',
    targetModel: 'aurora-large',
    vendor: 'aurora',
    hosts: { north: 1 },
    jurisdiction: null,
    lab: null,
    region: null,
    wire: 'openai',
    operation: 'generate',
    stream: false,
    contract: null,
    startedAtMs: 0,
    holdNanoUsd: '0',
  };
  return settleLost(intent);
};

const requestOf = (requestId: string, finals: readonly FinalRecord[]): RequestRecord => ({
  type: 'request',
  requestId,
  organisation: 'default',
  team: 'research',
  key: 'demo',
  model: 'chat-large',
  wire: 'openai',
  operation: 'generate',
  stream: false,
  startedAtMs: 0,
  durationMs: 1,
  status: 200,
  errorCode: null,
  decisions: [],
  attemptIds: finals.map(({ attemptId }) => attemptId),
});

test('a request is found with its attempts in their order, whatever came in between', () => {
  const recent = new RecentRecords();
  const [first, second] = [finalOf('one', 1), finalOf('one', 2)];
  const request = requestOf('one', [first, second]);
  recent.add(first);
  recent.add(finalOf('other', 1));
  recent.add(request);
  recent.add(second);
  expect(recent.find('one')).toEqual({ request, attempts: [first, second] });
  expect(recent.find('other')).toEqual({ request: null, attempts: [finalOf('other', 1)] });
  expect(recent.find('nobody')).toBeNull();
});

test('the last 2,000 requests are known, and no more are kept', () => {
  const recent = new RecentRecords();
  for (let index = 0; index < 4_500; index++) {
    const final = finalOf(`r${index}`, 1);
    recent.add(final);
    recent.add(requestOf(`r${index}`, [final]));
  }
  for (const id of ['r2500', 'r4499']) expect(recent.find(id)?.attempts).toHaveLength(1);
  expect(recent.find('r2499')).toBeNull();
});
