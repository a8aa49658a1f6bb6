import { hash } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { errorMessage, failure, success, type Result } from '../../kernel/index.ts';
import { syncNameOf } from '../syncNameOf.ts';

/** Largest file that is written or read: what is larger is a mistake somewhere else. */
export const keptFileBytesMax = 256 * 1024 * 1024;

/** Of the form of the file, not of what its parts hold. */
const version = 1;

/** Parts by their names, which are letters, each as its JSON. */
export type KeptParts = ReadonlyMap<string, string>;

const sumOf = (part: string, value: string): string => hash('sha256', `${part}\n${value}`, 'hex');

/** Lines: `{"part":"keys","sha256":"...","value":...}`. */
const lineOf = (part: string, sum: string, value: string): string =>
  `{"part":"${part}","sha256":"${sum}","value":${value}}\n`;

const line = /^\{"part":("[a-zA-Z]+"),"sha256":"([0-9a-f]{64})","value":(.*)\}$/s;

/** A file that is replaced whole: whatever happens, the old one or the new one is there. Its owner alone can read it. */
export class KeptFile {
  readonly path: string;
  /** Sums of texts that were written before: most do not change from one time to the next. */
  readonly #sums = new Map<string, { readonly value: string; readonly sum: string }>();

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Resolves once the parts are on disk under the file's name, or, `written`, with the system, so that they outlive this process. One call at a time.
   * @throws Error of the disk; then the old file is still there
   */
  async write(parts: KeptParts, until: 'synced' | 'written' = 'synced'): Promise<void> {
    const draft = `${this.path}.new`;
    const end = JSON.stringify({ version, parts: parts.size });
    const lines = [...parts, ['end', end] as const].map(([part, value]) => lineOf(part, this.#sum(part, value), value));
    const text = lines.join('');
    if (text.length > keptFileBytesMax) throw new Error(`${this.path} would have ${text.length} characters`);
    await rm(draft, { force: true });
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      if (until === 'synced') await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
    if (until === 'synced') await syncNameOf(this.path);
  }

  /**
   * Its parts, parsed.
   * @returns null where there is no file; as a fault, in words, why one that is there is not to be believed: then none of it is.
   */
  async read(): Promise<Result<ReadonlyMap<string, unknown> | null, string>> {
    const read = await this.readTexts();
    if (!read.ok || read.value === null) return read;
    try {
      return success(new Map(Array.from(read.value, ([part, value]) => [part, JSON.parse(value)])));
    } catch (error) {
      return failure(errorMessage(error));
    }
  }

  /** The same, each as its JSON: what is large and only handed on need not be parsed. */
  async readTexts(): Promise<Result<KeptParts | null, string>> {
    try {
      if ((await stat(this.path)).size > keptFileBytesMax)
        return failure(`it is larger than ${keptFileBytesMax} bytes`);
      return partsOf(await readFile(this.path, 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return success(null);
      return failure(errorMessage(error));
    }
  }

  #sum(part: string, value: string): string {
    const before = this.#sums.get(part);
    if (before?.value === value) return before.sum;
    const sum = sumOf(part, value);
    this.#sums.set(part, { value, sum });
    return sum;
  }
}

const partsOf = (text: string): Result<KeptParts, string> => {
  const parts = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') return failure('it ends in the middle of a line');
  for (const [index, written] of lines.entries()) {
    const [, name = '', sum, value = ''] = line.exec(written) ?? [];
    const part = name.slice(1, -1);
    if (sum === undefined || sumOf(part, value) !== sum) return failure(`line ${index + 1} is damaged`);
    if (parts.has(part)) return failure(`line ${index + 1} stands there twice`);
    parts.set(part, value);
  }
  const end: unknown = JSON.parse(parts.get('end') ?? 'null');
  parts.delete('end');
  if (typeof end !== 'object' || end === null || !('version' in end) || !('parts' in end))
    return failure('its last line is missing');
  if (end.version !== version) return failure(`it has the form ${String(end.version)}, this program knows ${version}`);
  return end.parts === parts.size ? success(parts) : failure('a line is missing');
};
