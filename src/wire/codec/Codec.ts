import type { Result } from '../../kernel/index.ts';
import type {
  Answer,
  AnswerPart,
  EmbedRequest,
  Embeddings,
  Failure,
  GenerateRequest,
  Tool,
} from '../../vocabulary/index.ts';
import type { AnswerHeaders, PathWords, RequestFacts, RequestFault, StreamState, StreamStep } from '../facts.ts';
import type { CallIdRule } from './CallIdRule.ts';
import type { Sewn } from '../seam/Sewn.ts';
import type { SseEvent } from '../sse/SseReader.ts';

/** Where something was sealed, or is to be opened. */
export interface SealPlace {
  /** Within which what its vendor keeps for a caller can be had again: "vendor/account/region". */
  readonly boundary: string;
  /** The vendor's name of the model; on some wires, models of one vendor want the same thing said in several ways, too. */
  readonly model: string;
}

/** What of a target matters for how a request is written to it. */
export interface CodecTarget extends SealPlace {
  /** Most output tokens of the model; for wires whose requests must bound their output. Null where unknown. */
  readonly outputTokensMax: number | null;
  /** Whether the model can think before it answers. */
  readonly reasoning: boolean;
  /** Parameters that it is known to refuse, by their names on its wire. */
  readonly unsupported: readonly string[];
  /** What it is known to take, features by their names among it, and members by which it is told of them; absent: nothing. */
  readonly supported?: readonly string[];
}

/** A request in a target's words. `model` is the caller's: the named edit of each call puts the target's in its place. */
export interface WrittenRequest {
  readonly body: Uint8Array;
  /** What was left out or brought closer because this wire or target has no word for it: "seed", "temperature". Sorted, each once. */
  readonly dropped: readonly string[];
  /** What of an answer that has begun the target is given, where it says that again before it goes on. */
  readonly echoed?: string;
}

/** Why a request cannot be said on another wire, in words for the client. */
export interface Untranslatable {
  readonly code: 'unsupported_feature' | 'bad_request';
  readonly message: string;
  readonly parameter?: string;
}

/** A tool that the client's wire calls otherwise than by its name alone. */
export type FramedTool = Pick<Tool, 'name' | 'place' | 'form'>;

/** How a translated answer is shown to the client. Plain data, and little of it: it lives as long as the answer, and goes to another thread with a large one. */
export interface AnswerFrame {
  /** Id of the answer where the vendor gave none. */
  readonly requestId: string;
  /** Name of the model where the vendor told none. */
  readonly model: string;
  /** Unix seconds. */
  readonly createdAtS: number;
  /** A plain estimate of the request's input tokens, for wires that tell them before the vendor does. */
  readonly inputEstimateTokens: number;
  /** Whether the client asked for usage in the stream. */
  readonly usageAsked: boolean;
  /** That the answer is kept here under an id of ours, and the id of the one that it goes on from, if any; absent: it is kept nowhere. */
  readonly kept?: { readonly after: string | null };
  /** Whether the client wants to see thinking. */
  readonly showThinking: boolean;
  /** Those of the client's tools that it knows in a group, or takes the calls of as a text. */
  readonly tools: readonly FramedTool[];
  /** Where its seals were made. */
  readonly sealedAt: SealPlace;
}

/** What one event of a target's stream says. */
export interface DecodedStep extends StreamStep {
  readonly parts: readonly AnswerPart[];
}

/** Reads one answer's stream into the vocabulary: what its `StreamObserver` says of each event, and the parts in it. Never throws. */
export interface StreamDecoder {
  readonly state: StreamState;
  decode(event: SseEvent): DecodedStep;
  /** Parts still owed when the connection has ended after a complete answer whose terminal event did not come. */
  closing(): readonly AnswerPart[];
}

/** Writes one answer's stream for a client. It keeps to the grammar of its protocol: parts that break theirs are a programmer's mistake and throw. */
export interface StreamEncoder {
  /** Why no more can be said, on a wire that has to keep what it says: what is too long for that. */
  readonly fault?: Failure | null;
  /** SSE text of these parts; empty where nothing can be said yet. */
  encode(parts: readonly AnswerPart[]): string;
  /** Notes that somebody else goes on with the answer, for its last events. @returns what tells of it where it happens; empty where the wire has no place for that. */
  sew(seam: Sewn): string;
}

/** A request whose texts are there. */
export interface TextsToEmbed extends EmbedRequest {
  readonly texts: readonly string[];
}

/** How targets of a wire are asked for vectors by clients of another one. */
export interface EmbeddingTarget {
  encodeRequest(request: TextsToEmbed, target: CodecTarget): Result<WrittenRequest, Untranslatable>;
  /** Reads an answer with status 200. It may hold any number of vectors; each is a list of finite numbers. */
  decodeAnswer(body: Uint8Array, headers: AnswerHeaders): Result<Embeddings, Failure>;
}

/** How clients of a wire ask for vectors. */
export interface EmbeddingClient {
  /** Reads a client's request whole; refuses what is wrong in itself. */
  decodeRequest(body: Uint8Array): Result<EmbedRequest, RequestFault>;
  /** Writes the answer. @param frame What stands in for what the vendor did not tell. */
  encodeAnswer(
    answer: Embeddings,
    request: Pick<EmbedRequest, 'model' | 'encoding'>,
    frame: Pick<AnswerFrame, 'inputEstimateTokens'>,
  ): Uint8Array;
}

/** A wire's words for content towards its targets: what stands in for another wire there. Pure. */
export interface UpstreamCodec {
  /** Writes a request for a target of this wire. */
  encodeRequest(request: GenerateRequest, target: CodecTarget): Result<WrittenRequest, Untranslatable>;
  /** Reads a whole answer with status 200; a `protocol` failure, or what it says, where it is none. @param facts Of the request, where they are known. */
  decodeAnswer(body: Uint8Array, facts?: RequestFacts): Result<Answer, Failure>;
  decodeStream(facts: RequestFacts): StreamDecoder;
  /** Absent where the wire has no vectors, or none that clients of another wire could be served with. */
  readonly embeddingTarget?: EmbeddingTarget;
}

/** One wire's words for content, both ways: what two wires need to stand in for one another. Pure. */
export interface Codec extends UpstreamCodec {
  /** Reads a client's request whole; `words` as in `Wire.readRequest`. Refuses what is wrong in itself; what only this wire can say is told in `natives`. */
  decodeRequest(body: Uint8Array, words?: PathWords | null): Result<GenerateRequest, RequestFault>;
  /** Writes a whole answer for a client of this wire. */
  encodeAnswer(answer: Answer, frame: AnswerFrame): Uint8Array;
  encodeStream(frame: AnswerFrame): StreamEncoder;
  /** What clients of this wire are given as ids of calls. */
  readonly callIds: CallIdRule;
  /** Absent where clients of the wire cannot ask for vectors here. */
  readonly embeddingClient?: EmbeddingClient;
}
