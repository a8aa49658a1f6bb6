// The ledger of the sandbox against the bills that its vendors kept, written as vendors write theirs.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { costRows, writeCosts } from '../rigs/costExport.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { readBill, type BillLine } from '../rigs/rivals.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const vendors = ['aurora', 'borealis', 'cascade'];

let server: Server;
let folder = '';

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startServer();
});
afterAll(async () => {
  await removeServer(server);
  removeFolder(folder);
});

const ask = (content: string, stream: boolean): Promise<string> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.key}` },
    body: JSON.stringify({ model: 'chat-large', stream, messages: [{ role: 'user', content }] }),
  }).then((answer) => answer.text());

const cutStreams = (vendor: string): Promise<unknown> =>
  fetch(`${server.adminUrl}/sandbox/vendors/${vendor}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.adminKey}` },
    body: JSON.stringify({ fault: 'cut-mid-stream' }),
  });

const billOf = (vendor: string): readonly BillLine[] =>
  readBill(join(server.dataDir, 'sandbox/bills', `${vendor}.bill.jsonl`));

/** Writes the bills of all vendors as one. @returns its path */
const writeBill = (name: string, rows: readonly string[]): string => {
  const path = join(folder, name);
  writeCosts(path, rows);
  return path;
};

const reconcile = async (invoice: string, ...more: readonly string[]) => {
  const providers = vendors.flatMap((vendor) => ['--provider', vendor]);
  const where = ['--data-dir', server.dataDir, '--json', '--tolerance', '0'];
  const { code, stdout } = await runArchipel(['reconcile', '--invoice', invoice, ...providers, ...where, ...more]);
  return { code, told: JSON.parse(stdout) };
};

test('bills of the sandbox are what was booked, a changed one differs by its change, and a cut answer lies within its bounds until it is settled', async () => {
  for (const content of ['Hello', 'How are you?', 'Goodbye']) await ask(content, false);
  const rows = vendors.flatMap(billOf).flatMap(costRows);
  expect(rows.length).toBeGreaterThanOrEqual(6);
  const same = await reconcile(writeBill('same.csv', rows));
  expect([same.code, same.told.differing, same.told.differenceNanoUsd]).toEqual([0, 0, '0']);
  expect(same.told.billedNanoUsd).toBe(same.told.bookedNanoUsd);
  expect(same.told.days.every((day: { unreported: number }) => day.unreported === 0)).toBe(true);

  const more = rows[0]!.replace(/,[^,]+,USD,Usage,\d+,/, ',0.000000123,USD,Usage,0,');
  const changed = await reconcile(writeBill('changed.csv', [...rows, more]));
  expect([changed.code, changed.told.differing, changed.told.differenceNanoUsd]).toEqual([5, 1, '123']);

  await Promise.all(vendors.map(cutStreams));
  await ask('Count to ten', true);
  const bill = writeBill('cut.csv', vendors.flatMap(billOf).flatMap(costRows));
  const cut = await reconcile(bill);
  expect([cut.code, cut.told.differing]).toEqual([0, 0]);
  expect(BigInt(cut.told.rangeHighNanoUsd)).toBeGreaterThan(BigInt(cut.told.rangeLowNanoUsd));

  const settled = await reconcile(bill, '--settle', '--to', '2100-01-01');
  expect(settled.told.settledAttempts).toBeGreaterThan(0);
  const { billedNanoUsd } = settled.told;
  expect(settled.told).toMatchObject({
    bookedNanoUsd: billedNanoUsd,
    rangeLowNanoUsd: billedNanoUsd,
    rangeHighNanoUsd: billedNanoUsd,
    differing: 0,
  });
  const again = await reconcile(bill, '--settle', '--to', '2100-01-01');
  expect(again.told).toMatchObject({ settledAttempts: 0, bookedNanoUsd: billedNanoUsd });
  const { code, stdout } = await runArchipel(['ledger', 'verify', '--data-dir', server.dataDir, '--json']);
  expect([code, JSON.parse(stdout).faults]).toEqual([0, []]);
}, 90_000);
