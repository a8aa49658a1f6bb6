import type { Failure, FeatureSet, Operation, RatesLeft, ServiceTier, Usage } from '../vocabulary/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Codec, UpstreamCodec } from './codec/Codec.ts';
import type { AnswerKeeping } from './AnswerKeeping.ts';
import type { StartGrammar } from './conversation/conversationStart.ts';
import type { AnswerHeaders, PathWords, RequestFacts, RequestFault, StreamState, StreamStep } from './facts.ts';
import type { BodyScan } from './json/scanTopLevel.ts';
import type { RequestCeilings } from './request/RequestCeilings.ts';
import type { RunningAnswer } from './seam/RunningAnswer.ts';
import type { SseEvent, SseFault } from './sse/SseReader.ts';

export type * from './AnswerKeeping.ts';
export type * from './facts.ts';

/** How clients ask. The routes of wires are asked by GET, POST and DELETE alone. */
export type ClientMethod = 'GET' | 'POST' | 'HEAD' | 'PUT' | 'PATCH' | 'DELETE';

/** One path that clients of a wire call. */
export interface ClientRoute {
  readonly method: ClientMethod;
  /** Without the query: exact, with `{model}` where its wire names the model there, or with `{answer}` where it names an answer that is kept. */
  readonly path: string;
  readonly operation: Operation;
  /** Whether the answer is a stream, for wires that say so by the path. */
  readonly stream?: boolean;
  /** A parameter that the query must have: without it another form of answer is asked for, which is not made here. */
  readonly query?: readonly [name: string, value: string];
}

/** Cuts a target's stream into its events. */
export interface EventReader {
  /** Takes the next bytes and gives the events that they complete. After a fault it gives no more. */
  push(chunk: Uint8Array): Result<readonly SseEvent[], SseFault>;
  /** What stands whole at the end of the stream without the mark that ends an event. */
  end(): readonly SseEvent[];
}

/** Edits that the gateway may make to a client's bytes; each is named in the ledger. */
export interface RequestEdits {
  /** The vendor's name of the model. */
  readonly model: string;
  /** The body was written here, for this target: what vendors of other wires have thought is not in it, and is not looked for. Absent: it is a client's. */
  readonly translated?: boolean;
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
  /** Leave out how to think whatever is asked, because this target is known not to; otherwise only what asks not to is ever left out. */
  readonly withoutReasoning?: boolean;
  /** The name by which the vendor is to find the prompt cache, instead of the one that the client chose. */
  readonly cacheKey?: string;
  /** Give calls of tools ids that this target takes. */
  readonly shortCallIds?: boolean;
  /** Say what the role `developer` says in the role `system`, because this target knows no other. */
  readonly plainRoles?: boolean;
}

/** How a target wants the same thing said. */
export interface Correction extends Pick<
  RequestEdits,
  'drop' | 'rename' | 'withoutThinking' | 'withoutReasoning' | 'shortCallIds' | 'plainRoles'
> {
  /** It mends what this one request holds, and says nothing of what its target takes: nothing is learnt of it. */
  readonly once?: true;
}

export interface EditedRequest {
  readonly body: Uint8Array;
  /** Names of the edits made, for the ledger: "model", "stream_options.include_usage". Empty where the bytes are the client's own. */
  readonly named: readonly string[];
}

/** Reads one answer's stream: a reducer over its events, made for one attempt. */
export interface StreamObserver {
  readonly state: StreamState;
  /** Absent where the answer is not followed. */
  readonly running?: RunningAnswer | null;
  observe(event: SseEvent): StreamStep;
  /** Bytes still owed to the client after the last event of a complete stream (a missing `data: [DONE]`); empty where none. */
  closing(): Uint8Array;
}

/** A whole answer that was buffered. */
export interface AnswerReading {
  readonly usage: Usage | null;
  readonly outputBytes: number;
  /** Its id, for wires whose vendors hold conversations by it. */
  readonly answerId?: string | null;
  /** Service tier in which the vendor says that it was served. */
  readonly servedTier?: ServiceTier | null;
}

/** The head and body of an answer that is not a success. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Uint8Array;
}

/** An error of ours on its way to a client. */
export interface ClientError {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly requestId: string;
  readonly parameter?: string;
  /** When it may work again, in milliseconds, for wires that say so in the body, too. */
  readonly retryAfterMs?: number;
}

/** A model as listed to clients. */
export interface ListedModel {
  readonly id: string;
  /** Unix seconds. */
  readonly createdAtS: number;
  /** Who serves it, for the wires that say so. */
  readonly ownedBy: string;
}

/** A vendor's API as targets answer it. Pure: bytes in, facts out. */
export interface UpstreamWire {
  readonly name: string;
  /** The wire whose clients' bytes it takes as they are, where it differs from that one only in how targets are reached. */
  readonly variantOf?: Wire;
  /** Path at the vendor for an operation, with a query where it needs one, appended to the provider's base URL; null where the wire has none. */
  upstreamPath(operation: Operation, words: PathWords): string | null;
  /** Headers that carry the credential to the vendor. */
  credentialHeaders(apiKey: string): Readonly<Record<string, string>>;
  /** Parameters of a client's query that reach it as they were written, where they are others than its clients' own wire says. */
  readonly forwardedQuery?: readonly string[];
  /** Vendors that speak it count no tokens that were read from a prompt cache when they limit tokens. */
  readonly cacheReadsUnlimited?: true;
  /** Headers added when the client sent none of that name. */
  readonly defaultRequestHeaders: Readonly<Record<string, string>>;
  /**
   * Reads a request on this wire: a client's own, or one that the codec has written.
   * @param body Or the scan of it, which is gone on with where it stands.
   * @param ceilings Largest numbers that it may name; absent: the defaults.
   * @param words What the path said; null for wires whose paths say nothing.
   */
  readRequest(
    body: Uint8Array | BodyScan,
    operation: Operation,
    ceilings?: RequestCeilings,
    words?: PathWords | null,
  ): Result<RequestFacts, RequestFault>;
  editRequest(body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest;
  /** Content type of a target's stream, in lower case. */
  readonly streamType: string;
  readEvents(): EventReader;
  /** Service tier in which the head of an answer says that it is served, where it says so; what stands in the answer comes before it. */
  servedTierIn?(headers: AnswerHeaders): ServiceTier | null;
  /** Says what a refusal means. @param nowMs Unix milliseconds, for HTTP dates. */
  classify(answer: RefusedAnswer, nowMs: number): Failure;
  /**
   * The correction that mends a `capability` failure without changing what the client gets, or null where there is none:
   * the same bound under another name, a hint left out.
   */
  correction(failure: Failure, facts: RequestFacts): Correction | null;
  /**
   * What a target that is known to lack these parameters and features must not be sent: a bound under its other name, sampling left out, what is among
   * `eased`. Whatever changes what kind of answer it is stays in the request: it is one for another target.
   */
  accommodation(facts: RequestFacts, unsupported: readonly string[]): Correction;
  /** Features that an accommodation leaves out of a client's bytes: what else a target lacks can only be left out of the meaning. */
  readonly eased: FeatureSet;
  /** This wire's words for content, for clients who speak another one. */
  readonly codec: UpstreamCodec;
}

/** A vendor's API as clients speak it and as targets answer it: where both do, bytes pass as they are and are only observed. */
export interface Wire extends UpstreamWire {
  readonly routes: readonly ClientRoute[];
  /** Client headers (lower-case) that reach the vendor unchanged. */
  readonly forwardedRequestHeaders: readonly string[];
  /** Parameters of a client's query that reach the vendor as they were written; all others stay here, keys among them. */
  readonly forwardedQuery: readonly string[];
  /** Vendor headers (lower-case) that reach the client unchanged. */
  readonly forwardedAnswerHeaders: readonly string[];
  /** Where its requests say what stays the same from turn to turn of a conversation. */
  readonly start: StartGrammar;
  /** Begins to scan a client's body for `readRequest`, which is quick once it has come to its end: a large one is scanned in pieces. */
  scanRequest(body: Uint8Array): BodyScan;
  /**
   * Headers that tell a client how much of its rates is left, as this wire's clients know them.
   * @param nowMs Unix milliseconds.
   */
  rateHeaders(left: RatesLeft, nowMs: number): Readonly<Record<string, string>>;
  /** @param isFollowed Whether somebody else may go on with the answer, should it break off. */
  observeStream(facts: RequestFacts, isFollowed?: boolean): StreamObserver;
  /** Reads a 200 answer to a request that was not streamed; a `protocol` failure where it is none of this wire's. */
  readAnswer(operation: Operation, body: Uint8Array): Result<AnswerReading, Failure>;
  /** Statuses of our errors, by their codes, where this wire's clients know another one for them than the error reference says. */
  readonly errorStatuses: Readonly<Record<string, number>>;
  /** An error as this wire's clients expect it: JSON body. */
  errorBody(error: ClientError): Uint8Array;
  /** An error as this wire's clients expect it inside a stream that has begun: SSE bytes. */
  streamError(error: ClientError): Uint8Array;
  /** SSE bytes that keep a stream alive and mean nothing. */
  readonly ping: Uint8Array;
  listModels(models: readonly ListedModel[]): Uint8Array;
  /** Answer to a question for the number of input tokens, for wires that have such a question. */
  readonly tokenCount: ((tokens: number) => Uint8Array) | null;
  /** Absent where requests bring all that they are about. */
  readonly keeping?: AnswerKeeping;
  readonly codec: Codec;
}
