/** A count with separators. */
export const count = (value: unknown): string => (typeof value === 'number' ? value.toLocaleString('en-US') : '-');
