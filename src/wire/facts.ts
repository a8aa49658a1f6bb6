import type { Failure, Requirements, ServiceTier, Usage } from '../vocabulary/index.ts';
import type { Member } from './json/scanTopLevel.ts';

/** A client's body that cannot be taken, in words for the client. */
export interface RequestFault {
  readonly code: 'invalid_json' | 'duplicate_key' | 'bad_request' | 'unsupported_feature';
  /** What, where and how to mend it; says line and column for JSON faults. */
  readonly message: string;
  /** The top-level member it is about. */
  readonly parameter?: string;
}

/** What a path says of a request, for wires that say there what others say in the body. */
export interface PathWords {
  readonly model: string;
  readonly stream: boolean;
}

/** A conversation that the vendor holds, so that requests need not bring what was said before. */
export interface HeldConversation {
  /** Id of the answer that it goes on from, as its vendor gave it; null where it begins. */
  readonly continues: string | null;
  /** What of the request says so. */
  readonly parameter: string;
  /** It begins here, and all that was said so far is in the request: who holds none could serve it, if it were not to be held. */
  readonly begins?: true;
}

/** Headers of an answer, by their names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

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
   * Upper bound of the input tokens: each token is at least one byte of the body, plus an allowance for the vendor's template and for each image.
   * Null where the body refers to content that is not in it (a URL, a stored file, a stored conversation), or holds some that is read as more tokens than it
   * has bytes (documents, audio, video): then the model's context bounds it.
   */
  readonly inputBoundTokens: number | null;
  /** A plain estimate of the input tokens (about four bytes a token), for comparing targets and for estimates. */
  readonly inputEstimateTokens: number;
  readonly requirements: Requirements;
  /** It asks not to think, in a member of its own. A target that refuses that member and does not think anyway answers alike without it. */
  readonly thinkingOff?: boolean;
  /** Top-level members that say what holds without them: a target that refuses them answers alike without, and nobody has to be told. */
  readonly defaults?: readonly string[];
  /** Service tier that it asks for; `auto` where it leaves that to the vendor, absent where it says nothing of it. */
  readonly serviceTier?: ServiceTier;
  /** Whom it is made for, as its client calls them; absent where it does not say. */
  readonly endUser?: string;
  /** It marks where prompts are to be kept in its vendor's cache, and how long at most; absent where it marks nothing. */
  readonly cacheMark?: '5m' | '1h';
  /** Name by which its vendor finds its prompt cache, as the client chose it; absent where it chose none. */
  readonly cacheKey?: string;
  /** Only who holds conversations can serve it, and one that goes on only who holds that one. */
  readonly conversation?: HeldConversation;
  /** Its vendor keeps the answer unasked, and a later request may go on from it. */
  readonly answerKept?: true;
  /** Top-level members with their byte ranges. */
  readonly members: readonly Member[];
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
  /** Id of the answer, for wires whose vendors hold conversations by it. */
  readonly answerId?: string | null;
  /** Service tier in which the vendor says that it is served. */
  readonly servedTier?: ServiceTier | null;
}
