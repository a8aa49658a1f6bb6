import { expect, test } from 'vitest';
import { CodedError } from '../kernel/index.ts';
import { storeErrors } from '../store/index.ts';
import { Control, type ControlParts } from './Control.ts';

/** A request that is in memory whole, and a database that may be asked for its corrections. */
const controlOf = (query: () => Promise<readonly object[]>): Control => {
  const known = { request: { organisation: 'o', attemptIds: [] }, attempts: [] };
  const ledger = { database: { absence: null, query }, spool: { recent: () => known } };
  // tidy-allow cast: of all parts only the ledger is asked, and of it only these
  return new Control({ ledger } as unknown as ControlParts);
};

const correctionsOf = async (query: () => Promise<readonly object[]>): Promise<unknown> => {
  const answer = await controlOf(query).request('01938f2c-0000-7000-8000-000000000000');
  return answer.ok ? answer.value : answer.fault;
};

test('a request that is in memory is told without its corrections where the database hangs or fails, and says so', async () => {
  const unknown = { request: { organisation: 'o', attemptIds: [] }, attempts: [], corrections: null };
  expect(await correctionsOf(() => Promise.withResolvers<readonly object[]>().promise)).toEqual(unknown);
  const gone = new CodedError('database_unavailable', storeErrors.database_unavailable, 'It is away.');
  expect(await correctionsOf(() => Promise.reject(gone))).toEqual(unknown);
});

test('a request that was never corrected is told as it is', async () => {
  const asItIs = { request: { organisation: 'o', attemptIds: [] }, attempts: [] };
  expect(await correctionsOf(() => Promise.resolve([]))).toEqual(asItIs);
});
