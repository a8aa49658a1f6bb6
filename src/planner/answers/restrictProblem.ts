import type { ConcentrationCap, PlanDecision, PlanProblem } from '../PlanProblem.ts';

/** Whether each of a list stays. Absent: all do. */
export interface Kept {
  readonly pools?: readonly boolean[];
  readonly reservations?: readonly boolean[];
  readonly sources?: readonly boolean[];
}

export interface RestrictedProblem {
  readonly problem: PlanProblem;
  /** A decision of the restricted problem as one of the whole. */
  readonly widen: (decision: PlanDecision) => PlanDecision;
}

const among = <T>(list: readonly T[], kept: readonly boolean[] | undefined): readonly T[] =>
  kept === undefined ? list : list.filter((_, index) => kept[index] === true);

const widened = <T>(list: readonly T[], kept: readonly boolean[] | undefined, absent: T): readonly T[] => {
  if (kept === undefined) return list;
  const rest = list[Symbol.iterator]();
  return kept.map((keeps) => (keeps ? (rest.next().value ?? absent) : absent));
};

const restrictCap = (cap: ConcentrationCap, { sources, reservations }: Kept): ConcentrationCap => {
  const { basis } = cap;
  if (basis.kind === 'cost') return cap;
  return {
    ...cap,
    basis: {
      kind: 'list',
      sourceShares: among(basis.sourceShares, sources),
      reservationShares: among(basis.reservationShares, reservations),
    },
  };
};

/** The problem with only a part of its offers and sources; everything else keeps its index. */
export const restrictProblem = (problem: PlanProblem, kept: Kept): RestrictedProblem => ({
  problem: {
    ...problem,
    pools: among(problem.pools, kept.pools),
    reservations: among(problem.reservations, kept.reservations),
    sources: among(problem.sources, kept.sources),
    priceIndices: problem.priceIndices.map(({ name, factors }) => ({ name, factors: among(factors, kept.sources) })),
    caps: problem.caps.map((cap) => restrictCap(cap, kept)),
  },
  widen: ({ pools, reservations }) => ({
    pools: widened(pools, kept.pools, false),
    reservations: widened(reservations, kept.reservations, 0),
  }),
});
