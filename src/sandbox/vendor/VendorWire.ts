import type { IncomingHttpHeaders } from 'node:http';
import type { Result } from '../../kernel/index.ts';
import type { TokenCount } from '../bill/billTokens.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import type { FaultName } from '../readFault.ts';

/** A request whose body has arrived whole. */
export interface VendorRequest {
  /** The vendor's own name for this request, new for each. */
  readonly id: string;
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** What stands behind the question mark; empty where nothing does. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer that is an error, in the vendor's own words. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One event of a stream, with what generating it cost. */
export interface StreamEvent {
  readonly bytes: string | Uint8Array;
  /** `frame`: openings, pings, block borders · `content`: what a client would show or keep · `closing`: finish, usage, terminal. */
  readonly kind: 'frame' | 'content' | 'closing';
  /** Output tokens that were spent when the event goes out. */
  readonly tokens: TokenCount;
}

/** A good answer. */
export interface Answer {
  /** The model that is billed; null where the vendor asks nothing. */
  readonly model: CatalogueModel | null;
  readonly input: TokenCount;
  readonly output:
    | {
        readonly kind: 'whole';
        /** Beside those on every answer. */
        readonly headers?: Readonly<Record<string, string>>;
        readonly body: string;
        readonly tokens: TokenCount;
      }
    | { readonly kind: 'stream'; readonly events: readonly StreamEvent[] };
}

/** Faults that are answers of their own, the same for every request. */
export type AnsweredFault = Extract<
  FaultName,
  'down' | 'rate-limit' | 'overload' | 'auth' | 'credit' | 'error-in-stream'
>;

/** What a vendor of one wire does with requests; knows nothing of sockets. */
export interface VendorWire {
  /** Content type of its streams. */
  readonly streamType: string;
  /** A name for a request. @param unique hexadecimal digits that no other request has. */
  requestId(unique: string): string;
  /** Headers on every answer. */
  headers(requestId: string): Readonly<Record<string, string>>;
  answer(request: VendorRequest): Result<Answer, Refusal>;
  /** Whether a request wants its answer as a stream, whatever else is right or wrong with it. */
  asksForStream(request: VendorRequest): boolean;
  /** A stream that decodes to nothing. */
  garbageStream(): string | Uint8Array;
  /** What still goes out of the event at which a connection is cut: nothing, or a beginning that says nothing yet. */
  torn(event: StreamEvent): string | Uint8Array;
  /** The body was larger than the vendor reads. */
  tooLarge(requestId: string): Refusal;
  /** @param unavailable for `down`: whether it is the gateway in front that answers (503) instead of the service (500). */
  fault(fault: AnsweredFault, requestId: string, retryAfterS: number, unavailable: boolean): Refusal;
  /** An error inside a stream that has begun. */
  streamError(): string | Uint8Array;
}
