/** A figure in US dollars that was estimated: cents from a dollar on, four digits below. */
export const expectedUsd = (value: unknown): string => {
  if (typeof value !== 'number') return '-';
  const digits = Math.abs(value) >= 1 || value === 0 ? 2 : 4;
  return `$${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
};
