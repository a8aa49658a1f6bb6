import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../kernel/index.ts';
import { openDatabase, startEmbeddedPostgres } from '../../store/index.ts';
import { testFile } from '../testConfiguration.fixture.ts';
import { adopt } from './adopt.ts';

let cwd = '';

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'archipel-adopt-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const adoptThere = (env: Readonly<Record<string, string>> = {}): Promise<unknown> =>
  adopt({
    target: 'lost',
    config: undefined,
    dataDir: undefined,
    env,
    cwd,
    tell: () => {},
    signal: new AbortController().signal,
  });

const writeFile = (sections: Readonly<Record<string, unknown>> = {}): void =>
  writeFileSync(join(cwd, 'archipel.yaml'), testFile(sections));

test('a spool is not adopted into the sandbox, which is meant where no file is named', async () => {
  await expect(adoptThere()).rejects.toMatchObject({
    code: 'adopts_into_sandbox',
    message: expect.stringContaining(`no archipel.yaml in ${cwd}`),
  });
});

test('where there is no database, it is said that there is none to adopt into', async () => {
  writeFile();
  await expect(adoptThere()).rejects.toMatchObject({ code: 'nothing_to_adopt_into' });
});

test('a database that servers of an older version may use is not migrated under them', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'archipel-adopt-'));
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
  const database = openDatabase({ url: postgres.url, log: silentLog });
  try {
    writeFile({ store: { url: '${env:DATABASE_URL}' } });
    await expect(adoptThere({ DATABASE_URL: postgres.url.reveal() })).rejects.toMatchObject({ code: 'database_older' });
    expect(await database.query("SELECT to_regclass('archipel.migration') AS ours")).toEqual([{ ours: null }]);
  } finally {
    await database.close();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
