import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Brings a name to the disk, beside the bytes that it stands for: its folder is synced. @throws Error of the disk */
export const syncNameOf = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
