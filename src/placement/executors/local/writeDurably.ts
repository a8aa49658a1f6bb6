import { open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Brings the names in a folder to the disk. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** Writes a file whole, or not at all, and so that it outlives a loss of power. One writer at a time for each path. */
export const writeDurably = async (path: string, value: unknown): Promise<void> => {
  const draft = `${path}.new`;
  await writeFile(draft, `${JSON.stringify(value)}\n`, { mode: 0o600, flush: true });
  await rename(draft, path);
  await syncFolder(dirname(path));
};
