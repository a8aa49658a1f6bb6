/** Somebody who could use some of what there is. */
export interface Want {
  /** Unique among those who want. */
  readonly id: string;
  readonly wanted: number;
}

/**
 * Shares whole units out: who wants less than an equal part has it, what that leaves goes to the others, and what nobody wants to all alike. The same wants have
 * the same answer wherever they are looked at.
 * @returns units of each, whole and never negative; their sum is `total` where anybody wants something, and else nothing.
 */
export const apportion = (total: number, wants: readonly Want[]): ReadonlyMap<string, number> => {
  const inOrder = wants.filter(({ wanted }) => wanted > 0).toSorted(byWant);
  const shares = new Map(wants.map(({ id }) => [id, 0]));
  const fill = (units: number, mostOf: (want: Want) => number): number => {
    let left = units;
    for (const [index, want] of inOrder.entries()) {
      const part = Math.min(mostOf(want), Math.floor(left / (inOrder.length - index)));
      shares.set(want.id, (shares.get(want.id) ?? 0) + part);
      left -= part;
    }
    return left;
  };
  const unwanted = fill(total, ({ wanted }) => wanted);
  fill(unwanted, () => unwanted);
  return shares;
};

/** Whoever wants most comes last, and has what does not divide. */
const byWant = (one: Want, other: Want): number => {
  if (one.wanted !== other.wanted) return one.wanted - other.wanted;
  return one.id < other.id ? -1 : 1;
};
