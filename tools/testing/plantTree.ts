import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A small tree of files on disk, made to be judged and then thrown away. */
export interface PlantedTree extends Disposable {
  readonly root: string;
}

/**
 * Writes files (path -> text) under a new temporary folder, with our node_modules beside them so that packages resolve.
 * Bind it with `using`: the folder goes when the test does.
 */
export const plantTree = (files: Readonly<Record<string, string>>): PlantedTree => {
  const root = mkdtempSync(join(tmpdir(), 'archipel-planted-'));
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
};
