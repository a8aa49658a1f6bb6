/** What a score is made of beside the expected cost, as far as it is anything. Money is Float64 US dollars, for comparison only. */
export interface DecisionTerms {
  /** What a dollar that is paid there counted: less than 1 where it burns a commitment, more where a cap is near. */
  readonly factor?: number;
  /** What of the expected cost a floor takes, which is paid for already. */
  readonly freeUsd?: number;
  /** What a dollar of that counted: the floor has only so much of it. */
  readonly bid?: number;
  /** Input tokens that its prompt cache is expected to hold. */
  readonly cachedTokens?: number;
  /** What that cache is worth to the next turn; taken off. */
  readonly nextTurnUsd?: number;
  /** Milliseconds until its answer was expected, and what they counted. */
  readonly latencyMs?: number;
  readonly latencyUsd?: number;
  /** Its place by weights and canaries, which the file goes by before the score: the smallest goes first. */
  readonly weight?: number;
}

/** One target that was weighed for an attempt, and why it lost, if it did. */
export interface DecisionCandidate {
  /** "provider/model". */
  readonly target: string;
  /** Expected cost of this request there, in US dollars; a Float64 for comparison only, never booked. */
  readonly expectedUsd: number | null;
  /** Smaller is better; null when not eligible. */
  readonly score: number | null;
  /** Why it was not eligible, or which guard stood against it: "cooling until ...", "over vendor cap 0.45". */
  readonly reason?: string;
  /** What the score is made of; absent where it is the expected cost, or there is none. */
  readonly terms?: DecisionTerms;
}

/** A conversation goes on elsewhere than where a prompt cache holds what was said so far. */
export interface DecisionMove {
  /** "provider/model", whose cache would have saved most. */
  readonly from: string;
  /** What it would have saved: the expected cost there without it, less that with it. US dollars, a Float64, never booked. */
  readonly usd: number;
}

/**
 * How somebody is asked to go on with an answer that broke off. `prefill`: it stands as an answer that has begun, which some targets go on with at its last letter ·
 * `instruction`: as an answer that was given, with a line behind it that asks for the rest.
 */
export type ContinuingBy = 'prefill' | 'instruction';

/** Why nothing of a continuation went to the client: it began the answer anew, apologised or refused, was empty, or was written in another script. */
export type SeamRefusal = 'restarted' | 'apologised' | 'empty' | 'other_script';

/** Where an answer broke off after its first content, and an attempt was to go on with it. */
export interface Seam {
  /** "provider/model" whose answer broke off. */
  readonly from: string;
  /** Visible text that the client had by then, in UTF-16 units. */
  readonly textLength: number;
  readonly by: ContinuingBy;
  /** How much of the continuation was left out, since it repeated the end of that text. UTF-16 units. */
  readonly trimmed: number;
  /** Why nothing of it went out; null where it did, or where nothing came. */
  readonly refused: SeamRefusal | null;
}

/** Why an attempt went where it went. Kept with the request. */
export interface Decision {
  /** 1 for the first attempt of the request. */
  readonly attempt: number;
  /** "provider/model", or null when nobody was eligible. */
  readonly chosen: string | null;
  /** The guard that was broken because nobody else was eligible and healthy: availability wins, and it is shown. */
  readonly forced?: string;
  /** The prompt cache that is left behind, where one is. */
  readonly move?: DecisionMove;
  /** The limit that kept the request out before anybody was chosen, and for how long: "team research: 60 requests a minute, 3 s to wait". */
  readonly limited?: string;
  /** What else bore on it, in words: a pin, a canary or weights that were drawn, what a second of waiting counts as. */
  readonly rules?: readonly string[];
  /** Id of the live drill that the request was part of: what was out for it was out by the drill alone. */
  readonly drill?: string;
  readonly candidates: readonly DecisionCandidate[];
  /** Of an attempt that was to go on with an answer that broke off. */
  readonly seam?: Seam;
}
