import { seededRandom } from '../../../src/kernel/index.ts';
import { market, restrictedShare } from '../market/market.ts';
import type { Trace, TraceRequest } from '../traces/Trace.ts';
import { drawWeather } from './drawWeather.ts';
import { loadOfMinute, minutesOfMonth, secondsOfMonth } from './loadShape.ts';
import type { Month } from './Month.ts';
import { normal } from './normal.ts';

export interface MonthOptions {
  readonly seed: number;
  /** Expected requests of the month. */
  readonly requests: number;
  /** Whether the month's level wanders off what was forecast. */
  readonly drifts: boolean;
  /** A target that is dead for the month's last six hours. */
  readonly deadAtEnd?: number;
}

interface Arrival {
  readonly atS: number;
  readonly request: TraceRequest;
  readonly conversation: number;
  readonly kind: number;
}

const levelSpread = 0.15;
const stepSpread = 0.35;
const hourMemory = 0.9;
const hourSpread = 0.15;
const deadMinutes = 360;
/** From here on a Poisson number is a rounded normal one. */
const poissonMeanMax = 30;

const poisson = (mean: number, chance: () => number): number => {
  if (mean >= poissonMeanMax) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(chance)));
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = chance(); product > floor; product *= chance()) count += 1;
  return count;
};

interface Drift {
  readonly level: number;
  /** From this minute on the load is `step` times what it was. */
  readonly stepMinute: number;
  readonly step: number;
}

const drawDrift = (drifts: boolean, chance: () => number): Drift => {
  const level = drifts ? Math.exp(levelSpread * normal(chance)) : 1;
  const hasStep = drifts && chance() < 0.5;
  const stepMinute = hasStep ? minutesOfMonth * (0.3 + 0.4 * chance()) : Infinity;
  return { level, stepMinute, step: Math.max(0.3, 1 + stepSpread * normal(chance)) };
};

const drawArrivals = (trace: Trace, options: MonthOptions, chance: () => number): Arrival[] => {
  const { conversations, bursts } = trace;
  const requests = conversations.reduce((sum, { length }) => sum + length, 0);
  const starts = options.requests / (requests / conversations.length);
  const { level, stepMinute, step } = drawDrift(options.drifts, chance);
  let next = Math.floor(chance() * conversations.length);
  let hourDrift = 0;
  let burstStart = 0;
  let conversation = 0;
  const arrivals: Arrival[] = [];
  for (const [minute, load] of loadOfMinute.entries()) {
    if (minute % 60 === 0) {
      const shock = hourSpread * Math.sqrt(1 - 0.81) * normal(chance);
      hourDrift = hourMemory * hourDrift + (options.drifts ? shock : 0);
      burstStart = Math.floor(chance() * bursts.length);
    }
    const burst = bursts[(burstStart + (minute % 60)) % bursts.length] ?? 0;
    const mean = starts * load * level * Math.exp(hourDrift) * (minute > stepMinute ? step : 1) * burst;
    for (let left = poisson(mean, chance); left > 0; left -= 1) {
      const startS = (minute + chance()) * 60;
      const kind = chance() < restrictedShare ? 1 : 0;
      for (const request of conversations[next] ?? [])
        if (startS + request.sinceS < secondsOfMonth)
          arrivals.push({ atS: startS + request.sinceS, request, conversation, kind });
      conversation += 1;
      next = (next + 1) % conversations.length;
    }
  }
  return arrivals.toSorted((one, other) => one.atS - other.atS);
};

/**
 * Thirty days of a trace's conversations, each with its own gaps, and the weather of every target. Conversations begin by a Poisson process whose
 * rate follows the load's shape, a level, an hourly drift, at times a step, and the bursts of the trace itself. The same seed gives the same month.
 */
export const drawMonth = (trace: Trace, options: MonthOptions): Month => {
  const chance = seededRandom(options.seed * 7919 + 13);
  const arrivals = drawArrivals(trace, options, chance);
  const luck = Float32Array.from(arrivals, chance);
  const weather = market.map((_target, index) => {
    const drawn = drawWeather(chance);
    if (options.deadAtEnd === index) drawn.down.fill(1, minutesOfMonth - deadMinutes, minutesOfMonth);
    return drawn;
  });
  return {
    count: arrivals.length,
    conversations: arrivals.reduce((last, { conversation }) => Math.max(last, conversation), -1) + 1,
    hasCaches: trace.hasCaches,
    atS: Float64Array.from(arrivals, ({ atS }) => atS),
    inputTokens: Int32Array.from(arrivals, ({ request }) => request.inputTokens),
    outputTokens: Int32Array.from(arrivals, ({ request }) => request.outputTokens),
    reusableTokens: Int32Array.from(arrivals, ({ request }) => request.reusableTokens),
    conversation: Int32Array.from(arrivals, ({ conversation }) => conversation),
    kind: Uint8Array.from(arrivals, ({ kind }) => kind),
    luck,
    weather,
  };
};
