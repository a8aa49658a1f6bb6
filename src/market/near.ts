/** Longest name that is compared; longer ones are like nothing. */
const nameLengthMax = 128;
/** Most names that are compared. */
const namesMax = 10_000;
/** Most names that are offered. */
const nearMax = 3;

/**
 * How many letters must be put in, left out, changed or swapped with their neighbour to turn one word into the other
 * (Damerau-Levenshtein, optimal string alignment), or `most + 1` as soon as it is sure to be more than `most`.
 */
const distance = (one: string, other: string, most: number): number => {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= other.length; j++) {
      const changed = one[i - 1] === other[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + changed);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > most) return most + 1;
    beforeLast = last;
    last = row;
  }
  return last[other.length] ?? 0;
};

/** The names most like the one asked for, the nearest first, at most three; empty where none is alike. For "unknown model, did you mean ...". */
export const near = (names: Iterable<string>, asked: string): readonly string[] => {
  if (asked.length > nameLengthMax) return [];
  const wanted = asked.toLowerCase();
  const most = Math.max(2, Math.floor(wanted.length / 3));
  const found: { readonly name: string; readonly steps: number }[] = [];
  let compared = 0;
  for (const name of names) {
    if (++compared > namesMax) break;
    if (name.length > nameLengthMax) continue;
    const steps = distance(wanted, name.toLowerCase(), most);
    if (steps <= most) found.push({ name, steps });
  }
  found.sort((one, other) => one.steps - other.steps || (one.name < other.name ? -1 : 1));
  return found.slice(0, nearMax).map(({ name }) => name);
};
