import type { UpstreamHeaders } from '../egress/index.ts';
import type { AnswerStream } from './AnswerStream.ts';
import type { Reply } from './Exchange.ts';
import { headerText } from './headerText.ts';

/** Headers of an answer that is handed on, from the vendor's. */
export type PassedHeaders = (headers: UpstreamHeaders) => Record<string, string>;

const okStatus = 200;
/** Of an answer that has no length, whatever its vendor says. */
const noContentStatus = 204;

/** The length that a vendor tells of its answer; null where it tells none, or of another one than it sends. */
const lengthOf = (status: number, headers: UpstreamHeaders): number | null => {
  if (status === noContentStatus) return null;
  const coding = headerText(headers, 'content-encoding').toLowerCase();
  const length = headerText(headers, 'content-length');
  return length === '' || (coding !== '' && coding !== 'identity') ? null : Number(length);
};

/**
 * The client's side of an answer that is handed on as it comes, whatever it is: the vendor's status and bytes. The piece that would complete it waits for its
 * end, so that the record is written before; where no length was told, the end of the chunks is the last that the client gets.
 */
export class PassedStream implements AnswerStream {
  readonly #reply: Reply;
  readonly #headersOf: PassedHeaders;
  #status = okStatus;
  #headers: UpstreamHeaders = {};
  #leftBytes: number | null = null;
  #last: Uint8Array[] = [];
  #headSent = false;

  constructor(reply: Reply, headersOf: PassedHeaders) {
    this.#reply = reply;
    this.#headersOf = headersOf;
  }

  get status(): number {
    return this.#status;
  }

  get committed(): boolean {
    return this.#headSent;
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  begin(status: number, headers: UpstreamHeaders): void {
    this.#status = status;
    this.#headers = headers;
    this.#leftBytes = lengthOf(status, headers);
  }

  hold(bytes: Uint8Array): void {
    this.#last.push(bytes);
  }

  discard(): void {
    this.#last = [];
  }

  forward(bytes: Uint8Array): boolean {
    if (this.#leftBytes !== null) this.#leftBytes -= bytes.length;
    if (this.#leftBytes === 0) {
      this.hold(bytes);
      return true;
    }
    this.#sendHead();
    return this.#reply.write(bytes);
  }

  finish(bytes: Uint8Array): void {
    this.#sendHead();
    this.#reply.end(Buffer.concat([...this.#last, bytes]));
  }

  /** Nobody can say anything inside of what nobody reads: it breaks off, as it did for us. */
  fail(): void {
    this.#reply.cut();
  }

  close(): void {}

  #sendHead(): void {
    if (this.#headSent) return;
    this.#headSent = true;
    const headers = this.#headersOf(this.#headers);
    const length = headerText(this.#headers, 'content-length');
    if (this.#leftBytes !== null) headers['content-length'] = length;
    this.#reply.head(this.#status, headers);
  }
}
