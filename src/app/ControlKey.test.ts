import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { authenticate, isWellFormedKey } from '../access/index.ts';
import { ControlKey } from './ControlKey.ts';
import { readControlFileIn, writeControlFile } from './controlFile.ts';

let dataDir = '';

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'archipel-control-key-'));
  const made = dataDir;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

const place = { url: 'http://u', adminUrl: 'http://a', pid: 7 };

const holderOf = ({ table }: ControlKey, key: string) => authenticate(table, key, 0);

describe('the admin key of a data dir', () => {
  test('is made once, and the next start has it', () => {
    const first = new ControlKey(dataDir);
    expect(isWellFormedKey(first.key)).toBe(true);
    first.tell(place);
    first.untell();
    expect(new ControlKey(dataDir).key).toBe(first.key);
    expect(readControlFileIn(dataDir)).toEqual({ url: null, adminUrl: null, pid: null, adminKey: first.key });
  });

  test('is that of an owner, and any other is nobody’s', () => {
    const control = new ControlKey(dataDir);
    expect(holderOf(control, control.key)).toMatchObject({
      ok: true,
      value: { key: 'control', role: 'owner', onlyTeams: null },
    });
    expect(holderOf(control, new ControlKey(dataDir).key)).toEqual({ ok: false, fault: 'unknown' });
  });

  test('is replaced in the file and in force at once; the file tells where the server is as before', () => {
    const control = new ControlKey(dataDir);
    control.tell(place);
    const old = control.key;
    const fresh = control.rotate();
    expect([holderOf(control, old).ok, holderOf(control, fresh).ok, control.key]).toEqual([false, true, fresh]);
    expect(readControlFileIn(dataDir)).toEqual({ ...place, adminKey: fresh });
    expect(readFileSync(join(dataDir, 'control.json'), 'utf8')).not.toContain(old);
    control.untell();
    expect(readControlFileIn(dataDir)?.adminKey, 'a stop brings no old key back').toBe(fresh);
  });

  test('stays in force where the new one cannot be written', () => {
    const control = new ControlKey(dataDir);
    control.tell(place);
    const old = control.key;
    // A folder in the way of the file: as root, closed modes would stop nobody.
    mkdirSync(join(dataDir, 'control.json.new'));
    expect(() => control.rotate()).toThrow('control.json.new');
    expect([holderOf(control, old).ok, control.key]).toEqual([true, old]);
    expect(readControlFileIn(dataDir)?.adminKey).toBe(old);
  });

  test('that stands in the file whole may be replaced from outside, by whoever owns it', () => {
    writeControlFile(dataDir, { ...place, adminKey: new ControlKey(dataDir).key });
    const written = readControlFileIn(dataDir)?.adminKey;
    expect(new ControlKey(dataDir).key).toBe(written);
  });
});
