/** Bounds of the table: with these it takes about 6 MiB. */
export interface PromptCacheLimits {
  /** Conversations that are remembered; beyond them the one that nobody has gone on with for longest is forgotten. */
  readonly conversations: number;
  /** Targets that are remembered of each; beyond them the one whose cache ends first is forgotten. */
  readonly targetsEach: number;
  /** Targets that are told apart; when there are more, all is forgotten. */
  readonly targets: number;
}

const standardLimits: PromptCacheLimits = { conversations: 32_768, targetsEach: 4, targets: 4_096 };

const nowhere = -1;
/** A new observation of what a target reads weighs this much at least. */
const weightMin = 0.05;
/**
 * From this share on predictions are taken whole: what is missed then is mostly what clients have changed of their prompts, which is missed at every target alike,
 * and to discount it moves conversations that had better stay (`bench/regret`). What reads less does not keep what its vendor says.
 */
const readShareTrusted = 0.5;

/**
 * What targets' prompt caches are thought to hold: of each conversation how many tokens of it each target was sent last, and until when it keeps them. Made
 * once; nothing is allocated after that but the keys' places. Times are monotonic milliseconds. Targets are told apart by small numbers: `targetOf` gives them out, or
 * the caller counts himself.
 */
export class PromptCaches<Key = string> {
  readonly #limits: PromptCacheLimits;
  readonly #places = new Map<Key, number>();
  readonly #keys: (Key | undefined)[] = [];
  /** The ring of places by when they were last sent something; its head stands behind the places. */
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  /** Of each place, as many as `targetsEach`. */
  readonly #targets: Int32Array;
  readonly #tokens: Int32Array;
  readonly #untilMs: Float64Array;
  readonly #names = new Map<string, number>();
  /** Share of what a target was thought to hold that it did read, and how much was learnt of it. */
  readonly #readShare: Float64Array;
  readonly #observations: Float64Array;

  constructor(limits: Partial<PromptCacheLimits> = {}) {
    this.#limits = { ...standardLimits, ...limits };
    const { conversations, targetsEach, targets } = this.#limits;
    this.#older = new Int32Array(conversations + 1);
    this.#newer = new Int32Array(conversations + 1);
    this.#targets = new Int32Array(conversations * targetsEach);
    this.#tokens = new Int32Array(conversations * targetsEach);
    this.#untilMs = new Float64Array(conversations * targetsEach);
    this.#readShare = new Float64Array(targets);
    this.#observations = new Float64Array(targets);
    this.#forget();
  }

  /** Conversations that are remembered. */
  get size(): number {
    return this.#places.size;
  }

  /** The number of a target, by its name. */
  targetOf(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size === this.#limits.targets) this.#forget();
    const target = this.#names.size;
    this.#names.set(name, target);
    return target;
  }

  /** Where a conversation stands, or -1 where it is not known. Good until the next `sent` or `targetOf`. */
  placeOf(key: Key): number {
    return this.#places.get(key) ?? nowhere;
  }

  /** Tokens of the conversation that the target was sent last and keeps still, as far as its vendor says how long it keeps them. */
  heldAt(place: number, target: number, nowMs: number): number {
    if (place === nowhere) return 0;
    const { targetsEach } = this.#limits;
    const from = place * targetsEach;
    for (let at = from; at < from + targetsEach; at++) {
      if (this.#targets[at] === target) return nowMs < (this.#untilMs[at] ?? 0) ? (this.#tokens[at] ?? 0) : 0;
    }
    return 0;
  }

  /** Tokens of an input that the target will probably read from its cache: what it holds, as far as such predictions came true there. */
  predict(place: number, target: number, inputTokens: number, nowMs: number): number {
    return this.readable(target, Math.min(this.heldAt(place, target, nowMs), inputTokens));
  }

  /** What a target will probably read of so many tokens that it holds. */
  readable(target: number, tokens: number): number {
    const share = this.#readShare[target] ?? 1;
    return share < readShareTrusted ? Math.floor(tokens * share) : tokens;
  }

  /** A target has read so many tokens of a conversation, and keeps them until then. */
  sent(key: Key, target: number, tokens: number, untilMs: number): void {
    const place = this.#placeFor(key);
    const { targetsEach } = this.#limits;
    const from = place * targetsEach;
    let into = from;
    for (let at = from; at < from + targetsEach; at++) {
      if (this.#targets[at] === target) {
        into = at;
        break;
      }
      if ((this.#untilMs[at] ?? 0) < (this.#untilMs[into] ?? 0)) into = at;
    }
    this.#targets[into] = target;
    this.#tokens[into] = Math.min(tokens, 0x7fffffff);
    this.#untilMs[into] = untilMs;
  }

  /**
   * What came of a prediction, in shares of the input or in tokens, whichever both are in.
   * @param held What the target was thought to hold of the input, before anything was learnt; 0 says nothing.
   */
  observe(target: number, held: number, read: number): void {
    if (!(held > 0) || !(read >= 0)) return;
    const seen = this.#observations[target] ?? 0;
    const share = this.#readShare[target] ?? 1;
    this.#observations[target] = seen + 1;
    // What the vendor documents counts as one observation.
    this.#readShare[target] = share + (Math.min(1, read / held) - share) * Math.max(weightMin, 1 / (seen + 2));
  }

  /** The place of a conversation, which is the newest now. */
  #placeFor(key: Key): number {
    const known = this.#places.get(key);
    const place = known ?? this.#freePlace();
    if (known === undefined) this.#take(place, key);
    else this.#unlink(place);
    this.#link(place);
    return place;
  }

  #freePlace(): number {
    const { conversations } = this.#limits;
    if (this.#places.size < conversations) return this.#places.size;
    const oldest = this.#newer[conversations] ?? 0;
    this.#unlink(oldest);
    const key = this.#keys[oldest];
    if (key !== undefined) this.#places.delete(key);
    return oldest;
  }

  #take(place: number, key: Key): void {
    this.#places.set(key, place);
    this.#keys[place] = key;
    const { targetsEach } = this.#limits;
    this.#targets.fill(nowhere, place * targetsEach, (place + 1) * targetsEach);
    this.#untilMs.fill(0, place * targetsEach, (place + 1) * targetsEach);
  }

  #unlink(place: number): void {
    const older = this.#older[place] ?? 0;
    const newer = this.#newer[place] ?? 0;
    this.#newer[older] = newer;
    this.#older[newer] = older;
  }

  #link(place: number): void {
    const head = this.#limits.conversations;
    const newest = this.#older[head] ?? 0;
    this.#older[place] = newest;
    this.#newer[place] = head;
    this.#newer[newest] = place;
    this.#older[head] = place;
  }

  #forget(): void {
    const head = this.#limits.conversations;
    this.#places.clear();
    this.#keys.length = 0;
    this.#older[head] = head;
    this.#newer[head] = head;
    this.#names.clear();
    this.#targets.fill(nowhere);
    this.#readShare.fill(1);
    this.#observations.fill(0);
  }
}
