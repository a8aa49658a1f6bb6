import type { Chance } from '../../test/rigs/Chance.ts';

/** What happens to a replica while a budget is spent. */
export interface Happening {
  readonly kind: 'dies' | 'stands still';
  /** Which one, from 0. */
  readonly replica: number;
  /** Once so much of the cap was billed, and nothing else happens any more. */
  readonly atShare: number;
  /** How long it is away. Milliseconds. */
  readonly forMs: number;
}

/** How one budget is spent, drawn before it begins. */
export interface BudgetPlan {
  readonly seed: number;
  /** Clients of each replica that each have one stream under way. */
  readonly streams: number;
  readonly model: string;
  /** Bounds of answers, in tokens. */
  readonly bounds: readonly number[];
  readonly happenings: readonly Happening[];
}

export interface PlanSettings {
  readonly replicas: number;
  readonly streams: number;
  /** That all ask for. */
  readonly model: string;
  /** How often something happens. */
  readonly happenings: number;
  /** Least and most milliseconds that a replica stands still: beyond the time of its leases. */
  readonly stillMs: readonly [least: number, most: number];
  /** Most milliseconds that a replica is dead before it is started again. */
  readonly deadMsMax: number;
}

/** What happens, happens before this share of the cap is billed. */
const shareMax = 0.8;

/** Answers end at a bound, or nearly none of them does. */
const boundsDrawn = [[24, 48, 96], [400]] as const;

/** Draws how a budget is spent. */
export const drawPlan = (chance: Chance, seed: number, settings: PlanSettings): BudgetPlan => {
  const { replicas, streams, model, happenings, stillMs, deadMsMax } = settings;
  const [stillMsMin, stillMsMax] = stillMs;
  const happening = (): Happening => {
    const kind = chance.happens(0.5) ? 'dies' : 'stands still';
    return {
      kind,
      replica: chance.below(replicas),
      atShare: chance.next() * shareMax,
      forMs: kind === 'dies' ? chance.below(deadMsMax) : stillMsMin + chance.below(stillMsMax - stillMsMin),
    };
  };
  return {
    seed,
    streams,
    model,
    bounds: boundsDrawn[chance.below(boundsDrawn.length)] ?? [],
    happenings: Array.from({ length: happenings }, happening).toSorted((one, other) => one.atShare - other.atShare),
  };
};
