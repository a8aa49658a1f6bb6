import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CodedError, Secret, silentLog } from '../../kernel/index.ts';
import { processLives } from '../dataDir/processIdentity.ts';
import { openDatabase } from '../database/index.ts';
import { platformPackage, prepareNativePostgres } from './nativePostgres.ts';
import { startEmbeddedPostgres } from './startEmbeddedPostgres.ts';
import type { EmbeddedPostgres } from './startEmbeddedPostgres.ts';
import { closedFolder, isReachableBy, postgresUser } from './SystemUser.ts';

const temporary = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'archipel-postgres-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const start = async (dataDir: string): Promise<EmbeddedPostgres> => {
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
  onTestFinished(() => postgres.stop());
  return postgres;
};

const ask = async (postgres: EmbeddedPostgres, sql: string): Promise<unknown> => {
  const database = openDatabase({ url: postgres.url, log: silentLog });
  try {
    const [row] = await database.query<{ answer: unknown }>(sql);
    return row?.answer;
  } finally {
    await database.close();
  }
};

const asRoot = process.getuid?.() === 0;

describe('the embedded PostgreSQL', () => {
  test('starts in an empty data dir, keeps its data over a stop, and shows its password to nobody', async () => {
    const dataDir = temporary();
    const first = await startEmbeddedPostgres({ dataDir, log: silentLog });
    expect(first.adopted).toBe(false);
    expect(await ask(first, "SELECT current_setting('server_version_num')::integer >= 180000 AS answer")).toBe(true);
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS answer');
    await first.stop();
    expect(processLives(first.pid)).toBe(false);

    const second = await start(dataDir);
    expect(await ask(second, 'SELECT answer FROM kept')).toBe(7);
    expect(String(second.url)).toBe('[secret]');
    expect(statSync(join(dataDir, 'postgres.json')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(dataDir, 'postgres.password.new'))).toBe(false);
    const wrong = second.url.reveal().replace(/:[0-9a-f]{48}@/, ':guess@');
    expect(wrong).toContain('guess');
    const stranger = openDatabase({ url: new Secret(wrong), log: silentLog });
    await expect(stranger.query('SELECT 1')).rejects.toThrow(/password/);
    await stranger.close();
  });

  test('lives on when its parent is killed -9, and is adopted by the next', async () => {
    const dataDir = temporary();
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'startAndWait.ts'), dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (data: Buffer) => resolve(data.toString())),
    );
    const told = JSON.parse(line) as { pid: number; url: string };
    const gone = new Promise((resolve) => parent.once('close', resolve));
    parent.kill('SIGKILL');
    await gone;
    expect(processLives(told.pid)).toBe(true);

    const adopted = await start(dataDir);
    expect([adopted.adopted, adopted.pid, adopted.url.reveal()]).toEqual([true, told.pid, told.url]);
    expect(await ask(adopted, 'SELECT 1 AS answer')).toBe(1);
    // Nobody tells an adopter of a death: it looks.
    process.kill(adopted.pid, 'SIGKILL');
    await expect.poll(() => adopted.pid, { timeout: 20_000 }).not.toBe(told.pid);
    expect(adopted.url.reveal()).toBe(told.url);
    expect(await ask(adopted, 'SELECT 1 AS answer')).toBe(1);
  });

  test('is started again on its port when it is killed, with what was committed', async () => {
    const postgres = await start(temporary());
    const before = postgres.pid;
    await ask(postgres, 'CREATE TABLE kept AS SELECT 7 AS answer');
    process.kill(before, 'SIGKILL');
    await expect.poll(() => postgres.pid, { timeout: 20_000 }).not.toBe(before);
    expect(await ask(postgres, 'SELECT answer FROM kept')).toBe(7);
  });

  test('takes another port at a start where somebody took its own, and says why where it cannot start', async () => {
    const dataDir = temporary();
    await (await startEmbeddedPostgres({ dataDir, log: silentLog })).stop();
    const { port } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as { port: number };
    const somebody = createServer();
    onTestFinished(() => void somebody.close());
    await new Promise<void>((resolve) => somebody.listen(port, '127.0.0.1', resolve));
    const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
    expect(await ask(postgres, 'SELECT 1 AS answer')).toBe(1);
    await postgres.stop();
    writeFileSync(join(dataDir, 'postgres', 'postgresql.conf'), 'shared_buffers = many\n');
    await expect(startEmbeddedPostgres({ dataDir, log: silentLog })).rejects.toThrow(/shared_buffers/);
  });

  test('is not mistaken for another process that has its number now', async () => {
    const dataDir = temporary();
    await (await startEmbeddedPostgres({ dataDir, log: silentLog })).stop();
    const stale = [process.pid, join(dataDir, 'postgres'), 1, 5432, '', '127.0.0.1', '', 'ready   '].join('\n');
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), stale);
    const postgres = await start(dataDir);
    expect(postgres.adopted).toBe(false);
    expect(await ask(postgres, 'SELECT 1 AS answer')).toBe(1);
  });

  test('is made again where a kill left a half-made cluster', async () => {
    const dataDir = temporary();
    mkdirSync(join(dataDir, 'postgres.new', 'base'), { recursive: true });
    const postgres = await start(dataDir);
    expect(await ask(postgres, 'SELECT 1 AS answer')).toBe(1);
  });

  test('refuses data of another major version, and data whose password is lost, in words', async () => {
    const dataDir = temporary();
    await (await startEmbeddedPostgres({ dataDir, log: silentLog })).stop();
    const version = join(dataDir, 'postgres', 'PG_VERSION');
    const made = readFileSync(version, 'utf8');
    writeFileSync(version, '17\n');
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'postgres_version', message: /PostgreSQL 17/ });
    writeFileSync(version, made);
    rmSync(join(dataDir, 'postgres.json'));
    await expect(start(dataDir)).rejects.toThrow(/postgres\.json with the password/);
  });
});

describe.skipIf(!asRoot)('as root (skipped as an ordinary user: there is nobody to give it to)', () => {
  test('a data dir below a closed folder is refused with the folder and the cure', async () => {
    const closed = temporary();
    chmodSync(closed, 0o700);
    const dataDir = join(closed, 'data');
    const fault = await start(dataDir).then(
      () => null,
      (error: unknown) => error,
    );
    expect(fault).toBeInstanceOf(CodedError);
    expect(fault).toMatchObject({ code: 'data_dir_unreachable', row: { status: 2 } });
    expect(String(fault)).toContain(`cannot enter ${closed}`);
    expect(String(fault)).toContain(`chmod o+x ${closed}`);
    expect(existsSync(dataDir)).toBe(false);
  });

  test('reach is judged by every folder on the way, also to a path that is not there yet', () => {
    const user = postgresUser();
    expect(user?.uid).toBeGreaterThan(0);
    const open = temporary();
    chmodSync(open, 0o755);
    mkdirSync(join(open, 'closed'), { mode: 0o700 });
    expect(isReachableBy(user!, join(open, 'not', 'yet'))).toBe(true);
    expect(isReachableBy(user!, join(open, 'closed', 'not', 'yet'))).toBe(false);
    expect(closedFolder(user!, join(open, 'closed', 'not', 'yet'))).toBe(join(open, 'closed'));
  });

  test('programs below a closed folder, such as a clone in /root, are used from a copy that the user can run', async () => {
    const closed = temporary();
    const copies = temporary();
    chmodSync(closed, 0o700);
    chmodSync(copies, 0o755);
    const found = platformPackage();
    cpSync(join(found.root, 'native'), join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    const user = postgresUser();
    const programs = await prepareNativePostgres({ ...found, root: closed }, user, copies, silentLog);
    expect(programs.postgres.startsWith(copies)).toBe(true);
    const version = spawn(programs.postgres, ['--version'], { uid: user!.uid, gid: user!.gid, cwd: '/', env: {} });
    const words = await new Promise<string>((resolve) =>
      version.stdout.once('data', (data: Buffer) => resolve(data.toString())),
    );
    expect(words).toContain(`PostgreSQL) ${programs.majorVersion}.`);
  });
});
