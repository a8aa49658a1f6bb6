import type { Failure, Operation, Requirements, Usage } from '../vocabulary/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Member } from './json/scanTopLevel.ts';
import type { SseEvent } from './sse/SseReader.ts';

/** One path that clients of a wire call. */
export interface ClientRoute {
  readonly method: 'GET' | 'POST';
  /** Exact path, without the query. */
  readonly path: string;
  readonly operation: Operation;
}

/** A client's body that cannot be taken, in words for the client. */
export interface RequestFault {
  readonly code: 'invalid_json' | 'duplicate_key' | 'bad_request';
  /** What, where and how to mend it; says line and column for JSON faults. */
  readonly message: string;
  /** The top-level member it is about. */
  readonly parameter?: string;
}

/** What the gateway needs to know of a request, read without parsing its content. */
export interface RequestFacts {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the client itself asked for usage in the stream; if not, the chunk we asked for is hidden from it. */
  readonly usageAsked: boolean;
  /** Most output tokens that the request allows in all (bound x choices), or null where it sets none. */
  readonly outputBoundTokens: number | null;
  /** How many answers are asked for (`n`). */
  readonly choices: number;
  /**
   * Upper bound of the input tokens: each token is at least one byte of the body, plus an allowance for the vendor's template.
   * Null where the body refers to content that is not in it (a URL, a stored file, a stored conversation): then the model's context bounds it.
   */
  readonly inputBoundTokens: number | null;
  /** A plain estimate of the input tokens (about four bytes a token), for comparing targets and for estimates. */
  readonly inputEstimateTokens: number;
  readonly requirements: Requirements;
  /** Top-level members with their byte ranges. */
  readonly members: readonly Member[];
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
}

export interface EditedRequest {
  readonly body: Uint8Array;
  /** Names of the edits made, for the ledger: "model", "stream_options.include_usage". Empty where the bytes are the client's own. */
  readonly named: readonly string[];
}

/** What one event of an answer's stream means to the gateway. */
export interface StreamStep {
  /**
   * `preamble`: may be thrown away on failover (role chunk, message_start, ping, comment) · `content`: the first of these commits ·
   * `closing`: after the content (finish reason, usage) · `terminal`: the protocol's end · `failure`: an error inside the stream.
   */
  readonly kind: 'preamble' | 'content' | 'closing' | 'terminal' | 'failure';
  /** The event must not reach the client (the usage chunk it did not ask for). */
  readonly hide: boolean;
  /** Set with kind `failure`. */
  readonly failure?: Failure;
}

/** Everything known of a stream so far. Reducers make a new one or mutate their own; callers only read. */
export interface StreamState {
  /** Usage as the vendor reported it, once it has; the latest report replaces the earlier ones. */
  readonly usage: Usage | null;
  /** The answer is whole: the protocol's terminal condition was met. */
  readonly complete: boolean;
  /** UTF-8 bytes of visible and hidden output seen, for estimates. */
  readonly outputBytes: number;
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
  correction(failure: Failure, facts: RequestFacts): Pick<RequestEdits, 'drop' | 'rename'> | null;
  /** The HTTP status for an error code of ours where this wire's clients need another than the code's own; null where they do not. */
  statusOf(code: string): number | null;
  /** An error as this wire's clients expect it: JSON body. */
  errorBody(error: ClientError): Uint8Array;
  /** An error as this wire's clients expect it inside a stream that has begun: SSE bytes. */
  streamError(error: ClientError): Uint8Array;
  /** SSE bytes that keep a stream alive and mean nothing. */
  readonly ping: Uint8Array;
  listModels(models: readonly ListedModel[]): Uint8Array;
}
