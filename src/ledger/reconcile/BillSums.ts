import { assert } from '../../kernel/index.ts';
import type { BillLine, PicoUsd } from './Reconciliation.ts';

/** Most models by days of one bill: a hundred models over five years. */
export const billedDaysMax = 200_000;

/** A model on a day, as far as a bill tells of it. */
export interface BilledDay {
  readonly model: string;
  readonly day: string;
  /** Null where no line tells any. */
  cost: PicoUsd | null;
  /** Millionths of tokens; null where no line tells any. */
  input: bigint | null;
  output: bigint | null;
  /** Of lines that do not tell what went in from what came out. */
  either: bigint | null;
  /** Whether all tokens are counted. */
  isCounted: boolean;
}

/** Adds the lines of a bill up by model and day. Memory grows with those, not with the lines. */
export class BillSums {
  readonly #days = new Map<string, BilledDay>();
  readonly #leftOut = new Set<string>();

  /** @returns whether there was room for it: a bill with more models and days than can be is none. */
  add({ model, day, cost, tokens }: BillLine): boolean {
    const key = `${day} ${model}`;
    let sum = this.#days.get(key);
    if (sum === undefined) {
      if (this.#days.size === billedDaysMax) return false;
      sum = { model, day, cost: null, input: null, output: null, either: null, isCounted: true };
      this.#days.set(key, sum);
    }
    if (cost !== null) sum.cost = (sum.cost ?? 0n) + cost;
    if (tokens === 'uncounted') sum.isCounted = false;
    else if (tokens !== null) sum[tokens.side] = (sum[tokens.side] ?? 0n) + tokens.millionths;
    return true;
  }

  /** Keeps what a row with costs names that is none of the lines. @returns whether there was room for it. */
  leaveOut(name: string): boolean {
    if (this.#leftOut.size === billedDaysMax && !this.#leftOut.has(name)) return false;
    this.#leftOut.add(name);
    return true;
  }

  get leftOut(): ReadonlySet<string> {
    return this.#leftOut;
  }

  get days(): readonly BilledDay[] {
    return [...this.#days.values()];
  }

  /** First and last day of it. */
  get span(): { readonly first: string; readonly last: string } {
    const days = this.days.map(({ day }) => day).toSorted();
    const [first, last] = [days.at(0), days.at(-1)];
    assert(first !== undefined && last !== undefined, 'only a bill with lines has a span');
    return { first, last };
  }
}
