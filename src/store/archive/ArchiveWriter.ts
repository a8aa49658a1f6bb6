import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { storeError } from '../errors.ts';
import { syncNameOf } from '../syncNameOf.ts';
import { blockBytes, paddingAfter, tarHeader } from './tarHeader.ts';

/** One file of an archive as it was written. */
export interface ArchivedFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A stream of unknown length is cut into files of this size, so that none of it is kept in memory for longer. */
const partBytes = 4 * 1024 * 1024;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Writes a gzipped tar, for its owner alone. It has its name only when it is whole and on disk; until then it lies beside it under another one.
 * What `tar -tzf` lists is what was added, in that order.
 */
export class ArchiveWriter {
  readonly path: string;
  readonly #draft: string;
  readonly #gzip: Gzip;
  readonly #file: WriteStream;
  readonly #flowing: Promise<void>;
  readonly #seconds: number;
  readonly #files: ArchivedFile[] = [];

  private constructor(path: string, draft: string, file: WriteStream, nowMs: number) {
    this.path = path;
    this.#draft = draft;
    this.#file = file;
    // Rows of a ledger are alike: the fastest level takes nine tenths of them away already.
    this.#gzip = createGzip({ level: 1 });
    this.#flowing = pipeline(this.#gzip, file);
    // Told by the write that meets it, or at the end.
    this.#flowing.catch(() => {});
    this.#seconds = Math.floor(nowMs / 1_000);
  }

  /** @throws CodedError archive_exists; the system's error where the folder cannot be written to. */
  static async create(path: string, nowMs: number): Promise<ArchiveWriter> {
    if (await isThere(path)) throw storeError('archive_exists', `There is already a file ${path}.`);
    const draft = join(dirname(path), `.${basename(path)}.part-${crypto.randomUUID().slice(0, 8)}`);
    const handle = await open(draft, 'wx', 0o600);
    const file = createWriteStream(draft, { fd: handle, flush: true });
    return new ArchiveWriter(path, draft, file, nowMs);
  }

  /** Everything that was added so far. */
  get files(): readonly ArchivedFile[] {
    return this.#files;
  }

  /** Adds a file that is there whole. */
  async add(name: string, content: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(content);
    await this.#write(tarHeader(name, bytes.length, this.#seconds));
    await this.#write(bytes);
    await this.#write(paddingAfter(bytes.length));
    this.#files.push({ name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }

  /** Adds a file of a known length. @throws Error where the stream has another one. */
  async addSized(name: string, bytes: number, chunks: AsyncIterable<Buffer>): Promise<void> {
    const hash = createHash('sha256');
    let left = bytes;
    await this.#write(tarHeader(name, bytes, this.#seconds));
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) break;
      hash.update(chunk);
      await this.#write(chunk);
    }
    if (left !== 0) throw new Error(`${name} has not the ${bytes} bytes that it had when it was opened`);
    await this.#write(paddingAfter(bytes));
    this.#files.push({ name, bytes, sha256: hash.digest('hex') });
  }

  /** Adds a stream of any length as numbered files: `name.000001` and on; at least one. */
  async addParts(name: string, chunks: AsyncIterable<Buffer>): Promise<void> {
    let part = 1;
    let gathered: Buffer[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      await this.add(`${name}.${String(part).padStart(6, '0')}`, Buffer.concat(gathered));
      part += 1;
      gathered = [];
      bytes = 0;
    };
    for await (const chunk of chunks) {
      gathered.push(chunk);
      bytes += chunk.length;
      if (bytes >= partBytes) await flush();
    }
    if (bytes > 0 || part === 1) await flush();
  }

  /** Ends it, brings it to the disk and gives it its name. @returns its size in bytes. */
  async finish(): Promise<number> {
    await this.#write(Buffer.alloc(2 * blockBytes));
    this.#gzip.end();
    await this.#flowing;
    if (await isThere(this.path)) throw storeError('archive_exists', `There is already a file ${this.path}.`);
    await rename(this.#draft, this.path);
    await syncNameOf(this.path);
    return (await stat(this.path)).size;
  }

  /** Leaves nothing behind. Safe after `finish`, which it does not undo. */
  async abandon(): Promise<void> {
    this.#gzip.destroy();
    this.#file.destroy();
    await this.#flowing.catch(() => {});
    await rm(this.#draft, { force: true });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    // A disk that is full has ended both streams: the reason is the one that the pipeline has.
    if (this.#gzip.destroyed) await this.#flowing;
    if (bytes.length > 0 && !this.#gzip.write(bytes)) await once(this.#gzip, 'drain');
  }
}
