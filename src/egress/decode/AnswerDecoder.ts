import type { Transform } from 'node:stream';
import type { UpstreamHandle } from '../Transport.ts';

/** Codings of an answer that can be taken off. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** Names of codings (RFC 9110 section 8.4.1), and what they are. */
const codings: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/**
 * The one coding that a `content-encoding` names; null for one that nobody here knows, and for several on top of each other: each multiplies
 * what a byte may become.
 */
export const codingOf = (contentEncoding: string): Coding | null =>
  codings.get(contentEncoding.trim().toLowerCase()) ?? null;

/** Bounds of what is decoded. Its size is bounded where it is used. */
export interface DecoderLimits {
  /** Decoded bytes up to which nothing is said of the ratio. */
  readonly freeBytes: number;
  /** Decoded bytes that one encoded byte may become, beyond that. */
  readonly expansionMax: number;
}

/** Streams of events become some twentyfold; a bomb becomes the thousandfold and more. */
export const defaultDecoderLimits: DecoderLimits = { freeBytes: 1_048_576, expansionMax: 100 };

/** Windows beyond 8 MiB are not allowed on the web (RFC 9659); the library would give 128. Power of two. */
const zstdWindowLogMax = 23;

/** Receives what was decoded: `chunk` any number of times, then one of `end` and `failed`. */
export interface DecoderSink {
  chunk(bytes: Buffer): void;
  end(): void;
  failed(cause: 'encoded_answer' | 'answer_expands', message: string): void;
}

/** Answers are asked for as they are; the library is loaded for the first vendor that encodes them all the same. */
const openStream = (coding: Coding): Transform => {
  const zlib = process.getBuiltinModule('node:zlib');
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip();
    case 'deflate':
      return zlib.createInflate();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd':
      return zlib.createZstdDecompress({ params: { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLogMax } });
  }
};

/**
 * Takes the coding off an answer as it comes: what can be read is handed over at once, and no more is kept than one piece of each side. A
 * source that is faster than the decoding is paused.
 */
export class AnswerDecoder {
  readonly #stream: Transform;
  readonly #source: Pick<UpstreamHandle, 'pause' | 'resume'>;
  readonly #limits: DecoderLimits;
  #encodedBytes = 0;
  #decodedBytes = 0;
  #paused = false;
  #full = false;
  #over = false;

  constructor(
    coding: Coding,
    source: Pick<UpstreamHandle, 'pause' | 'resume'>,
    sink: DecoderSink,
    limits: DecoderLimits = defaultDecoderLimits,
  ) {
    this.#source = source;
    this.#limits = limits;
    this.#stream = openStream(coding);
    this.#stream.on('data', (bytes: Buffer) => this.#decoded(bytes, sink));
    this.#stream.on('drain', () => this.#drained());
    this.#stream.on('end', () => {
      if (!this.#over) sink.end();
    });
    this.#stream.on('error', (error) => this.#fail(sink, 'encoded_answer', error.message));
  }

  push(bytes: Buffer): void {
    if (this.#over) return;
    this.#encodedBytes += bytes.length;
    if (this.#stream.write(bytes)) return;
    this.#full = true;
    this.#source.pause();
  }

  /** The encoded bytes are all there; what they become is handed over, and then the sink's `end`. */
  end(): void {
    if (!this.#over) this.#stream.end();
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
    this.#source.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream.resume();
    if (!this.#full) this.#source.resume();
  }

  /** The sink hears nothing more. */
  destroy(): void {
    this.#over = true;
    this.#stream.destroy();
  }

  #decoded(bytes: Buffer, sink: DecoderSink): void {
    if (this.#over) return;
    this.#decodedBytes += bytes.length;
    const { freeBytes, expansionMax } = this.#limits;
    if (this.#decodedBytes > freeBytes && this.#decodedBytes > this.#encodedBytes * expansionMax) {
      this.#fail(sink, 'answer_expands', `${this.#encodedBytes} bytes became ${this.#decodedBytes} and more`);
    } else sink.chunk(bytes);
  }

  #drained(): void {
    this.#full = false;
    if (!this.#paused && !this.#over) this.#source.resume();
  }

  #fail(sink: DecoderSink, cause: 'encoded_answer' | 'answer_expands', message: string): void {
    if (this.#over) return;
    this.destroy();
    sink.failed(cause, message.slice(0, 300));
  }
}
