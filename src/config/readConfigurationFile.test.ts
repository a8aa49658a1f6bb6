import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { section } from '../vocabulary/index.ts';
import { formatFault } from './ConfigurationFault.ts';
import { readConfigurationFile } from './readConfigurationFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'archipel-config-'));

afterAll(() => rmSync(folder, { recursive: true }));

const grammar = { schema: section({ version: z.literal(1) }), check: () => ({ faults: [], warnings: [] }) };

const faultsOf = async (path: string): Promise<readonly string[]> => {
  const reading = await readConfigurationFile(path, grammar);
  return reading.ok ? [] : reading.fault.map((fault) => formatFault(fault).replace(path, 'FILE'));
};

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('readConfigurationFile', () => {
  test('reads a file, also through a link', async () => {
    const path = write('good.yaml', 'version: 1\n');
    symlinkSync(path, join(folder, 'link.yaml'));
    expect((await readConfigurationFile(path, grammar)).ok).toBe(true);
    expect((await readConfigurationFile(join(folder, 'link.yaml'), grammar)).ok).toBe(true);
  });

  test('a file that is not there, or a folder, is a fault like any other', async () => {
    expect(await faultsOf(join(folder, 'absent.yaml'))).toEqual([
      'FILE:1:1: the file cannot be read (ENOENT), check its name and permissions',
    ]);
    mkdirSync(join(folder, 'folder'));
    expect(await faultsOf(join(folder, 'folder'))).toEqual(['FILE:1:1: this is not a regular file, name a file']);
  });

  test('an empty file keeps nothing of itself', async () => {
    expect((await faultsOf(write('empty.yaml', '')))[0]).toContain('the file says nothing');
  });

  test('bytes that are no UTF-8 are refused', async () => {
    expect(await faultsOf(write('latin1.yaml', Uint8Array.of(0x61, 0x3a, 0x20, 0xe9)))).toEqual([
      'FILE:1:1: the file is not UTF-8, save it as UTF-8 text',
    ]);
  });

  test('a file of more than 10 MB is refused unread', async () => {
    const path = write('large.yaml', '');
    truncateSync(path, 10_000_001);
    expect((await faultsOf(path))[0]).toContain('larger than 10000000 bytes');
  });
});
