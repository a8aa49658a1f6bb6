import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SettledDay } from '../http/index.ts';
import { listAudit, verifyLedger } from '../store/index.ts';
import { Balances } from './Balances.ts';
import { machineIds } from './machine.ts';
import { noonMs, openTestLedger, type Attempt, type TestLedger } from './openTestLedger.fixture.ts';
import { settleBill } from './settleBill.ts';
import { testConfiguration, testFile } from './testConfiguration.fixture.ts';
import { usageReport } from './usageReport.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(() => ledger.empty());

const day = '2026-11-15';
const targets = ['aurora/aurora-large'];
const organisations = ['default', 'abroad'];

const settle = async (...days: readonly SettledDay[]) =>
  JSON.parse(
    JSON.stringify(
      await settleBill(
        { invoice: 'november.csv', days },
        { database: ledger.database, organisations, ids: machineIds(), nowMs: noonMs, by: 'ops' },
      ),
    ),
  );

const booked = async (): Promise<Record<string, unknown>> => {
  const report = await usageReport(ledger.database, organisations, { groupBy: 'day', fromMs: null, toMs: null });
  return JSON.parse(JSON.stringify(report));
};

/** What does not hold of the books; that attempts of earlier tests are gone from them is none of it. */
const faults = async (): Promise<readonly unknown[]> => {
  const report = await verifyLedger(ledger.database, ledger.ledger.spool.directory);
  return report.faults.filter(({ kind }) => kind !== 'missing_attempt');
};

const known: Attempt = { amountNanoUsd: '1000' };
const lost: Attempt = {
  amountNanoUsd: '0',
  basis: 'unknown',
  usage: {},
  rangeNanoUsd: ['0', '300'],
  outcome: { kind: 'unknown' },
};
const cut: Attempt = { amountNanoUsd: '40', basis: 'estimated', rangeNanoUsd: ['0', '100'] };

/** The amount, its bounds, and what may come on top of it. */
const sums = (amount: string, low = amount, high = amount, more = '0') => ({
  rows: [{ amountNanoUsd: amount, rangeLowNanoUsd: low, rangeHighNanoUsd: high, unknownUpToNanoUsd: more }],
  totalNanoUsd: amount,
});

describe('a bill that lies within the bounds of what was not reported', () => {
  test('is what the ledger has afterwards, in all organisations together, and the books are whole', async () => {
    await ledger.book(known, lost, { ...cut, organisation: 'abroad', contract: 'pool' });
    expect(await booked()).toMatchObject(sums('1040', '1000', '1400', '360'));
    expect(await settle({ day, targets, billedNanoUsd: '1201' })).toEqual({
      attempts: 2,
      days: [{ day, targets, outcome: 'settled', attempts: 2 }],
    });
    expect(await booked()).toMatchObject(sums('1201'));
    expect(await faults()).toEqual([]);
    const written = await ledger.database.query(
      `SELECT organisation_id AS organisation, revision, amount_nano_usd::text AS amount, lines->0->>'source' AS source
       FROM archipel.attempt WHERE revision > 0 ORDER BY organisation_id`,
    );
    expect(written).toEqual([
      { organisation: 'abroad', revision: 1, amount: '10', source: 'bill november.csv' },
      { organisation: 'default', revision: 1, amount: '151', source: 'bill november.csv' },
    ]);
  });

  test('is audited with who settled by it and with its days', async () => {
    const settled = { day, targets, billedNanoUsd: '7' };
    await settle(settled);
    expect((await listAudit(ledger.database, 'default', 1))[0]).toMatchObject({
      actor: 'ops',
      atMs: noonMs,
      action: 'ledger.settle',
      subject: 'november.csv',
      detail: { days: [settled] },
    });
  });

  test('settles nothing a second time', async () => {
    await ledger.book(known, lost, cut);
    await settle({ day, targets, billedNanoUsd: '1200' });
    expect(await settle({ day, targets, billedNanoUsd: '1200' })).toMatchObject({
      attempts: 0,
      days: [{ outcome: 'nothingOpen' }],
    });
    expect(await booked()).toMatchObject(sums('1200'));
  });

  test('makes a cost known that was told right before, without an amount', async () => {
    await ledger.book(known, cut);
    expect(await settle({ day, targets, billedNanoUsd: '1040' })).toMatchObject({ attempts: 1 });
    expect(await booked()).toMatchObject(sums('1040'));
    expect(await faults()).toEqual([]);
  });

  test('settles the rest where a part was settled before', async () => {
    const [, late] = await ledger.book(known, lost);
    await settle({ day, targets, billedNanoUsd: '1300' });
    await ledger.book(cut);
    expect(await settle({ day, targets, billedNanoUsd: '1377' })).toMatchObject({ attempts: 1 });
    expect(await booked()).toMatchObject(sums('1377'));
    const revisions = await ledger.database.query('SELECT revision FROM archipel.attempt WHERE attempt_id = $1', [
      late!.attemptId,
    ]);
    expect(revisions).toHaveLength(2);
  });
});

test.each(['999', '1401'])('a bill of %s beyond the bounds settles nothing', async (billedNanoUsd) => {
  await ledger.book(known, lost, cut);
  expect(await settle({ day, targets, billedNanoUsd })).toEqual({
    attempts: 0,
    days: [{ day, targets, outcome: 'beyondBounds', attempts: 0 }],
  });
  expect(await booked()).toMatchObject(sums('1040', '1000', '1400', '360'));
});

test('other targets and other days are left as they are', async () => {
  await ledger.book(lost, { ...lost, provider: 'other' }, { ...lost, startedAtMs: noonMs - 86_400_000 });
  expect(await settle({ day, targets, billedNanoUsd: '7' })).toMatchObject({ attempts: 1 });
  expect(await booked()).toMatchObject({ totalNanoUsd: '7' });
  const open = await ledger.database.query(
    'SELECT 1 FROM archipel.attempt GROUP BY attempt_id HAVING sum(range_high_nano_usd) > sum(range_low_nano_usd)',
  );
  expect(open).toHaveLength(2);
});

test('a budget in memory has what the bill left of what it took at the most, once it was told that the ledger was corrected', async () => {
  const [final] = await ledger.book(lost);
  const { configuration } = testConfiguration(
    testFile({ teams: { research: { budget: { usd: '100', window: 'month', hard: true } } } }),
  );
  const balances = new Balances(ledger.database, configuration);
  await balances.configure(configuration, new Map(), noonMs);
  const spent = () => balances.budgets.standing('team:research', noonMs)?.spentNanoUsd;
  expect([final!.rangeNanoUsd[1], spent()]).toEqual(['300', 300n]);
  await settle({ day, targets, billedNanoUsd: '120' });
  expect(balances.isExact).toBe(true);
  balances.corrected();
  expect(balances.isExact).toBe(false);
  const { shipper, spool } = ledger.ledger;
  await shipper.between((shipped) => balances.confirm(shipped, spool, ledger.clock), AbortSignal.timeout(20_000));
  expect([spent(), balances.isExact]).toEqual([120n, true]);
});
