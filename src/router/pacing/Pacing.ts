/** What contracts and caps make of the cost of a target, as a choice reads it. Targets are known by their index. Money is Float64 US dollars. */
export interface Pacing {
  /** Room that is kept below each cap. */
  readonly margin: number;
  /** What a dollar paid to it counts: less than 1 while it burns a pool that is not met, more where its vendor or host has nearly its cap. */
  factorOf(target: number): number;
  /**
   * Dollars of a use that its floor still takes in the interval that runs.
   * @param cachedTokens expected to be read from the cache, of the input.
   * @param atMs Unix milliseconds
   */
  freeUsd(
    target: number,
    costUsd: number,
    inputTokens: number,
    cachedTokens: number,
    outputTokens: number,
    atMs: number,
  ): number;
  /** What a dollar counts that its floor takes; asked after `freeUsd` of the same use. */
  bidOf(target: number, atMs: number): number;
  /** Whether a floor in force takes something of its use. */
  hasFloor(target: number): boolean;
  /**
   * A request came that the floor of a target might take, whoever it goes to: from these it learns what its room is worth. As in `freeUsd`.
   * @param elsewhereUsd What the request comes to without that floor, less what it comes to beside its cost at that target.
   */
  saw(
    target: number,
    costUsd: number,
    inputTokens: number,
    cachedTokens: number,
    outputTokens: number,
    elsewhereUsd: number,
    atMs: number,
  ): void;
}
