import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { chooseDataDir } from './chooseDataDir.ts';

const asRoot = process.getuid?.() === 0;

let cwd = '';
let told: string[] = [];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'archipel-data-'));
  const made = cwd;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  chmodSync(cwd, 0o755);
  told = [];
});

const choose = (configured: string, dataDir?: string, embedded = true): string =>
  chooseDataDir({ config: undefined, dataDir, env: {}, cwd, tell: (text) => told.push(text) }, configured, embedded);

describe('the data dir is', () => {
  test('what the option says, before what the file says, from where the program runs', () => {
    expect(choose('./configured', 'named')).toBe(join(cwd, 'named'));
    expect(choose('/srv/configured', '/srv/named')).toBe('/srv/named');
    expect(choose('./configured')).toBe(join(cwd, 'configured'));
    expect(choose('/srv/configured')).toBe('/srv/configured');
    expect(told).toEqual([]);
  });

  test('./data where nobody chose one and the database can reach it', () => {
    expect(choose('./data')).toBe(join(cwd, 'data'));
    expect(told).toEqual([]);
  });
});

describe.skipIf(!asRoot)(
  'as root, below a folder that the user of the database cannot enter (skipped otherwise)',
  () => {
    beforeEach(() => chmodSync(cwd, 0o700));

    test("it is the system's own folder, and that is said with the user", () => {
      expect(choose('./data')).toBe('/var/lib/archipel');
      expect(told).toEqual([
        expect.stringMatching(/cannot be entered by the user (postgres|nobody).*\/var\/lib\/archipel\n$/),
      ]);
      expect(told[0]).toContain(join(cwd, 'data'));
    });

    test('it stays where somebody chose it, or where there is no embedded database', () => {
      expect(choose('./data', './data')).toBe(join(cwd, 'data'));
      expect(choose('./other')).toBe(join(cwd, 'other'));
      expect(choose('./data', undefined, false)).toBe(join(cwd, 'data'));
      expect(told).toEqual([]);
    });
  },
);
