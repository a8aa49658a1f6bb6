/** Longest name that is compared; longer ones are nobody's slip of the finger. */
const compareCharactersMax = 64;

/** How many letters must be changed, added, left out or swapped with their neighbour (optimal string alignment). */
export const editDistance = (left: string, right: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
};

/**
 * The known name that was probably meant, or null. Case does not count. Near enough is one slip in three letters, at most three:
 * so what was written is never a secret when a suggestion is made.
 */
export const nearestName = (written: string, known: Iterable<string>): string | null => {
  if (written.length > compareCharactersMax) return null;
  const folded = written.toLowerCase();
  let nearest: string | null = null;
  let nearestDistance = Math.min(3, Math.max(1, Math.floor(written.length / 3))) + 1;
  for (const name of known) {
    if (Math.abs(name.length - written.length) >= nearestDistance || name === written) continue;
    const distance = editDistance(folded, name.toLowerCase());
    if (distance < nearestDistance) {
      nearest = name;
      nearestDistance = distance;
    }
  }
  return nearest;
};

/** "did you mean" as the second half of a fault; `otherwise` where nothing is near. */
export const mendByName = (written: string, known: Iterable<string>, otherwise: string): string => {
  const nearest = nearestName(written, known);
  return nearest === null ? otherwise : `did you mean "${nearest}"?`;
};
