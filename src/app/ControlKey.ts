import { hashKey, keyPrefix, makeKey, operatorPrincipal, type KeyTable } from '../access/index.ts';
import { assert } from '../kernel/index.ts';
import { readControlFileIn, writeControlFile, type ControlFile } from './controlFile.ts';

/** Name of whoever has the key, in the audit trail. */
export const controlName = 'control';

/** Where the server of a data dir is reached; nulls where none runs. */
export type ControlPlace = Omit<ControlFile, 'adminKey'>;

const nowhere: ControlPlace = { url: null, adminUrl: null, pid: null };

const freshKey = (): string => makeKey((bytes) => void crypto.getRandomValues(bytes));

const tableOf = (key: string): KeyTable => {
  const hash = hashKey(key);
  return new Map([[hash, operatorPrincipal({ name: controlName, hash, role: 'owner', teams: null })]]);
};

/** The admin key of a data dir, which stands in its control file. It is made at the first start, and can be replaced at any time. */
export class ControlKey {
  readonly #dataDir: string;
  #key: string;
  #table: KeyTable;
  #place: ControlPlace = nowhere;

  /** @throws CodedError `control_file_exposed` */
  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#key = readControlFileIn(dataDir)?.adminKey ?? freshKey();
    assert(this.#key.startsWith(keyPrefix), 'an admin key looks like a key');
    this.#table = tableOf(this.#key);
  }

  get key(): string {
    return this.#key;
  }

  /** The one entry that there is, by its hash. */
  get table(): KeyTable {
    return this.#table;
  }

  /** Tells commands on the same machine where the server is. */
  tell(place: ControlPlace): void {
    this.#place = place;
    this.#write(this.#key);
  }

  /** Tells them that it is no more. */
  untell(): void {
    this.tell(nowhere);
  }

  /** Makes another key. It is on disk before it is in force, and the old one ends with that. @returns it. */
  rotate(): string {
    const key = freshKey();
    this.#write(key);
    this.#key = key;
    this.#table = tableOf(key);
    return key;
  }

  #write(adminKey: string): void {
    const { url, adminUrl, pid } = this.#place;
    writeControlFile(this.#dataDir, { url, adminUrl, adminKey, pid });
  }
}
