/**
 * The most that each may have so that all together have a total: who wants less than that has what it wants, and what it leaves is shared by the others.
 * @param wanted Each one's wish, in any order.
 * @returns Infinity where all wishes fit.
 */
export const fairRate = (wanted: readonly number[], total: number): number => {
  const ascending = wanted.toSorted((one, other) => one - other);
  let left = total;
  for (const [index, wish] of ascending.entries()) {
    const share = left / (ascending.length - index);
    if (wish > share) return share;
    left -= wish;
  }
  return Infinity;
};
