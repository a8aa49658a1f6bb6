import type { IntentRecord } from '../../src/vocabulary/index.ts';

/** An attempt before its vendor hears of it; a test changes what it is about. */
export const exampleIntent: IntentRecord = {
  type: 'intent',
  attemptId: '01938f2c-0000-7000-8000-000000000001',
  requestId: '01938f2c-0000-7000-8000-000000000000',
  attempt: 1,
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
  stream: true,
  contract: 'aurora-pool',
  startedAtMs: 1_700_000_000_000,
  holdNanoUsd: '10000000',
};
