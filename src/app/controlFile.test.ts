import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { configuredMarkPath, type Surroundings } from './chooseConfiguration.ts';
import { ControlKey } from './ControlKey.ts';
import { isRunning, readControlFile, readControlFileIn, writeControlFile } from './controlFile.ts';

let cwd = '';

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'archipel-control-'));
  const made = cwd;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  chmodSync(cwd, 0o755);
});

const control = { url: 'http://u', adminUrl: 'http://a', adminKey: 'sk-archipel-x', pid: process.pid };

const find = (change: Partial<Surroundings> = {}) =>
  readControlFile({ config: undefined, dataDir: undefined, env: {}, cwd, tell: () => {}, ...change });

const serverIn = (folder: string): void => {
  mkdirSync(join(cwd, folder), { recursive: true });
  writeControlFile(join(cwd, folder), { ...control, adminKey: folder });
};

describe('a control file', () => {
  test('is read as it was written, by its owner alone, and leaves nothing beside it', () => {
    writeControlFile(cwd, control);
    writeControlFile(cwd, control);
    expect(readControlFileIn(cwd)).toEqual(control);
    expect(statSync(join(cwd, 'control.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(cwd)).toEqual(['control.json']);
  });

  test.each([
    ['that is missing', null],
    ['that is cut off', '{"adminKey":"sk'],
    ['without a key', '{"pid":1}'],
    ['with a key that is no text', '{"adminKey":7}'],
    ['that is a list', '[]'],
    ['that is null', 'null'],
  ])('%s is none', (_, text) => {
    if (text !== null) writeFileSync(join(cwd, 'control.json'), text, { mode: 0o600 });
    expect(readControlFileIn(cwd)).toBeNull();
  });

  test.each([0o640, 0o604, 0o644, 0o620, 0o666])(
    'that others may open (%o) is refused, and how to mend it is said',
    (mode) => {
      writeControlFile(cwd, control);
      chmodSync(join(cwd, 'control.json'), mode);
      const refused = { code: 'control_file_exposed', message: expect.stringContaining(`(mode 0${mode.toString(8)})`) };
      expect(() => readControlFileIn(cwd)).toThrow(expect.objectContaining(refused));
      expect(() => new ControlKey(cwd)).toThrow(expect.objectContaining(refused));
      chmodSync(join(cwd, 'control.json'), 0o600);
      expect(readControlFileIn(cwd)).toEqual(control);
    },
  );

  test('is closed to others whatever a crash has left beside it', () => {
    writeFileSync(join(cwd, 'control.json.new'), 'half of', { mode: 0o644 });
    writeControlFile(cwd, control);
    expect(statSync(join(cwd, 'control.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(cwd)).toEqual(['control.json']);
  });

  test('of a server that stopped keeps its key and names no server', () => {
    writeControlFile(cwd, { ...control, url: null, adminUrl: null, pid: null });
    const read = readControlFileIn(cwd);
    expect(read?.adminKey).toBe(control.adminKey);
    expect(read && isRunning(read)).toBe(false);
  });

  test('of a process that is gone names no server, one of a living process does', () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    expect(isRunning({ ...control, pid: gone })).toBe(false);
    expect(isRunning(control)).toBe(true);
  });
});

describe('a command finds its server', () => {
  test('in the data dir that it is told, whatever file lies beside', () => {
    serverIn('told');
    writeFileSync(join(cwd, 'archipel.yaml'), 'dataDir: ./written\n');
    expect(find({ dataDir: 'told' })?.adminKey).toBe('told');
    expect(find()).toBeNull();
  });

  test.each([
    ['dataDir: ./written\n'],
    ['version: 1\ndataDir: "./written"   # on the large disk\n'],
    ["dataDir: './written'\nproviders: }\n"],
    ['{\n  "version": 1,\n  "dataDir": "./written",\n  "keys": [\n'],
  ])('in the data dir of the file beside, even while the file has faults: %j', (text) => {
    serverIn('written');
    writeFileSync(join(cwd, 'archipel.yaml'), text);
    expect(find()?.adminKey).toBe('written');
  });

  test('in ./data otherwise, also when it runs a file that was named at its start', () => {
    serverIn('data');
    expect(find()?.adminKey).toBe('data');
    writeFileSync(configuredMarkPath(join(cwd, 'data')), '');
    expect(find()?.adminKey).toBe('data');
  });

  test('not where it names a file that is not there', () => {
    serverIn('data');
    expect(() => find({ config: 'nowhere.yaml' })).toThrow(expect.objectContaining({ code: 'configuration_missing' }));
  });
});
