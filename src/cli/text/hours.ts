/** Hours for people: three digits that count, and whole from a hundred on. */
export const hours = (value: unknown): string =>
  typeof value === 'number'
    ? value.toLocaleString('en-US', value < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 })
    : '-';
