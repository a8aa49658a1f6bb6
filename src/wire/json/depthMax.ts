/**
 * Deepest nesting of objects and arrays of one JSON text that is decoded, also of one that stands in a text: some of what walks through values, or writes them,
 * goes one step down the stack with each level. What people and models write is a few levels deep.
 */
export const depthMax = 256;

/** Whether a decoded value has more levels of objects and arrays than these. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return inner.some((one) => isDeeperThan(one, levels - 1));
};

/** Whether a JSON text can be deeper than is decoded: each level is opened by a bracket. Most texts have fewer. */
export const mayBeTooDeep = (text: string): boolean => {
  // Each level takes two letters at least: most events of streams are shorter.
  if (text.length <= 2 * depthMax) return false;
  let brackets = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      brackets += 1;
      if (brackets > depthMax) return true;
    }
  }
  return false;
};
