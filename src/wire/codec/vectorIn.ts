/** Longest vector that anybody makes, many times over. */
export const dimensionsMax = 65_536;

/** A vector as it stands in an answer; null where it is none: what is no number, or too large for one, would be one in no client. */
export const vectorIn = (value: unknown): readonly number[] | null => {
  if (!Array.isArray(value) || value.length === 0 || value.length > dimensionsMax) return null;
  return value.every((number): number is number => typeof number === 'number' && Number.isFinite(number))
    ? value
    : null;
};

/** Several of them; null where one is none. */
export const vectorsIn = (values: readonly unknown[]): readonly (readonly number[])[] | null => {
  const vectors = values.map(vectorIn);
  return vectors.every((vector) => vector !== null) ? vectors : null;
};
