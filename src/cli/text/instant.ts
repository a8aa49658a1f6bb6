/** An instant of the API to the second: "2027-01-04 09:00:00Z". */
export const instant = (value: unknown): string =>
  typeof value === 'string' ? value.replace('T', ' ').replace(/\.\d+Z$/, 'Z') : '-';
