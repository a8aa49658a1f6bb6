import type { HurtRow } from './DrillReport.ts';

/** Most names that are told apart; what comes after stands under one name. */
const namesMax = 1_000;
const others = '(others)';

/** What one request adds. */
export interface Tallied {
  readonly served: boolean;
  /** Null where that is not known. */
  readonly moved: boolean | null;
  readonly amount: bigint;
  /** What it costs without the drill; null where that is not known. */
  readonly usual: bigint | null;
}

interface Sum {
  requests: number;
  served: number;
  moved: number | null;
  amount: bigint;
  usual: bigint | null;
}

/** Requests by a name, in bounded memory. */
export class Tally {
  readonly #sums = new Map<string, Sum>();

  add(name: string, { served, moved, amount, usual }: Tallied): void {
    const known = this.#sums.has(name) || this.#sums.size < namesMax ? name : others;
    const sum = this.#sums.get(known) ?? { requests: 0, served: 0, moved: 0, amount: 0n, usual: 0n };
    sum.requests += 1;
    sum.moved = sum.moved === null || moved === null ? null : sum.moved + Number(moved);
    sum.usual = sum.usual === null || usual === null ? null : sum.usual + (served ? usual : 0n);
    if (served) {
      sum.served += 1;
      sum.amount += amount;
    }
    this.#sums.set(known, sum);
  }

  /** In the order of how much they are hurt: by what was not served, then by what was added. */
  byHurt(): readonly HurtRow[] {
    return this.rows().toSorted(
      (one, other) =>
        other.requests - other.served - (one.requests - one.served) ||
        Number(BigInt(other.addedNanoUsd ?? 0) - BigInt(one.addedNanoUsd ?? 0)),
    );
  }

  /** In the order in which they came. */
  rows(): readonly HurtRow[] {
    return [...this.#sums].map(([name, { requests, served, moved, amount, usual }]) => ({
      name,
      requests,
      served,
      servedShare: shareOf(served, requests),
      moved,
      amountNanoUsd: amount.toString(),
      addedNanoUsd: usual === null ? null : (amount - usual).toString(),
    }));
  }
}

/** Null where there is nothing to have a share of. */
export const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
