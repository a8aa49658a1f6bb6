import { sizeBucket } from '../sizeBucket.ts';
import { insertBounded } from '../insertBounded.ts';
import { DecayedQuantiles, type QuantileName } from './DecayedQuantiles.ts';

/** After this an answer counts half: a vendor's slow hour is known within minutes, and forgotten within some. */
const halfLifeMs = 600_000;
/** Answers from which on a size of input, or a target, speaks for itself alone. */
const answersEnough = 8;
/** Histories at a time, one for each target and size, each target and each model: the oldest is forgotten first. */
const historiesMax = 4_096;
/** First tokens from 1 ms to 2^21 ms, half an hour and more. */
const firstMsLowest = 1;
const firstMsOctaves = 21;
/** Tokens a second from 1/8 to 2^15. */
const rateLowest = 0.125;
const rateOctaves = 18;
/** Tokens of output from which on an answer says how fast they come. */
const rateTokensMin = 16;
/** The part of a whole answer's time that is taken to be for its tokens, at least, whatever is known of the first one. */
const writingShareMin = 0.1;
/** The part of an answer's time for which it may have stood still for its client and still say how fast its vendor writes. */
const stalledShareMax = 0.05;

interface History {
  readonly firstMs: DecayedQuantiles;
  /** Output tokens a second after the first. */
  readonly tokensPerS: DecayedQuantiles;
}

const newHistory = (): History => ({
  firstMs: new DecayedQuantiles(firstMsLowest, firstMsOctaves, halfLifeMs),
  tokensPerS: new DecayedQuantiles(rateLowest, rateOctaves, halfLifeMs),
});

/** What one answer that came to its end taught. */
export interface SeenLatency {
  /** Logical model. */
  readonly model: string;
  /** "provider/model". */
  readonly target: string;
  /** Estimated. */
  readonly inputTokens: number;
  /** What it had, thinking included. */
  readonly outputTokens: number;
  /** From the call to the first content; null where the answer came whole. */
  readonly firstContentMs: number | null;
  /** From the call to its end. */
  readonly durationMs: number;
  /** For how much of that its vendor was not read, since its client took no more. */
  readonly stalledMs: number;
}

/** How fast a target is known to be, for views. Null where nothing was seen. */
export interface TargetLatency {
  /** "provider/model". */
  readonly target: string;
  /** Answers that stand behind it, faded. */
  readonly answers: number;
  readonly firstMs: Readonly<Record<QuantileName, number | null>>;
  readonly tokensPerS: Readonly<Record<QuantileName, number | null>>;
}

/**
 * How long answers take: quantiles of the time to the first token and of output tokens a second, by target and size of input, in which older answers fade.
 * Where little is known of a size its target speaks for it, and for a target its model. Learnt from live traffic; for choices only.
 */
export class LatencyEstimate {
  readonly #bySize = new Map<string, History>();
  readonly #targets = new Map<string, History>();
  readonly #models = new Map<string, History>();

  /** Learns from one answer that came whole. @param nowMs monotonic milliseconds */
  observe(seen: SeenLatency, nowMs: number): void {
    const { model, target, inputTokens, outputTokens, firstContentMs, durationMs, stalledMs } = seen;
    const histories = [
      historyOf(this.#bySize, sizeName(target, inputTokens)),
      historyOf(this.#targets, target),
      historyOf(this.#models, model),
    ];
    const writes = outputTokens >= rateTokensMin;
    const firstMs = firstContentMs ?? (writes ? null : durationMs);
    // A client that reads slowly is not a vendor that writes slowly.
    const perS = writes && stalledMs <= durationMs * stalledShareMax ? this.#perS(seen, nowMs) : null;
    for (const history of histories) {
      // Whole milliseconds come in, and 0 is less than one.
      if (firstMs !== null) history.firstMs.observe(Math.max(firstMs, firstMsLowest), nowMs);
      if (perS !== null) history.tokensPerS.observe(perS, nowMs);
    }
  }

  /** Of an answer that came whole the time that its target takes to begin is not known, but that of its streams is. */
  #perS({ model, target, inputTokens, outputTokens, firstContentMs, durationMs }: SeenLatency, nowMs: number): number {
    const beganMs = firstContentMs ?? this.#blended('firstMs', 'p50', model, target, inputTokens, nowMs) ?? 0;
    return (outputTokens * 1_000) / Math.max(durationMs - beganMs, durationMs * writingShareMin, firstMsLowest);
  }

  /**
   * Milliseconds until an answer of so many tokens is there, as half of such answers were; null where nothing is known of its model.
   * @param nowMs monotonic milliseconds
   */
  expectedMs(model: string, target: string, inputTokens: number, outputTokens: number, nowMs: number): number | null {
    const firstMs = this.#blended('firstMs', 'p50', model, target, inputTokens, nowMs);
    const perS = this.#blended('tokensPerS', 'p50', model, target, inputTokens, nowMs);
    if (firstMs === null && perS === null) return null;
    return (firstMs ?? 0) + (perS === null ? 0 : (outputTokens * 1_000) / perS);
  }

  /** Forgets what the configuration no longer names. */
  retain(targets: Pick<ReadonlySet<string>, 'has'>, models: Pick<ReadonlySet<string>, 'has'>): void {
    for (const name of this.#targets.keys()) if (!targets.has(name)) this.#targets.delete(name);
    for (const name of this.#models.keys()) if (!models.has(name)) this.#models.delete(name);
    for (const name of this.#bySize.keys()) if (!targets.has(targetOf(name))) this.#bySize.delete(name);
  }

  /** What is known of each target, over all sizes of input. */
  snapshot(nowMs: number): readonly TargetLatency[] {
    return [...this.#targets].map(([target, { firstMs, tokensPerS }]) => ({
      target,
      answers: Math.max(firstMs.volume(nowMs), tokensPerS.volume(nowMs)),
      firstMs: quantilesOf(firstMs),
      tokensPerS: quantilesOf(tokensPerS),
    }));
  }

  /** Each speaks for as much as it has seen of what is enough, and the next wider one for the rest. */
  #blended(
    member: keyof History,
    name: QuantileName,
    model: string,
    target: string,
    inputTokens: number,
    nowMs: number,
  ): number | null {
    let sum = 0;
    let spoken = 0;
    const widening = [
      this.#bySize.get(sizeName(target, inputTokens)),
      this.#targets.get(target),
      this.#models.get(model),
    ];
    for (const history of widening) {
      const volume = history?.[member].volume(nowMs) ?? 0;
      if (history === undefined || volume === 0) continue;
      const share = (1 - spoken) * Math.min(1, volume / answersEnough);
      sum += share * history[member].quantile(name);
      spoken += share;
      if (spoken >= 1) break;
    }
    return spoken === 0 ? null : sum / spoken;
  }
}

const sizeName = (target: string, inputTokens: number): string => `${sizeBucket(inputTokens)} ${target}`;

const targetOf = (name: string): string => name.slice(name.indexOf(' ') + 1);

const historyOf = (histories: Map<string, History>, name: string): History => {
  const known = histories.get(name);
  if (known !== undefined) return known;
  const history = newHistory();
  insertBounded(histories, name, history, historiesMax);
  return history;
};

const quantilesOf = (quantiles: DecayedQuantiles): Readonly<Record<QuantileName, number | null>> => ({
  p50: seenOr(quantiles.quantile('p50')),
  p90: seenOr(quantiles.quantile('p90')),
});

const seenOr = (value: number): number | null => (Number.isNaN(value) ? null : value);
