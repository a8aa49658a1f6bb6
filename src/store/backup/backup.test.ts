import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret, silentLog, silentMetrics } from '../../kernel/index.ts';
import { ArchiveWriter, readArchive } from '../archive/index.ts';
import {
  databaseLimits,
  insertKey,
  listKeys,
  migrate,
  openDatabase,
  readMigrations,
  type Database,
} from '../database/index.ts';
import { withoutGuards } from '../database/withoutGuards.fixture.ts';
import { exampleFinal, exampleIntent, exampleRequest, machineClock } from '../exampleRecords.ts';
import { startShipper } from '../ship/index.ts';
import { openSpool } from '../spool/index.ts';
import { temporaryPostgres, type TemporaryPostgres } from '../temporaryPostgres.ts';
import { verifyLedger } from '../verify/verifyLedger.ts';
import { restoreDatabase, restoreSpool, verifyBackup, writeBackup } from './index.ts';
import { storedTables } from './StoredTable.ts';

const never = new AbortController().signal;

let server: TemporaryPostgres;
let folder: string;
const databases: Database[] = [];

/** A database of its own on the same server. */
const emptyDatabase = async (name: string): Promise<Database> => {
  await server.database.query(`CREATE DATABASE ${name}`);
  const url = new Secret(server.postgres.url.reveal().replace(/\/postgres$/, `/${name}`));
  const database = openDatabase({ url, log: silentLog });
  databases.push(database);
  return database;
};

beforeAll(async () => {
  server = await temporaryPostgres();
  await migrate(server.database);
  folder = mkdtempSync(join(tmpdir(), 'archipel-backup-'));
});
afterAll(async () => {
  for (const database of databases) await database.close();
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
});

const rowsOf = async (database: Database, table: string): Promise<readonly string[]> => {
  const sql = {
    attempt: 'SELECT row::text FROM archipel.attempt AS row',
    request: 'SELECT row::text FROM archipel.request AS row',
  }[table];
  return (await database.query<{ row: string }>(sql ?? '')).map(({ row }) => row).toSorted();
};

const backupTo = (name: string, spoolDirectory: string): ReturnType<typeof writeBackup> =>
  writeBackup({
    path: join(folder, name),
    database: server.database,
    spoolDirectory,
    jobsDirectory: join(folder, 'jobs'),
    configuration: 'version: 1\n',
    program: '0.1.0',
    nowMs: 0,
    signal: never,
  });

/** Texts that COPY must write otherwise than they are. */
const oddTexts = ['tab\there', 'line\nend', 'back\\slash', '\\N', '\\.', 'Ünïcödé 島', ''];

describe('a backup of a ledger', () => {
  let spoolDirectory: string;

  beforeAll(async () => {
    spoolDirectory = join(folder, 'spool');
    const { spool } = await openSpool({
      directory: spoolDirectory,
      clock: machineClock,
      log: silentLog,
      durability: 'group',
    });
    const shipper = startShipper({
      spool,
      database: server.database,
      clock: machineClock,
      log: silentLog,
      metrics: silentMetrics,
    });
    for (const [index, text] of oddTexts.entries()) {
      const intent = exampleIntent({ key: text, startedAtMs: Date.UTC(2026, 9 + (index % 3), 3) });
      const final = exampleFinal(intent);
      spool.append(intent);
      spool.append(final);
      spool.append(exampleRequest([final]));
    }
    await shipper.drain(AbortSignal.timeout(20_000));
    await shipper.stop();
    // Not shipped any more: these are in the spool alone. The last is under way.
    const late = exampleIntent({ key: 'late' });
    spool.append(late);
    spool.append(exampleFinal(late));
    spool.append(exampleIntent({ key: 'under way' }));
    await spool.close();
    const key = {
      organisation: 'default',
      name: 'laptop',
      hash: 'a'.repeat(64),
      hint: 'sk-archipel-abcd',
      team: 'research',
    };
    await insertKey(
      server.database,
      {
        ...key,
        models: ['chat-large'],
        expiresAtMs: null,
        budget: { usd: '38000000000' },
        limits: null,
        createdAtMs: 1,
      },
      { actor: 'ops', atMs: 1 },
    );
    mkdirSync(join(folder, 'jobs', 'sites'), { recursive: true });
    writeFileSync(join(folder, 'jobs', 'sites', 'checkpoint'), 'four');
  });

  test('comes back row by row, with what was in the spool alone, and its ledger is whole [G25]', async () => {
    const summary = await backupTo('whole.tar.gz', spoolDirectory);
    expect(summary).toMatchObject({
      migration: (await readMigrations()).length,
      jobFiles: 1,
      rows: { attempt: 7, request: 7, api_key: 1, audit: 1 },
    });

    const backup = await verifyBackup(summary.path);
    const restored = await emptyDatabase('restored');
    const restoredSpool = join(folder, 'restored-spool');
    await restoreDatabase(restored, backup, never);
    await restoreSpool(backup, restoredSpool, never);
    for (const table of ['attempt', 'request'])
      expect(await rowsOf(restored, table)).toEqual(await rowsOf(server.database, table));
    expect(await listKeys(restored)).toEqual(await listKeys(server.database));

    for (const round of [1, 2]) {
      const { spool, recovered } = await openSpool({
        directory: restoredSpool,
        clock: machineClock,
        log: silentLog,
        durability: 'group',
      });
      expect(recovered.intentsWithoutFinal).toBe(round === 1 ? 1 : 0);
      const shipper = startShipper({
        spool,
        database: restored,
        clock: machineClock,
        log: silentLog,
        metrics: silentMetrics,
      });
      await shipper.drain(AbortSignal.timeout(20_000));
      expect(await verifyLedger(restored, restoredSpool)).toMatchObject({
        checked: { attempts: 9 },
        waiting: 0,
        faults: [],
      });
      await shipper.stop();
      await spool.close();
    }
  });

  test('goes on where it was: the next change is counted behind the last', async () => {
    const backup = await verifyBackup((await backupTo('counters.tar.gz', spoolDirectory)).path);
    const restored = await emptyDatabase('counters');
    await restoreDatabase(restored, backup, never);
    const key = {
      organisation: 'default',
      name: 'second',
      hash: 'b'.repeat(64),
      hint: 'sk-archipel-efgh',
      team: 'research',
    };
    await insertKey(
      restored,
      { ...key, models: null, expiresAtMs: null, budget: null, limits: null, createdAtMs: 2 },
      { actor: 'ops', atMs: 2 },
    );
    const audit = await restored.query<{ id: string }>(
      'SELECT audit_id::text AS id FROM archipel.audit ORDER BY audit_id',
    );
    expect(audit.map(({ id }) => id)).toEqual(['1', '2']);
  });

  test('goes into no database that has records', async () => {
    const backup = await verifyBackup((await backupTo('again.tar.gz', spoolDirectory)).path);
    await expect(restoreDatabase(server.database, backup, never)).rejects.toMatchObject({ code: 'database_not_empty' });
  });

  test('that is broken off leaves no rows, and the next try finds the database empty', async () => {
    const backup = await verifyBackup((await backupTo('broken-off.tar.gz', spoolDirectory)).path);
    const restored = await emptyDatabase('broken');
    const wrong = { ...backup, manifest: { ...backup.manifest, rows: { ...backup.manifest.rows, request: 6 } } };
    await expect(restoreDatabase(restored, wrong, never)).rejects.toMatchObject({ code: 'backup_damaged' });
    expect(await rowsOf(restored, 'attempt')).toEqual([]);
    await restoreDatabase(restored, backup, never);
    expect(await rowsOf(restored, 'attempt')).toHaveLength(7);
  });

  test('that is stopped leaves no file', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    const options = {
      database: server.database,
      spoolDirectory,
      jobsDirectory: join(folder, 'jobs'),
      configuration: null,
      program: '',
      nowMs: 0,
    };
    const refused = writeBackup({ ...options, path: join(folder, 'stopped.tar.gz'), signal: stopped });
    await expect(refused).rejects.toThrow('stopped');
    expect(readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  test('says what is newer than this program instead of reading half of it', async () => {
    const backup = await verifyBackup((await backupTo('newer.tar.gz', spoolDirectory)).path);
    const migrations = [
      ...backup.about.migrations,
      { number: backup.about.migrations.length + 1, name: '9999_later', checksum: 'x' },
    ];
    const later = { ...backup, about: { ...backup.about, migrations } };
    const restored = await emptyDatabase('later');
    await expect(restoreDatabase(restored, later, never)).rejects.toMatchObject({ code: 'backup_newer' });
  });

  test('whose books somebody has changed comes back as it is: verify tells, and what is written later must balance again', async () => {
    await withoutGuards(server.database, (queries) =>
      queries.query("DELETE FROM archipel.journal_line WHERE account LIKE 'spend:%' AND month = '2026-11-01'"),
    );
    const backup = await verifyBackup((await backupTo('unbalanced.tar.gz', spoolDirectory)).path);
    const restored = await emptyDatabase('unbalanced');
    await restoreDatabase(restored, backup, never);
    const { faults } = await verifyLedger(restored, spoolDirectory);
    expect(faults.map(({ kind }) => kind)).toContain('journal_unbalanced');
    const line = "INSERT INTO archipel.journal_line VALUES ('default', '2026-11-01', gen_random_uuid(), 'one', 5)";
    await expect(restored.query(line)).rejects.toThrow('not to 0');
  });
});

describe('a file that is no whole backup is refused:', () => {
  const made = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const writer = await ArchiveWriter.create(join(folder, name), 0);
    for (const [file, content] of Object.entries(files)) await writer.add(file, content);
    await writer.finish();
    return writer.path;
  };
  /** The files of a good backup, to be changed. */
  const goodFiles = async (): Promise<Record<string, string>> => {
    const { path } = await backupTo(`good-${crypto.randomUUID()}.tar.gz`, join(folder, 'no-spool'));
    const files: Record<string, string> = {};
    for await (const { name, body } of readArchive(path)) {
      files[name] = '';
      for await (const part of body) files[name] += part.toString();
    }
    return files;
  };

  test('one without its manifest, which comes last', async () => {
    const { 'manifest.json': _manifest, ...rest } = await goodFiles();
    await expect(verifyBackup(await made('no-manifest.tar.gz', rest))).rejects.toThrow('it has no manifest at its end');
  });

  test('one with a file changed, missing, or too much', async () => {
    const files = await goodFiles();
    const changed = await made('changed.tar.gz', { ...files, 'archipel.yaml': 'version: 2\n' });
    await expect(verifyBackup(changed)).rejects.toThrow('archipel.yaml is not as it was written');
    const { 'archipel.yaml': _file, ...fewer } = files;
    await expect(verifyBackup(await made('fewer.tar.gz', fewer))).rejects.toMatchObject({ code: 'backup_damaged' });
    const { 'manifest.json': manifest = '', ...rest } = files;
    const more = await made('more.tar.gz', { ...rest, extra: 'x', 'manifest.json': manifest });
    await expect(verifyBackup(more)).rejects.toThrow('extra is not as it was written');
    await expect(verifyBackup(await made('behind.tar.gz', { ...files, extra: 'x' }))).rejects.toThrow(
      'something follows its manifest',
    );
    // And as it was, it is good.
    expect(await verifyBackup(await made('same.tar.gz', files))).toMatchObject({ about: { format: 1 } });
  });

  test('one of a later form, by its first file alone', async () => {
    const files = await goodFiles();
    const about = { ...JSON.parse(files['backup.json'] ?? ''), format: 2 };
    const later = await made('form.tar.gz', { ...files, 'backup.json': JSON.stringify(about) });
    await expect(verifyBackup(later)).rejects.toMatchObject({ code: 'backup_newer' });
  });

  test('one that is something else', async () => {
    const path = join(folder, 'text.tar.gz');
    writeFileSync(path, readFileSync(import.meta.filename));
    await expect(verifyBackup(path)).rejects.toMatchObject({ code: 'backup_damaged' });
    await expect(verifyBackup(await made('else.tar.gz', { else: 'x' }))).rejects.toThrow('is no backup');
  });
});

test('no table of the schema refers to another, so that they can be restored in any order', async () => {
  const keys = await server.database.query(
    `SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace = 'archipel'::regnamespace`,
  );
  expect(keys).toEqual([]);
  const session = await server.database.session({ purpose: 'test', queryMs: databaseLimits.copyMs });
  const names = (await storedTables(session)).map(({ name }) => name);
  await session.end();
  expect(names).toContain('attempt');
  expect(names.filter((name) => /_\d{4}_\d{2}$/.test(name) || name === 'migration')).toEqual([]);
});
