import type { Failure, Operation, Usage } from '../vocabulary/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Codec } from './codec/Codec.ts';
import type { RequestFacts, RequestFault, StreamState, StreamStep } from './facts.ts';
import type { SseEvent } from './sse/SseReader.ts';

export type * from './facts.ts';

/** One path that clients of a wire call. */
export interface ClientRoute {
  readonly method: 'GET' | 'POST';
  /** Exact path, without the query. */
  readonly path: string;
  readonly operation: Operation;
}

/** Edits that the gateway may make to a client's bytes; each is named in the ledger. */
export interface RequestEdits {
  /** The vendor's name of the model. */
  readonly model: string;
  /** Ask the vendor for usage at the end of the stream, where the wire has such an option and the client did not ask. */
  readonly askUsage: boolean;
  /** Most output tokens a choice, set under a hard budget where the client set none. */
  readonly outputBoundTokens?: number;
  /** Top-level members to leave out, because this target was seen to refuse them and leaving them out changes nothing in the answer. */
  readonly drop?: readonly string[];
  /** Top-level members to rename, because this target takes the same thing under another name. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Leave the thinking of earlier answers out of the messages, because this target was seen to refuse it. */
  readonly withoutThinking?: boolean;
}

/** How a target wants the same thing said. */
export type Correction = Pick<RequestEdits, 'drop' | 'rename' | 'withoutThinking'>;

export interface EditedRequest {
  readonly body: Uint8Array;
  /** Names of the edits made, for the ledger: "model", "stream_options.include_usage". Empty where the bytes are the client's own. */
  readonly named: readonly string[];
}

/** Reads one answer's stream: a reducer over its events, made for one attempt. */
export interface StreamObserver {
  readonly state: StreamState;
  observe(event: SseEvent): StreamStep;
  /** Bytes still owed to the client after the last event of a complete stream (a missing `data: [DONE]`); empty where none. */
  closing(): Uint8Array;
}

/** A whole answer that was buffered. */
export interface AnswerReading {
  readonly usage: Usage | null;
  readonly outputBytes: number;
}

/** The head and body of an answer that is not a success. */
export interface RefusedAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** An error of ours on its way to a client. */
export interface ClientError {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly requestId: string;
  readonly parameter?: string;
}

/** A model as listed to clients. */
export interface ListedModel {
  readonly id: string;
  /** Unix seconds. */
  readonly createdAtS: number;
  /** Who serves it, for the wires that say so. */
  readonly ownedBy: string;
}

/** A vendor's API as clients speak it and as targets answer it. Pure: bytes in, facts out. */
export interface Wire {
  readonly name: string;
  readonly routes: readonly ClientRoute[];
  /** Path at the vendor for an operation, appended to the provider's base URL; null where the wire has none. */
  upstreamPath(operation: Operation): string | null;
  /** Headers that carry the credential to the vendor. */
  credentialHeaders(apiKey: string): Readonly<Record<string, string>>;
  /** Client headers (lower-case) that reach the vendor unchanged. */
  readonly forwardedRequestHeaders: readonly string[];
  /** Parameters of a client's query that reach the vendor as they were written; all others stay here, keys among them. */
  readonly forwardedQuery: readonly string[];
  /** Headers added when the client sent none of that name. */
  readonly defaultRequestHeaders: Readonly<Record<string, string>>;
  /** Vendor headers (lower-case) that reach the client unchanged. */
  readonly forwardedAnswerHeaders: readonly string[];
  readRequest(body: Uint8Array, operation: Operation): Result<RequestFacts, RequestFault>;
  editRequest(body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest;
  observeStream(facts: RequestFacts): StreamObserver;
  /** Reads a 200 answer to a request that was not streamed; a `protocol` failure where it is none of this wire's. */
  readAnswer(operation: Operation, body: Uint8Array): Result<AnswerReading, Failure>;
  /** Says what a refusal means. @param nowMs Unix milliseconds, for HTTP dates. */
  classify(answer: RefusedAnswer, nowMs: number): Failure;
  /**
   * The correction that mends a `capability` failure without changing what the client gets, or null where there is none:
   * the same bound under another name, a hint left out.
   */
  correction(failure: Failure, facts: RequestFacts): Correction | null;
  /**
   * What a target that is known to refuse these parameters must not be sent: a bound under its other name, sampling left out. Whatever changes what
   * kind of answer it is stays in the request, so that the target refuses it.
   */
  accommodation(facts: RequestFacts, unsupported: readonly string[]): Correction;
  /** An error as this wire's clients expect it: JSON body. */
  errorBody(error: ClientError): Uint8Array;
  /** An error as this wire's clients expect it inside a stream that has begun: SSE bytes. */
  streamError(error: ClientError): Uint8Array;
  /** SSE bytes that keep a stream alive and mean nothing. */
  readonly ping: Uint8Array;
  listModels(models: readonly ListedModel[]): Uint8Array;
  /** Answer to a question for the number of input tokens, for wires that have such a question. */
  readonly tokenCount: ((tokens: number) => Uint8Array) | null;
  /** This wire's words for content, for those who speak another one. */
  readonly codec: Codec;
}
