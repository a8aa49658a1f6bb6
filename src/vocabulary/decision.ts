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
}

/** Why an attempt went where it went. Kept with the request. */
export interface Decision {
  /** 1 for the first attempt of the request. */
  readonly attempt: number;
  /** "provider/model", or null when nobody was eligible. */
  readonly chosen: string | null;
  /** The guard that was broken because nobody else was eligible and healthy: availability wins, and it is shown. */
  readonly forced?: string;
  /** The limit that kept the request out before anybody was chosen, and for how long: "team research: 60 requests a minute, 3 s to wait". */
  readonly limited?: string;
  /** What else bore on it, in words: a pin, a canary or weights that were drawn, what a second of waiting counts as. */
  readonly rules?: readonly string[];
  readonly candidates: readonly DecisionCandidate[];
}
