import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PlacedSecret } from './SecretScan.ts';

/** The folder in which the secrets of a run and all that servers and commands write are kept; without it nothing is. */
const folder = process.env['ARCHIPEL_CANARIES'] ?? null;

/** Where a run keeps what it put into slots: a line of JSON each. */
export const secretsName = 'secrets.jsonl';
/** Where it keeps what was written, a folder for each process of tests. */
export const outputName = 'output';

/** What is not copied: an embedded database, whose rows are read by its own words while it runs, and room on the disk that holds zeros. */
const leftOut = /^(?:base|global|pg_(?!hba|ident)\w+|reserve)$/;

let written = 0;

/** Puts a secret on the list of what may be found nowhere. */
export const noteSecret = (slot: string, secret: string): void => {
  if (folder === null) return;
  const placed: PlacedSecret = { slot, secret };
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, secretsName), `${JSON.stringify(placed)}\n`);
};

/** Keeps what one server or command writes. Without a folder of the run every call does nothing. */
export class OutputKeeper {
  readonly #folder: string | null;

  /** @param name says who writes: "server", "command keys create". */
  constructor(name: string) {
    written += 1;
    const own = `${written}-${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
    this.#folder = folder === null ? null : join(folder, outputName, String(process.pid), own);
  }

  get isKept(): boolean {
    return this.#folder !== null;
  }

  /** Keeps more of a text: "stdout", "metrics". */
  keep(name: string, bytes: string | Uint8Array): void {
    if (this.#folder === null) return;
    const path = join(this.#folder, name);
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, bytes);
  }

  /** Keeps the files under a folder as they are now, but for the pages of databases. What is gone meanwhile is not missed. */
  keepFiles(from: string, name = 'files'): void {
    if (this.#folder === null || !existsSync(from)) return;
    const to = join(this.#folder, name);
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const path = join(from, entry.name);
      if (leftOut.test(entry.name)) continue;
      if (entry.isDirectory()) this.keepFiles(path, join(name, entry.name));
      else if (entry.isFile()) copyTo(path, to, entry.name);
    }
  }
}

const copyTo = (path: string, folderTo: string, name: string): void => {
  try {
    if (statSync(path).size === 0) return;
    mkdirSync(folderTo, { recursive: true });
    copyFileSync(path, join(folderTo, name));
  } catch {
    // Somebody is still at work there.
  }
};
