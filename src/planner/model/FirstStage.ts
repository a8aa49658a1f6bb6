import type { LinearProgram } from '../linear/LinearProgram.ts';
import type { PlanDecision, PlanProblem, PoolOffer } from '../PlanProblem.ts';
import { outageRules } from './outageRules.ts';
import { isActive, monthsInPeriod } from './periodsOf.ts';
import { poolTerms } from './poolCost.ts';

/** Everything that the recourse of a period is told about a decision, whole or fractional. All of it is linear in the decision. */
export interface FirstStageValues {
  /** How far each pool is signed, from 0 to 1. */
  readonly pools: Float64Array;
  /** Usable reserved capacity by segment of the horizon, then class. Units a step. */
  readonly usable: readonly Float64Array[];
  /** Fees that count towards pools, by period, then account. Money. */
  readonly fees: readonly Float64Array[];
  /** What pools cost at the least, by period, then account. Money. */
  readonly leastPaid: readonly Float64Array[];
  /** (share of reservations within a cap - share of the cap) x fees, by period, then cap. Money. */
  readonly capFees: readonly Float64Array[];
  /** Fees that count towards no pool, and what signing costs, over the horizon: the same in every scenario. Money. */
  readonly otherCosts: number;
}

/** Columns of what is decided, in one program. Lists are as in FirstStageValues. */
export interface FirstStage {
  readonly pools: readonly number[];
  /** A column of `exactly` counts how often it is bought, 0 or 1; see `reservationUnits`. */
  readonly reservations: readonly number[];
  readonly usable: readonly (readonly number[])[];
  readonly fees: readonly (readonly number[])[];
  readonly leastPaid: readonly (readonly number[])[];
  readonly capFees: readonly (readonly number[])[];
}

/** What is asked of a problem again and again. By period, then account. */
interface AccountPeriods {
  readonly feesMax: readonly (readonly number[])[];
  readonly active: readonly (readonly (readonly number[])[])[];
}

/** Once for each problem, which never changes. */
const known = new WeakMap<PlanProblem, AccountPeriods>();

const accountPeriods = (problem: PlanProblem): AccountPeriods => {
  const found = known.get(problem);
  if (found) return found;
  const { periods, accounts } = problem;
  const made: AccountPeriods = {
    feesMax: matrixFor(periods, accounts.length, (period, account) => largestFees(problem, period, account)),
    active: matrixFor(periods, accounts.length, (period, account) =>
      problem.pools.flatMap((pool, index) =>
        pool.account === account && pool.fromPeriod <= period && period < pool.untilPeriod ? [index] : [],
      ),
    ),
  };
  known.set(problem, made);
  return made;
};

/** The guard, but never less than what is signed already, and never more than what is on offer. */
const largestFees = (problem: PlanProblem, period: number, account: number): number => {
  let signed = 0;
  let offered = 0;
  for (const reservation of problem.reservations) {
    if (reservation.account !== account || !reservation.countsTowardsPool) continue;
    const units = reservation.quantity.kind === 'exactly' ? reservation.quantity.units : reservation.quantity.max;
    const fees = units * reservation.feePerMonth * monthsInPeriod(problem, reservation, period);
    offered += fees;
    if (reservation.signed) signed += fees;
  }
  return Math.min(offered, Math.max(signed, problem.guards.reservationFees[period] ?? Infinity));
};

/** Most that the fees of an account can be in a period. Money. */
export const feesMaxOf = (problem: PlanProblem, period: number, account: number): number =>
  accountPeriods(problem).feesMax[period]?.[account] ?? 0;

/** Pools of an account that can be in force in a period. */
export const activePools = (problem: PlanProblem, period: number, account: number): readonly number[] =>
  accountPeriods(problem).active[period]?.[account] ?? [];

/** Units a month for one unit of a reservation's column. */
export const reservationUnits = ({ quantity }: PlanProblem['reservations'][number]): number =>
  quantity.kind === 'exactly' ? quantity.units : 1;

export const overlaps = (one: PoolOffer, other: PoolOffer): boolean =>
  one.account === other.account && one.fromPeriod < other.untilPeriod && other.fromPeriod < one.untilPeriod;

const matrixFor = <T>(rows: number, columns: number, make: (row: number, column: number) => T): T[][] =>
  Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_column, column) => make(row, column)));

/** What `fees` and the like are made of: coefficient of one unit a month of each reservation. */
const feeOf = (problem: PlanProblem, reservation: number, period: number): number => {
  const offer = problem.reservations[reservation];
  return offer === undefined ? 0 : offer.feePerMonth * monthsInPeriod(problem, offer, period);
};

/** What one unit of money of a reservation's fees does to a cap: fees that are in an account's cost already count there where costs are capped. */
const capShareOf = (problem: PlanProblem, cap: number, reservation: number): number => {
  const found = problem.caps[cap];
  const offer = problem.reservations[reservation];
  if (found === undefined || offer === undefined) return 0;
  if (found.basis.kind === 'list') return (found.basis.reservationShares[reservation] ?? 0) - found.share;
  return offer.countsTowardsPool ? 0 : (found.basis.accountShares[offer.account] ?? 0) - found.share;
};

/** The values that follow from a decision. @param poolShares From 0 to 1. @param units A month, of each reservation. */
export const firstStageValues = (
  problem: PlanProblem,
  poolShares: ArrayLike<number>,
  units: ArrayLike<number>,
): FirstStageValues => {
  const { periods, segmentsPerPeriod, accounts, classes, caps } = problem;
  const usable = Array.from({ length: periods * segmentsPerPeriod }, () => new Float64Array(classes.length));
  const fees = Array.from({ length: periods }, () => new Float64Array(accounts.length));
  const leastPaid = Array.from({ length: periods }, () => new Float64Array(accounts.length));
  const capFees = Array.from({ length: periods }, () => new Float64Array(caps.length));
  let otherCosts = 0;
  const add = (list: Float64Array | undefined, index: number, amount: number): void => {
    if (list) list[index] = (list[index] ?? 0) + amount;
  };
  for (const [index, offer] of problem.reservations.entries()) {
    const bought = units[index] ?? 0;
    if (bought === 0) continue;
    otherCosts += offer.signingCost * bought;
    for (let segment = offer.fromSegment; segment < offer.untilSegment; segment += 1) {
      add(usable[segment], offer.class, offer.usableShare * problem.monthsPerStep * bought);
    }
    for (let period = 0; period < periods; period += 1) {
      const fee = feeOf(problem, index, period) * bought;
      if (offer.countsTowardsPool) add(fees[period], offer.account, fee);
      else otherCosts += fee;
      for (let cap = 0; cap < caps.length; cap += 1) add(capFees[period], cap, capShareOf(problem, cap, index) * fee);
    }
  }
  for (const [index, pool] of problem.pools.entries()) {
    const share = poolShares[index] ?? 0;
    if (share === 0) continue;
    otherCosts += pool.signingCost * share;
    for (let period = pool.fromPeriod; period < pool.untilPeriod; period += 1) {
      const { floor, shortfallRate } = poolTerms(pool, period);
      add(leastPaid[period], pool.account, shortfallRate * floor * share);
    }
  }
  return { pools: Float64Array.from(poolShares), usable, fees, leastPaid, capFees, otherCosts };
};

export const valuesOfDecision = (problem: PlanProblem, { pools, reservations }: PlanDecision): FirstStageValues =>
  firstStageValues(
    problem,
    pools.map((signed) => (signed ? 1 : 0)),
    reservations,
  );

/** How far each pool is signed at a point of a program that has this first stage. */
export const poolSharesAt = (stage: FirstStage, point: ArrayLike<number>): Float64Array =>
  Float64Array.from(stage.pools, (column) => Math.min(1, Math.max(0, point[column] ?? 0)));

/** Units a month of each reservation there. */
export const unitsAt = (problem: PlanProblem, stage: FirstStage, point: ArrayLike<number>): Float64Array =>
  Float64Array.from(problem.reservations, (offer, index) =>
    Math.max(0, (point[stage.reservations[index] ?? 0] ?? 0) * reservationUnits(offer)),
  );

/** Levels of commitment of an account in a period, as columns of their own: they give the solver two sides to branch on. */
const addLevels = (
  program: LinearProgram,
  problem: PlanProblem,
  active: readonly number[],
  pools: readonly number[],
): void => {
  const meanFloor = (index: number): number => {
    const floors = problem.pools[index]?.floors ?? [];
    return floors.reduce((sum, floor) => sum + floor, 0) / Math.max(1, floors.length);
  };
  const sizes = [...new Set(active.map((index) => Number(meanFloor(index).toPrecision(9))))];
  for (const size of sizes) {
    const atLeast = active.filter((index) => Number(meanFloor(index).toPrecision(9)) >= size);
    const columns = atLeast.map((index) => pools[index] ?? 0);
    program.define(
      program.column(0, 0, 1, true),
      columns,
      columns.map(() => 1),
    );
  }
};

const addReservation = (program: LinearProgram, problem: PlanProblem, index: number): number => {
  const offer = problem.reservations[index];
  if (offer === undefined) throw new Error('a reservation has its offer');
  let cost = offer.signingCost;
  if (!offer.countsTowardsPool) {
    for (let period = 0; period < problem.periods; period += 1) cost += feeOf(problem, index, period);
  }
  const most = offer.quantity.kind === 'exactly' ? 1 : offer.quantity.max;
  return program.column(
    cost * reservationUnits(offer),
    offer.signed ? most : 0,
    most,
    offer.quantity.kind === 'exactly',
  );
};

/** The guard on all fees of an account, where some of them are not in the column that counts towards its pool; what is signed is never cut off. */
const addFeeGuard = (
  program: LinearProgram,
  problem: PlanProblem,
  reservations: readonly number[],
  period: number,
  account: number,
): void => {
  const own = problem.reservations.flatMap((offer, index) => (offer.account === account ? [index] : []));
  const guard = problem.guards.reservationFees[period] ?? Infinity;
  if (guard === Infinity || own.every((index) => problem.reservations[index]?.countsTowardsPool)) return;
  const values = own.map((index) => {
    const offer = problem.reservations[index];
    return offer === undefined ? 0 : feeOf(problem, index, period) * reservationUnits(offer);
  });
  const signed = own.reduce((sum, index, at) => {
    const offer = problem.reservations[index];
    const most = offer?.quantity.kind === 'upTo' ? offer.quantity.max : 1;
    return sum + (offer?.signed === true ? most * (values[at] ?? 0) : 0);
  }, 0);
  const columns = own.map((index) => reservations[index] ?? 0);
  program.row({ lower: -Infinity, upper: Math.max(guard, signed), columns, values });
};

/** Adds the columns and rows of what is decided. @param levels Whether levels of commitment are columns, too. */
export const addFirstStage = (program: LinearProgram, problem: PlanProblem, levels: boolean): FirstStage => {
  const { periods, accounts, classes, caps, segmentsPerPeriod } = problem;
  const pools = problem.pools.map((pool) => program.column(pool.signingCost, pool.signed ? 1 : 0, 1, true));
  const reservations = problem.reservations.map((_, index) => addReservation(program, problem, index));
  const stage: FirstStage = {
    pools,
    reservations,
    usable: matrixFor(periods * segmentsPerPeriod, classes.length, () => program.column(0)),
    fees: matrixFor(periods, accounts.length, (period, account) =>
      program.column(0, 0, feesMaxOf(problem, period, account)),
    ),
    leastPaid: matrixFor(periods, accounts.length, () => program.column(0)),
    capFees: matrixFor(periods, caps.length, () => program.column(0, -Infinity)),
  };
  const reserved = (target: number, coefficient: (index: number) => number): void => {
    const columns: number[] = [];
    const values: number[] = [];
    for (const [index, offer] of problem.reservations.entries()) {
      const value = coefficient(index) * reservationUnits(offer);
      if (value === 0) continue;
      columns.push(reservations[index] ?? 0);
      values.push(value);
    }
    program.define(target, columns, values);
  };
  for (const [segment, row] of stage.usable.entries()) {
    for (const [at, target] of row.entries()) {
      reserved(target, (index) => {
        const offer = problem.reservations[index];
        if (offer === undefined || offer.class !== at || !isActive(offer, segment)) return 0;
        return offer.usableShare * problem.monthsPerStep;
      });
    }
  }
  for (let period = 0; period < periods; period += 1) {
    for (let account = 0; account < accounts.length; account += 1) {
      reserved(stage.fees[period]?.[account] ?? 0, (index) => {
        const offer = problem.reservations[index];
        return offer?.account === account && offer.countsTowardsPool ? feeOf(problem, index, period) : 0;
      });
      addFeeGuard(program, problem, reservations, period, account);
      const active = activePools(problem, period, account);
      const columns = active.map((index) => pools[index] ?? 0);
      if (active.length > 0) program.row({ lower: -Infinity, upper: 1, columns, values: columns.map(() => 1) });
      const least = active.map((index) => {
        const pool = problem.pools[index];
        return pool === undefined ? 0 : poolTerms(pool, period).floor * pool.shortfallRate;
      });
      program.define(stage.leastPaid[period]?.[account] ?? 0, columns, least);
      if (levels) addLevels(program, problem, active, pools);
    }
    for (let cap = 0; cap < caps.length; cap += 1) {
      reserved(
        stage.capFees[period]?.[cap] ?? 0,
        (index) => capShareOf(problem, cap, index) * feeOf(problem, index, period),
      );
    }
  }
  for (const { row } of outageRules(problem, pools, reservations)) program.row(row);
  return stage;
};
