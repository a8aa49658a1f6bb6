import type { Chance } from '../../test/rigs/Chance.ts';

/** What happens to a replica while a budget is spent. */
export interface Happening {
  readonly kind: 'dies' | 'stands still';
  /** Which one, from 0. */
  readonly replica: number;
  /** From the beginning, or from the end of what happened before. Milliseconds. */
  readonly afterMs: number;
  /** How long it is away. Milliseconds. */
  readonly forMs: number;
}

/** How one budget is spent, drawn before it begins. */
export interface BudgetPlan {
  readonly seed: number;
  /** Clients of each replica that each have one stream under way. */
  readonly streams: number;
  /** Bounds of answers, in tokens. */
  readonly bounds: readonly number[];
  /** Share of one vendor's answers that fail, so that another one, who is dearer, is asked. */
  readonly failingShare: number;
  readonly happenings: readonly Happening[];
}

export interface PlanSettings {
  readonly replicas: number;
  readonly streams: number;
  /** How often something happens. */
  readonly happenings: number;
  /** Most milliseconds before it does. */
  readonly afterMsMax: number;
  /** Least and most milliseconds that a replica stands still: beyond the time of its leases. */
  readonly stillMs: readonly [least: number, most: number];
  /** Most milliseconds that a replica is dead before it is started again. */
  readonly deadMsMax: number;
}

/** Answers end at a bound, or nearly none of them does. */
const boundsDrawn = [[24, 48, 96], [400]] as const;

/** Draws how a budget is spent. */
export const drawPlan = (chance: Chance, seed: number, settings: PlanSettings): BudgetPlan => {
  const { replicas, streams, happenings, afterMsMax, stillMs, deadMsMax } = settings;
  const [stillMsMin, stillMsMax] = stillMs;
  const happening = (): Happening => {
    const kind = chance.happens(0.5) ? 'dies' : 'stands still';
    return {
      kind,
      replica: chance.below(replicas),
      afterMs: chance.below(afterMsMax),
      forMs: kind === 'dies' ? chance.below(deadMsMax) : stillMsMin + chance.below(stillMsMax - stillMsMin),
    };
  };
  return {
    seed,
    streams,
    bounds: boundsDrawn[chance.below(boundsDrawn.length)] ?? [],
    failingShare: chance.happens(0.3) ? 0.02 : 0,
    happenings: Array.from({ length: happenings }, happening),
  };
};
