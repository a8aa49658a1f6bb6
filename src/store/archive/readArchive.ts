import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { storeError } from '../errors.ts';
import { blockBytes, paddingAfter, readTarHeader } from './tarHeader.ts';

/** One file of an archive as it is read; its body is read once, in order, before the next file is asked for. */
export interface ArchiveEntry {
  readonly name: string;
  readonly bytes: number;
  readonly body: AsyncIterable<Buffer>;
}

const damaged = (path: string, why: string, cause?: unknown): Error =>
  storeError('backup_damaged', `${path} is damaged: ${why}.`, { cause });

/** Bytes of a stream, as many as are asked for. */
class ByteSource {
  readonly #path: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string, chunks: AsyncIterator<Buffer>) {
    this.#path = path;
    this.#chunks = chunks;
  }

  /** At most so many bytes, and at least one; empty at the end. */
  async some(bytesMax: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#next();
      if (next.done === true) return this.#rest;
      this.#rest = next.value;
    }
    const taken = this.#rest.subarray(0, bytesMax);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  async #next(): Promise<IteratorResult<Buffer, unknown>> {
    try {
      return await this.#chunks.next();
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
        throw damaged(this.#path, `it does not unpack (${error.message})`, error);
      throw error;
    }
  }

  /** Exactly so many bytes, or fewer at the end. */
  async exactly(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = bytes; left > 0;) {
      const part = await this.some(left);
      if (part.length === 0) break;
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }
}

/**
 * Reads a gzipped tar of ours, file by file, to its very end: where gzip's own checksum is. Reads nothing else and writes nothing.
 * @throws CodedError backup_damaged; the system's error where the file cannot be read.
 */
export async function* readArchive(path: string): AsyncGenerator<ArchiveEntry> {
  const gunzip = createGunzip();
  const flowing = pipeline(createReadStream(path), gunzip);
  // Told by the read that meets it.
  flowing.catch(() => {});
  try {
    yield* entriesOf(path, new ByteSource(path, gunzip[Symbol.asyncIterator]()));
    await flowing;
  } finally {
    gunzip.destroy();
  }
}

async function* entriesOf(path: string, source: ByteSource): AsyncGenerator<ArchiveEntry> {
  for (;;) {
    const block = await source.exactly(blockBytes);
    const header = block.length === blockBytes ? readTarHeader(block) : null;
    if (header === null) throw damaged(path, block.length === 0 ? 'its end is missing' : 'it holds what is no file');
    if (header === 'end') break;
    let left = header.bytes;
    const body = async function* body(): AsyncGenerator<Buffer> {
      while (left > 0) {
        const part = await source.some(left);
        if (part.length === 0) throw damaged(path, `${header.name} ends early`);
        left -= part.length;
        yield part;
      }
    };
    yield { ...header, body: body() };
    while (left > 0) {
      const part = await source.some(left);
      if (part.length === 0) throw damaged(path, `${header.name} ends early`);
      left -= part.length;
    }
    await source.exactly(paddingAfter(header.bytes).length);
  }
  for (let more = await source.some(blockBytes); more.length > 0; more = await source.some(blockBytes))
    if (more.some((byte) => byte !== 0)) throw damaged(path, 'something follows its end');
}
