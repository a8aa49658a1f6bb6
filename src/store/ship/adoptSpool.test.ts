import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog, type Log } from '../../kernel/index.ts';
import type { Database } from '../database/index.ts';
import { exampleFinal, exampleIntent, exampleRequest, machineClock } from '../exampleRecords.ts';
import { openSpool } from '../spool/index.ts';
import { migratedPostgres } from '../migratedPostgres.fixture.ts';
import { verifyLedger } from '../verify/verifyLedger.ts';
import { adoptSpool } from './adoptSpool.ts';

const { database } = migratedPostgres();

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'archipel-adopt-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const openIn = (directory: string) =>
  openSpool({ directory, clock: machineClock, log: silentLog, durability: 'strict', limits: { reserveBytes: 4096 } });

/** What a machine that is gone left: whole attempts of two organisations with their requests, and some that were cut off. */
const orphanSpool = async (
  whole = 12,
  cutOff = 3,
): Promise<{ readonly directory: string; readonly instance: string }> => {
  const living = temporaryFolder();
  const { spool } = await openIn(living);
  for (let index = 0; index < whole; index += 1) {
    const organisation = index % 2 === 0 ? 'default' : 'foreign';
    const intent = exampleIntent({ organisation });
    const final = exampleFinal(intent);
    spool.append(intent);
    spool.append(final);
    spool.append(exampleRequest([final], { organisation, attemptIds: [final.attemptId] }));
  }
  for (let index = 0; index < cutOff; index += 1) spool.append(exampleIntent());
  await spool.flush();
  const directory = temporaryFolder();
  cpSync(living, directory, { recursive: true });
  rmSync(join(directory, 'spool.lock'), { force: true });
  const { instance } = spool;
  await spool.close();
  return { directory, instance };
};

const adopt = (directory: string, more: Partial<Parameters<typeof adoptSpool>[0]> = {}) =>
  adoptSpool({
    directory,
    database,
    clock: machineClock,
    log: silentLog,
    signal: AbortSignal.timeout(20_000),
    limits: { batchRecords: 8, lingerMs: 1, backoffMs: 1, backoffMsMax: 2 },
    ...more,
  });

const outcomes = async (): Promise<readonly string[]> =>
  (await database.query<{ kind: string }>('SELECT outcome_kind AS kind FROM archipel.attempt ORDER BY 1')).map(
    ({ kind }) => kind,
  );

const times = (count: number, kind: string): readonly string[] => Array.from({ length: count }, () => kind);

test('the spool of a machine that is gone is in the ledger whole, what was cut off as unknown, and is used by nobody again', async () => {
  const { directory, instance } = await orphanSpool();
  await database.query(
    `INSERT INTO archipel.budget_lease (
       organisation_id, scope, window_from_ms, replica, window_until_ms, granted_nano_usd, used_nano_usd, wanted_nano_usd, turned_at, expires_at
     ) VALUES ('default', 'key:demo', 0, $1, 9, 5, 0, 0, now(), now())`,
    [instance],
  );
  const adopted = await adopt(directory);
  expect(adopted).toEqual({
    instance,
    wasAdopted: false,
    intentsWithoutFinal: 3,
    finals: 15,
    requests: 12,
    tornBytes: 0,
  });
  expect(await outcomes()).toEqual([...times(12, 'ok'), ...times(3, 'unknown')]);
  expect(await database.query('SELECT FROM archipel.budget_lease')).toEqual([]);
  expect((await verifyLedger(database, directory)).faults).toEqual([]);
  await expect(openIn(directory)).rejects.toMatchObject({ code: 'spool_adopted', row: { status: 2 } });
  expect(await adopt(directory)).toMatchObject({ instance, wasAdopted: true, finals: 0 });
  expect(await outcomes()).toHaveLength(15);
});

/** Loses the answer of one transaction, before it holds or after it. */
const losing = (which: number, when: 'before' | 'after', lost: () => void): Database => {
  let seen = 0;
  return {
    ...database,
    async transaction(act) {
      seen += 1;
      if (seen < which) return database.transaction(act);
      if (when === 'after') await database.transaction(act);
      lost();
      throw new Error('the process is gone');
    },
  };
};

test.each(['before', 'after'] as const)(
  'it can be ended %s each shipment and begun again, and nothing is lost or there twice',
  async (when) => {
    const { directory } = await orphanSpool();
    const { length: files } = readdirSync(directory);
    let ended = 0;
    for (let which = 1; which <= 20; which += 1) {
      const gone = new AbortController();
      const once = await adopt(directory, {
        database: losing(which, when, () => gone.abort(new Error('gone'))),
        signal: gone.signal,
      }).catch((error: unknown) => error);
      if (!(once instanceof Error)) break;
      ended += 1;
      expect(once).toMatchObject({ code: 'database_unavailable' });
    }
    expect(ended).toBeGreaterThan(0);
    expect(files).toBeGreaterThan(0);
    expect(await adopt(directory)).toMatchObject({ wasAdopted: true });
    expect(await outcomes()).toEqual([...times(12, 'ok'), ...times(3, 'unknown')]);
    expect((await verifyLedger(database, directory)).faults).toEqual([]);
  },
);

test('a spool that a process holds is left alone, here by its lock and elsewhere by its beats', async () => {
  const held = temporaryFolder();
  const { spool } = await openIn(held);
  spool.append(exampleIntent());
  await spool.flush();
  await expect(adopt(held)).rejects.toMatchObject({ code: 'data_dir_live' });
  await spool.close();

  const { directory, instance } = await orphanSpool();
  const self = { instance, host: 'elsewhere', pid: 7, version: '1', configurationHash: 'x', startedAtMs: 0, base: 0 };
  const beat = "SELECT archipel.beat($1, '[]', '18 s', '300 s')";
  await database.query(beat, [JSON.stringify(self)]);
  await expect(adopt(directory)).rejects.toMatchObject({
    code: 'data_dir_live',
    message: expect.stringContaining('lives, perhaps on another machine'),
  });
  expect(await outcomes()).toEqual([]);
  await database.query("UPDATE archipel.replica SET beaten_at = beaten_at - interval '1 minute'");
  await adopt(directory);
  expect(await outcomes()).toHaveLength(15);
  expect(await database.query('SELECT FROM archipel.replica')).toEqual([]);
});

test('a torn tail is cut and told, damage before it is told with its place and changes nothing', async () => {
  const { directory } = await orphanSpool();
  const segment = readdirSync(directory).find((name) => name.endsWith('.spool')) ?? '';
  const path = join(directory, segment);
  const { length } = readFileSync(path);
  appendFileSync(path, Buffer.alloc(37, 1));
  const told: unknown[] = [];
  const log: Log = { ...silentLog, warn: (event, fields) => void told.push([event, fields]) };
  const damaged = temporaryFolder();
  cpSync(directory, damaged, { recursive: true });
  expect(await adopt(directory, { log })).toMatchObject({ tornBytes: 37, finals: 15 });
  expect(told).toEqual([['spool tail was torn and is cut', { segment: 1, offset: length, tornBytes: 37 }]]);

  const bytes = readFileSync(join(damaged, segment));
  bytes[200] = (bytes[200] ?? 0) ^ 0xff;
  writeFileSync(join(damaged, segment), bytes);
  await expect(adopt(damaged)).rejects.toMatchObject({
    code: 'spool_damaged',
    message: expect.stringMatching(/segment-000000000001\.spool is damaged at byte \d+/),
  });
  expect(readFileSync(join(damaged, segment)).equals(bytes)).toBe(true);
  await expect(adopt(temporaryFolder())).rejects.toMatchObject({ code: 'spool_missing' });
});
