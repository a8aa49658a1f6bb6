import {
  BeyondFloors,
  haveInCommon,
  inDrawOrder,
  intervalBorderMs,
  intervalFromMs,
  type Contract,
  type CoveredThing,
  type PoolContract,
} from '../contracts/index.ts';
import type { LedgerSlice } from '../vocabulary/index.ts';
import { common, cutPeriodsIn, type ChargePeriodName, type Stretch } from './chargePeriod.ts';
import { CommitmentUse, intervalMsOf, type Commitment, type WhereBeyond } from './commitmentRows.ts';
import type { FocusRow } from './focusColumns.ts';

/** Commitments that what is beyond one of them may fall to another of, in the order in which use goes through them. */
export type Stack = readonly Commitment[];

/** Commitments in stacks; those that have nothing in common with others stand alone. In the order of the first of each. */
export const stacksOf = (commitments: readonly Commitment[]): readonly Stack[] => {
  const stacks: Stack[] = [];
  for (const commitment of commitments) {
    const isWith = (other: Commitment): boolean =>
      commitment.kind === 'floor' && other.kind === 'floor' && haveInCommon(commitment, other);
    const joined = stacks.filter((stack) => stack.some(isWith));
    const [first] = joined;
    const together = inDrawOrder([...joined.flat(), commitment]);
    if (first === undefined) stacks.push(together);
    else stacks.splice(stacks.indexOf(first), 1, together);
    for (const stack of joined.slice(1)) stacks.splice(stacks.indexOf(stack), 1);
  }
  return stacks;
};

const commonDivisor = (one: number, other: number): number => (other === 0 ? one : commonDivisor(other, one % other));

/** Stretches of one length of which every interval of a stack is made. */
export const gridOf = (stack: Stack): { readonly originMs: number; readonly intervalMs: number } => {
  const originMs = Math.min(...stack.map(({ fromMs }) => fromMs));
  const lengths = stack.flatMap((commitment) => [intervalMsOf(commitment), commitment.fromMs - originMs]);
  return { originMs, intervalMs: lengths.reduce(commonDivisor, 0) };
};

/** What was used, as contracts cover it. */
export const thingOf = ({ operation, provider, targetModel }: LedgerSlice): CoveredThing =>
  operation === 'compute' ? { site: provider } : { provider, model: targetModel };

const intervalGridOf = (commitment: Commitment): { readonly fromMs: number; readonly intervalMs: number } => ({
  fromMs: commitment.fromMs,
  intervalMs: intervalMsOf(commitment),
});

/** One commitment of a stack, as far as the ledger was read. */
class ReadCommitment {
  readonly commitment: Commitment;
  readonly #inForce: Stretch;
  readonly #periods: Generator<Stretch>;
  readonly #where: WhereBeyond;
  #use: CommitmentUse | null;
  /** What came to intervals that are not settled yet, by where they begin. */
  readonly #open = new Map<number, LedgerSlice[]>();

  constructor(commitment: Commitment, inForce: Stretch, periods: Generator<Stretch>, where: WhereBeyond) {
    this.commitment = commitment;
    this.#inForce = inForce;
    this.#periods = periods;
    this.#where = where;
    this.#use = this.#next();
  }

  take(slice: LedgerSlice): void {
    const startMs = this.startMs(slice.fromMs);
    const slices = this.#open.get(startMs);
    if (slices === undefined) this.#open.set(startMs, [slice]);
    else slices.push(slice);
  }

  /** Where the interval begins that an instant lies in. */
  startMs(atMs: number): number {
    return intervalFromMs(intervalGridOf(this.commitment), atMs);
  }

  /** Settles the intervals that begin before an instant, at which one of them ends. @returns rows of the periods before them. */
  *settle(openMs: number): Generator<FocusRow> {
    const ended = [...this.#open].filter(([startMs]) => startMs < openMs);
    for (const [startMs, slices] of ended.toSorted(([one], [other]) => one - other)) {
      const whole = { fromMs: startMs, untilMs: startMs + intervalMsOf(this.commitment) };
      // What was not asked for has its part of an interval that is asked for in part.
      const interval = common(whole, this.#inForce) ?? this.#inForce;
      while (this.#use && interval.fromMs >= this.#use.period.untilMs) {
        yield* this.#use.rows();
        this.#use = this.#next();
      }
      this.#use?.add(interval, slices);
      this.#open.delete(startMs);
    }
  }

  /** Rows of the periods that are left. */
  *rest(): Generator<FocusRow> {
    for (; this.#use; this.#use = this.#next()) yield* this.#use.rows();
  }

  #next(): CommitmentUse | null {
    const next = this.#periods.next();
    return next.done === true ? null : new CommitmentUse(this.commitment, this.#where, next.value);
  }
}

/**
 * Settles what a stack has read until an instant. What is still to come to a commitment, from the ledger and from those before it, whose intervals need not
 * lie within its own, comes to none of the intervals that are settled. @returns rows of the periods that are over.
 */
function* settleUntil(read: readonly ReadCommitment[], atMs: number): Generator<FocusRow> {
  let openMs = atMs;
  for (const one of read) {
    openMs = one.startMs(openMs);
    yield* one.settle(openMs);
  }
}

/** Periods that a commitment's rows are of: those asked for, each until the end of the interval in which it ends, since an interval is settled at once. */
function* wholePeriodsIn(
  { by, bordersMs }: Pick<AskedUse, 'by' | 'bordersMs'>,
  commitment: Commitment,
  inForce: Stretch,
): Generator<Stretch> {
  const grid = intervalGridOf(commitment);
  // What is beyond a slot draws no pool.
  const cutsMs = commitment.kind === 'slot' ? [] : bordersMs;
  let { fromMs } = inForce;
  for (const { untilMs: cutMs } of cutPeriodsIn(by, inForce, cutsMs)) {
    const untilMs = Math.min(intervalBorderMs(grid, cutMs), inForce.untilMs);
    if (untilMs <= fromMs) continue;
    yield { fromMs, untilMs };
    fromMs = untilMs;
  }
}

/** What use rows are made from. */
export interface AskedUse {
  readonly stretch: Stretch;
  readonly by: ChargePeriodName;
  /** All of the file. */
  readonly contracts: readonly Contract[];
  /** Where periods are cut: what is beyond a commitment draws one true-up before, and another after. */
  readonly bordersMs: readonly number[];
  /** Of the contracts of the stack, by stretches of its grid, in the order of time. */
  readonly slices: AsyncIterable<LedgerSlice> | Iterable<LedgerSlice>;
}

/**
 * How the commitments of a stack were used within a stretch: a row `Used` for what each took, one at the agreed price for what went beyond the last, and one
 * `Unused` for the rest of each period. What a period's rows of a commitment bear together is its fee, to the nano-dollar.
 */
export async function* useRows(stack: Stack, asked: AskedUse): AsyncGenerator<FocusRow> {
  const { stretch, contracts, slices } = asked;
  const beyond = new BeyondFloors(contracts);
  const read: ReadCommitment[] = [];
  const readOf = (id: string | null): ReadCommitment | undefined => read.find(({ commitment }) => commitment.id === id);
  for (const commitment of stack) {
    const inForce = common(stretch, commitment);
    if (inForce === null) continue;
    const where: WhereBeyond = {
      takeOver: (slice, atMs) => {
        const next = commitment.kind === 'floor' ? beyond.next(commitment, thingOf(slice), atMs) : null;
        const taking = next?.kind === 'floor' ? readOf(next.id) : undefined;
        return taking === undefined ? null : (passed) => taking.take(passed);
      },
      pool: (slice, atMs): PoolContract | null =>
        commitment.kind === 'floor' ? beyond.pool(thingOf(slice), atMs) : null,
    };
    read.push(new ReadCommitment(commitment, inForce, wholePeriodsIn(asked, commitment, inForce), where));
  }
  let readMs = -Infinity;
  for await (const slice of slices) {
    if (slice.fromMs > readMs) yield* settleUntil(read, slice.fromMs);
    readMs = slice.fromMs;
    readOf(slice.contract)?.take(slice);
  }
  yield* settleUntil(read, Infinity);
  for (const one of read) yield* one.rest();
}
