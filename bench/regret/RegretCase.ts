import type { Highs } from 'highs';
import { hindsightBound, type HindsightBound } from './bound/hindsightBound.ts';
import { forecastMeans, type ForecastMeans } from './contracts/ForecastMeans.ts';
import { makeWorld, type World, type WorldOptions } from './contracts/World.ts';
import { drawMonth } from './months/drawMonth.ts';
import type { Month } from './months/Month.ts';
import type { Contender } from './simulation/Contender.ts';
import { simulate, type MonthResult } from './simulation/simulate.ts';
import { readTrace } from './traces/readTrace.ts';

/** A month, and what it would have cost whoever had known it. */
export interface BoundedMonth {
  readonly seed: number;
  readonly month: Month;
  readonly bound: HindsightBound;
}

/** What a policy cost above the bound, as shares of it, and how it came to that. */
export interface RegretFigures {
  readonly regret: number;
  /** What was paid for missed minima that could have been met. */
  readonly avoidableShortfall: number;
  readonly floorUse: number;
  readonly cacheHits: number | null;
  readonly endOverrun: number;
  readonly brokenMinutes: number;
  readonly overrunMax: number;
  readonly unserved: number;
}

const rounded = (value: number): number => Number(value.toFixed(6));

export const figuresOf = (result: MonthResult, bound: HindsightBound): RegretFigures => ({
  regret: rounded(result.costUsd / bound.boundUsd - 1),
  avoidableShortfall: rounded((result.shortfallUsd - bound.shortfallUsd) / bound.boundUsd),
  floorUse: rounded(result.floorUse),
  cacheHits: result.cacheHits === null ? null : rounded(result.cacheHits),
  endOverrun: rounded(result.endOverrun),
  brokenMinutes: rounded(result.brokenMinutes),
  overrunMax: rounded(result.overrunMax),
  unserved: result.unserved,
});

/** A trace with its contracts, and the plan of its forecast month, of which many months are drawn. */
export class RegretCase {
  readonly world: World;
  readonly means: ForecastMeans;
  readonly forecastBound: HindsightBound;
  readonly #highs: Highs;

  constructor(highs: Highs, traceName: string, options: WorldOptions) {
    this.#highs = highs;
    this.world = makeWorld(readTrace(traceName), options);
    this.means = forecastMeans(this.world.forecast);
    this.forecastBound = hindsightBound(highs, this.world.contracts, this.world.forecast, null);
  }

  /** @param deadAtEnd A target that is dead for the last six hours. */
  month(seed: number, deadAtEnd?: number): BoundedMonth {
    const { trace, requests, contracts } = this.world;
    const month = drawMonth(trace, { seed, requests, drifts: true, ...(deadAtEnd === undefined ? {} : { deadAtEnd }) });
    return { seed, month, bound: hindsightBound(this.#highs, contracts, month, this.forecastBound.multipliers) };
  }

  /** @param world Where it differs: what the policy is told of the forecast. */
  figures({ seed, month, bound }: BoundedMonth, contender: Contender, world: World = this.world): RegretFigures {
    return figuresOf(simulate(world, month, contender, seed), bound);
  }
}
