import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fieldsOf } from './rankRecords.ts';
import { readSmallFile } from './readSmallFile.ts';
import { syncFolder, writeFirst } from './writeDurably.ts';

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

const readOwner = async (path: string, bytesMax: number): Promise<string | null> => {
  const file = await readSmallFile(path, bytesMax);
  const owner = file && fieldsOf(file.text)?.['owner'];
  return typeof owner === 'string' && uuid.test(owner) ? owner : null;
};

/**
 * Who keeps the attempts in an executor's folder: a random UUID in its `.executor.json`, made once. Whoever comes first makes it; several
 * processes over one folder are told the same.
 * @throws where it can neither be read nor made. What stands there is never replaced: the attempts of before would be nobody's.
 */
export const ownerOf = async (folder: string, bytesMax: number): Promise<string> => {
  const path = join(folder, '.executor.json');
  const known = await readOwner(path, bytesMax);
  if (known !== null) return known;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(dirname(folder));
  const fresh = crypto.randomUUID();
  await writeFirst(path, `${path}.${fresh}`, { owner: fresh });
  const owner = await readOwner(path, bytesMax);
  if (owner === null)
    throw new Error(`${path} names no owner: restore it, or remove it once nothing runs that this folder tells of`);
  return owner;
};
