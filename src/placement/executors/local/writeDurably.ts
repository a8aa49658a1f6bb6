import { constants, link, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './openPlainFile.ts';

// A job can write into the folder of its attempt. What it puts under a name of ours must lead no write elsewhere, and hold up no thread.

/** Brings the names in a folder to the disk. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** Writes to a new file, whatever lay there. One writer at a time for each path. */
const writeDraft = async (draft: string, value: unknown): Promise<void> => {
  await rm(draft, { recursive: true, force: true });
  await writeFile(draft, `${JSON.stringify(value)}\n`, { mode: 0o600, flush: true, flag: 'wx' });
};

/** Gives a draft its name. Another file gives way to it by itself, a folder does not. */
const putInPlace = async (draft: string, path: string): Promise<void> => {
  try {
    await rename(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EISDIR') throw error;
    await rm(path, { recursive: true, force: true });
    await rename(draft, path);
  }
};

/** Writes a file whole, or not at all, and so that it outlives a loss of power. One writer at a time for each path. */
export const writeDurably = async (path: string, value: unknown): Promise<void> => {
  const draft = `${path}.new`;
  await writeDraft(draft, value);
  await putInPlace(draft, path);
  await syncFolder(dirname(path));
};

/**
 * Writes a file durably where nothing has that name yet. Giving a file a second name, which must be free, is the step that only one can take.
 * @param draft A path in the same folder that no other writer uses.
 */
export const writeFirst = async (path: string, draft: string, value: unknown): Promise<void> => {
  await writeDraft(draft, value);
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));
};
