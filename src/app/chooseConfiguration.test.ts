import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { chooseConfiguration, configuredMarkPath, wasConfigured, type Surroundings } from './chooseConfiguration.ts';

let cwd = '';

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'archipel-choice-'));
  const made = cwd;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

const choose = (change: Partial<Surroundings> = {}) =>
  chooseConfiguration({ config: undefined, dataDir: undefined, env: {}, cwd, tell: () => {}, ...change });

const write = (name: string): string => {
  writeFileSync(join(cwd, name), '');
  return join(cwd, name);
};

/** A data dir in which a real configuration ran. */
const configured = (name: string): void => {
  mkdirSync(join(cwd, name));
  writeFileSync(configuredMarkPath(join(cwd, name)), '');
};

const missing = expect.objectContaining({ code: 'configuration_missing', row: expect.objectContaining({ status: 2 }) });

describe('the configuration is', () => {
  test('the file that is named, before the one of the environment, before the one beside', () => {
    const [named, inEnv, beside] = [write('named.yaml'), write('env.yaml'), write('archipel.yaml')];
    const env = { ARCHIPEL_CONFIG: 'env.yaml' };
    expect(choose({ config: 'named.yaml', env })).toEqual({ kind: 'file', path: named });
    expect(choose({ env })).toEqual({ kind: 'file', path: inEnv });
    expect(choose()).toEqual({ kind: 'file', path: beside });
  });

  test('the sandbox where there is no file, nor ever was', () => {
    expect(choose()).toEqual({ kind: 'sandbox' });
    expect(choose({ env: { ARCHIPEL_CONFIG: '' } })).toEqual({ kind: 'sandbox' });
    mkdirSync(join(cwd, 'data'));
    expect(wasConfigured(join(cwd, 'data'))).toBe(false);
    expect(choose()).toEqual({ kind: 'sandbox' });
  });
});

describe('a start is refused', () => {
  test('where a file is named that is not there, even with another beside', () => {
    write('archipel.yaml');
    expect(() => choose({ config: 'named.yaml' })).toThrow(missing);
    expect(() => choose({ config: 'named.yaml' })).toThrow(join(cwd, 'named.yaml'));
    expect(() => choose({ env: { ARCHIPEL_CONFIG: 'env.yaml' } })).toThrow(missing);
  });

  test('where a database is named but no file is there', () => {
    const env = { ARCHIPEL_DATABASE_URL: 'postgres://x' };
    expect(() => choose({ env })).toThrow(missing);
    write('archipel.yaml');
    expect(choose({ env }).kind).toBe('file');
  });

  test('where the data dir ran a configuration whose file is gone, whichever data dir it is', () => {
    configured('data');
    expect(() => choose()).toThrow(missing);
    expect(choose({ dataDir: 'elsewhere' })).toEqual({ kind: 'sandbox' });
    configured('elsewhere');
    expect(() => choose({ dataDir: 'elsewhere' })).toThrow(join(cwd, 'elsewhere'));
  });
});
