// Small problems of every shape that the types allow: what the optimiser says of them, the extensive form can say, too.
import fc from 'fast-check';
import type {
  ConcentrationCap,
  PlanDecision,
  PlanProblem,
  PlanScenario,
  PlanSource,
  PoolOffer,
  ReservationOffer,
  Resilience,
  SearchGuards,
} from '../PlanProblem.ts';

/** What a small problem may have. All of it may, but for what is said not to. */
export interface SmallProblemOptions {
  readonly scenariosMax?: number;
  /** Futures with the prices of one index only. */
  readonly onePriceIndex?: boolean;
  readonly caps?: readonly ('cost' | 'list')[];
  readonly resilience?: boolean;
  readonly signed?: boolean;
  /** Whether guards are on, off, or either. */
  readonly guards?: 'on' | 'off' | 'either';
  /** Weights of the tail; 0 to 1 by default. */
  readonly cvarWeights?: readonly number[];
  /** Reservations whose fees count towards no pool. */
  readonly otherFees?: boolean;
  /** Whether guards on usage and caps on cost can be kept whatever is decided, as they can by default. */
  readonly kept?: boolean;
}

/** Tenths from a least to a most: no figure is so small that it is none. */
const tenths = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least * 10, max: most * 10 }).map((value) => value / 10);

const below = (count: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: count - 1 });

const list = <T>(length: number, each: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(each, { minLength: length, maxLength: length });

interface Shape {
  readonly accounts: number;
  readonly classes: number;
  readonly periods: number;
  readonly segmentsPerPeriod: number;
  readonly stepsPerSegment: number;
  readonly monthsPerStep: number;
  readonly nodes: number;
  readonly indices: number;
  readonly scenarios: number;
  readonly pools: number;
  readonly reservations: number;
  readonly caps: number;
}

const shapes = (options: SmallProblemOptions): fc.Arbitrary<Shape> =>
  fc.record({
    accounts: fc.integer({ min: 1, max: 3 }),
    classes: fc.integer({ min: 1, max: 3 }),
    periods: fc.integer({ min: 1, max: 3 }),
    segmentsPerPeriod: fc.integer({ min: 1, max: 3 }),
    stepsPerSegment: fc.integer({ min: 1, max: 4 }),
    monthsPerStep: fc.constantFrom(1, 1, 3),
    nodes: fc.integer({ min: 1, max: 3 }),
    indices: fc.integer({ min: 1, max: options.onePriceIndex === true ? 1 : 3 }),
    scenarios: fc.integer({ min: 1, max: options.scenariosMax ?? 4 }),
    pools: fc.integer({ min: 0, max: 5 }),
    reservations: fc.integer({ min: 0, max: 4 }),
    caps: fc.integer({ min: 0, max: options.caps?.length === 0 ? 0 : 3 }),
  });

/** Every class has a source; others may be of any account and class, two of one account for one class among them. */
const sourcesOf = (shape: Shape): fc.Arbitrary<PlanSource[]> => {
  const source = (classOf: fc.Arbitrary<number>): fc.Arbitrary<Omit<PlanSource, 'name'>> =>
    fc.record({
      account: below(shape.accounts),
      class: classOf,
      node: below(shape.nodes),
      listPrice: list(shape.periods, tenths(0.5, 2)),
    });
  return fc
    .tuple(
      ...Array.from({ length: shape.classes }, (_, index) => source(fc.constant(index))),
      ...Array.from({ length: 3 }, () => source(below(shape.classes))),
    )
    .map((sources) => sources.map((one, index) => ({ ...one, name: `source ${index}` })));
};

const poolOf = (shape: Shape, index: number): fc.Arbitrary<PoolOffer> =>
  below(shape.periods).chain((fromPeriod) =>
    fc.integer({ min: 1, max: shape.periods - fromPeriod }).chain((length) =>
      fc.record({
        name: fc.constant(`pool ${index}`),
        account: below(shape.accounts),
        fromPeriod: fc.constant(fromPeriod),
        untilPeriod: fc.constant(fromPeriod + length),
        floors: list(length, tenths(1, 30)),
        discount: fc.constantFrom(0, 0.05, 0.1, 0.2, 0.4),
        shortfallRate: fc.constantFrom(0, 0.3, 0.5, 1, 1),
        signed: fc.constant(false),
        carry: fc.constant(null),
        signingCost: fc.constantFrom(0, 0, 0.2, 0.5, 3),
      }),
    ),
  );

const reservationOf = (
  shape: Shape,
  options: SmallProblemOptions,
  sources: readonly PlanSource[],
  index: number,
): fc.Arbitrary<ReservationOffer> => {
  const segments = shape.periods * shape.segmentsPerPeriod;
  return fc.tuple(fc.constantFrom(...sources), below(segments)).chain(([source, fromSegment]) =>
    fc.record({
      name: fc.constant(`reservation ${index}`),
      account: fc.constant(source.account),
      class: fc.constant(source.class),
      node: fc.constant(source.node),
      fromSegment: fc.constant(fromSegment),
      untilSegment: fc.integer({ min: fromSegment + 1, max: segments }),
      feePerMonth: tenths(0.2, 1.5),
      usableShare: fc.constantFrom(0.5, 0.7, 1),
      quantity: fc.oneof(
        tenths(0.5, 6).map((max) => ({ kind: 'upTo' as const, max })),
        tenths(0.5, 6).map((units) => ({ kind: 'exactly' as const, units })),
      ),
      countsTowardsPool: options.otherFees === false ? fc.constant(true) : fc.boolean(),
      signed: options.signed === false ? fc.constant(false) : fc.boolean().map((one) => one && index === 0),
      signingCost: fc.constantFrom(0, 0, 0.1, 0.3),
    }),
  );
};

const weightsOf = (count: number): fc.Arbitrary<number[]> =>
  list(count, fc.integer({ min: 1, max: 6 })).map((parts) => {
    const sum = parts.reduce((total, part) => total + part, 0);
    return parts.map((part) => part / sum);
  });

const scenariosOf = (shape: Shape): fc.Arbitrary<PlanScenario[]> => {
  const steps = shape.periods * shape.segmentsPerPeriod * shape.stepsPerSegment;
  const scenario = fc.record({
    demand: list(shape.classes, list(steps, fc.oneof({ arbitrary: tenths(0, 8), weight: 9 }, fc.constant(0)))),
    prices: below(shape.indices),
  });
  return fc
    .tuple(list(shape.scenarios, scenario), weightsOf(shape.scenarios))
    .map(([scenarios, weights]) => scenarios.map((one, index) => ({ ...one, weight: weights[index] ?? 0 })));
};

const share = fc.constantFrom(0, 0, 0.5, 1);

const capOf = (
  shape: Shape,
  options: SmallProblemOptions,
  sources: readonly PlanSource[],
  reservations: readonly ReservationOffer[],
  index: number,
): fc.Arbitrary<ConcentrationCap> =>
  fc.constantFrom(...(options.caps ?? (['cost', 'list'] as const))).chain((basis) =>
    fc.record({
      name: fc.constant(`cap ${index}`),
      kind: fc.constantFrom('vendor' as const, 'host' as const),
      share: tenths(0.3, 1),
      basis:
        basis === 'cost'
          ? fc.record({
              kind: fc.constant('cost' as const),
              // Money can be burnt at an account that is not within.
              accountShares: list(shape.accounts, share).map((shares) =>
                options.kept === false ? shares : [...shares.slice(1), 0],
              ),
            })
          : fc.record({
              kind: fc.constant('list' as const),
              sourceShares: list(sources.length, share),
              reservationShares: list(reservations.length, share),
            }),
    }),
  );

const resilienceOf = (shape: Shape): fc.Arbitrary<Resilience> =>
  fc.record({
    nodes: list(
      shape.nodes,
      fc.record({
        name: fc.constant('node'),
        account: below(shape.accounts),
        base: list(shape.periods, tenths(2, 9)),
        perPoolMoney: fc.constantFrom(0, 0.1, 0.3),
        reservationBurst: fc.constantFrom(0, 0.15),
      }),
    ),
    losses: fc.array(
      fc.record({
        name: fc.constant('loss'),
        kind: fc.constantFrom('vendor' as const, 'host' as const),
        capacityLeft: list(shape.nodes, fc.constantFrom(0, 0.5, 1, 1)),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    servedShares: list(shape.classes, tenths(0, 0.7)),
    designDemand: list(shape.periods, list(shape.classes, tenths(0, 8))),
  });

const guardsOf = (shape: Shape, options: SmallProblemOptions): fc.Arbitrary<SearchGuards> => {
  const off = fc.constant({
    usageShare: Infinity,
    reservationFees: Array.from({ length: shape.periods }, () => Infinity),
  });
  const on = fc.record({
    // From 1 on, the cheapest source of every class is enough.
    usageShare: fc.constantFrom(...(options.kept === false ? [0.6, 0.8] : [1, 1, 1.5])),
    reservationFees: list(shape.periods, tenths(2, 30)),
  });
  if (options.guards === 'off') return off;
  return options.guards === 'on' ? on : fc.oneof(on, off);
};

/** The first pool may be signed, and all others of its account that would overlap it are then on offer in vain. */
const withSigned = (pools: readonly PoolOffer[], signed: boolean): readonly PoolOffer[] =>
  pools.map((pool, index) => ({ ...pool, signed: signed && index === 0 }));

/** Fees of a reservation in a period, for one unit a month. */
const feeOf = (problem: PlanProblem, { feePerMonth, fromSegment, untilSegment }: ReservationOffer, period: number) => {
  const first = period * problem.segmentsPerPeriod;
  const segments = Array.from({ length: problem.segmentsPerPeriod }, (_, at) => first + at).filter(
    (segment) => fromSegment <= segment && segment < untilSegment,
  );
  return feePerMonth * segments.length * problem.stepsPerSegment * problem.monthsPerStep;
};

/** The most that one account's reservations cost in a period. */
const dearestFees = (problem: PlanProblem, units: readonly number[], period: number): number =>
  Math.max(
    ...problem.accounts.map((_, account) =>
      problem.reservations.reduce(
        (sum, offer, at) => sum + (offer.account === account ? feeOf(problem, offer, period) * (units[at] ?? 0) : 0),
        0,
      ),
    ),
  );

const mostOf = ({ quantity }: ReservationOffer): number =>
  quantity.kind === 'exactly' ? quantity.units : quantity.max;

/** Guards that leave room for what is signed already. */
const withRoom = (problem: PlanProblem): PlanProblem => {
  const signed = problem.reservations.map((offer) => (offer.signed ? mostOf(offer) : 0));
  return {
    ...problem,
    guards: {
      ...problem.guards,
      reservationFees: problem.guards.reservationFees.map((most, period) =>
        Math.max(most, dearestFees(problem, signed, period) * (1 + 1e-9)),
      ),
    },
  };
};

/** A problem of one to three of everything. Every class has a source, and whether a plan satisfies it is left to chance. */
export const smallProblem = (options: SmallProblemOptions = {}): fc.Arbitrary<PlanProblem> =>
  shapes(options).chain((shape) =>
    sourcesOf(shape).chain((sources) =>
      fc
        .tuple(...Array.from({ length: shape.reservations }, (_, at) => reservationOf(shape, options, sources, at)))
        .chain((reservations) =>
          fc
            .record({
              pools: fc.tuple(...Array.from({ length: shape.pools }, (_, at) => poolOf(shape, at))),
              signed: options.signed === false ? fc.constant(false) : fc.boolean(),
              scenarios: scenariosOf(shape),
              priceIndices: list(
                shape.indices,
                fc.record({
                  name: fc.constant('index'),
                  factors: list(sources.length, list(shape.periods, tenths(0.5, 1.5))),
                }),
              ),
              caps: fc.tuple(
                ...Array.from({ length: shape.caps }, (_, at) => capOf(shape, options, sources, reservations, at)),
              ),
              capPenalty: fc.constantFrom(0.5, 4),
              resilience: options.resilience === false ? fc.constant(null) : fc.option(resilienceOf(shape)),
              guards: guardsOf(shape, options),
              risk: fc.record({
                cvarWeight: fc.constantFrom(...(options.cvarWeights ?? [0, 0.2, 0.5, 1])),
                beta: fc.constantFrom(0, 0.5, 0.8, 0.9),
              }),
            })
            .map(({ pools, signed, ...rest }): PlanProblem => ({
              ...rest,
              accounts: Array.from({ length: shape.accounts }, (_, at) => ({ name: `account ${at}`, vendor: `${at}` })),
              classes: Array.from({ length: shape.classes }, (_, at) => ({ name: `class ${at}` })),
              sources,
              pools: withSigned(pools, signed),
              reservations,
              periods: shape.periods,
              segmentsPerPeriod: shape.segmentsPerPeriod,
              stepsPerSegment: shape.stepsPerSegment,
              monthsPerStep: shape.monthsPerStep,
            }))
            .map(withRoom),
        ),
    ),
  );

const overlap = (one: PoolOffer, other: PoolOffer): boolean =>
  one.account === other.account && one.fromPeriod < other.untilPeriod && other.fromPeriod < one.untilPeriod;

/** A whole decision that signs at most one pool of an account at a time, all that is signed, and within the guard on fees. */
export const decisionOf = (problem: PlanProblem): fc.Arbitrary<PlanDecision> =>
  fc
    .tuple(
      list(problem.pools.length, fc.boolean()),
      list(problem.reservations.length, fc.constantFrom(0, 0, 0.3, 0.7, 1)),
    )
    .map(([wanted, shares]) => {
      const pools = problem.pools.map(({ signed }) => signed);
      for (const [index, pool] of problem.pools.entries()) {
        const rivals = problem.pools.some((other, at) => at !== index && pools[at] === true && overlap(pool, other));
        if (wanted[index] === true && !rivals) pools[index] = true;
      }
      const reservations = problem.reservations.map(({ quantity, signed }, index) => {
        const part = signed ? 1 : (shares[index] ?? 0);
        return quantity.kind === 'exactly' ? (part >= 0.7 ? quantity.units : 0) : part * quantity.max;
      });
      for (const [index, { signed }] of problem.reservations.entries()) {
        const isDear = problem.guards.reservationFees.some(
          (most, period) => dearestFees(problem, reservations, period) > most,
        );
        if (isDear && !signed) reservations[index] = 0;
      }
      return { pools, reservations };
    });

/** Whether the guards of a problem are on: the judge is asked to hold them then. */
export const isGuarded = ({ guards }: PlanProblem): boolean =>
  guards.usageShare !== Infinity || guards.reservationFees.some((most) => most !== Infinity);
