import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLedger, type TestLedger } from './openTestLedger.fixture.ts';
import { organisationsNamed, organisationsOf } from './organisationsOf.ts';
import { testConfiguration, testFile } from './testConfiguration.fixture.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());

const { configuration } = testConfiguration(testFile({ organisations: { default: {}, abroad: {} } }));

test('what a file names has records, or will have', async () => {
  expect(organisationsNamed(configuration)).toEqual(['default', 'abroad']);
  expect(await organisationsOf(ledger.database, configuration)).toEqual(['default', 'abroad']);
});

test('one that the file no longer names is there as long as the ledger knows it, once', async () => {
  await ledger.book(
    { amountNanoUsd: '1' },
    { amountNanoUsd: '1', organisation: 'removed' },
    { amountNanoUsd: '1', organisation: 'removed', startedAtMs: Date.UTC(2026, 5, 1) },
    { amountNanoUsd: '1', organisation: 'Zweite' },
  );
  const known = await organisationsOf(ledger.database, configuration);
  expect(known.toSorted()).toEqual(['Zweite', 'abroad', 'default', 'removed']);
  expect(organisationsNamed(configuration)).toEqual(['default', 'abroad']);
});
