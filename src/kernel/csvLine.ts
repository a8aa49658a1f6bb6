/** A value as it stands in a line of comma-separated values: quoted where it has to be (RFC 4180). */
const fieldText = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** One line of comma-separated values, by RFC 4180; null is an empty field. */
export const csvLine = (values: readonly (string | null)[]): string =>
  `${values.map((value) => (value === null ? '' : fieldText(value))).join(',')}\r\n`;
