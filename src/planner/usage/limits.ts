/** Bounds of what is read of usage. Each is above what a firm's export of a few years holds and below what hurts the process. */
export const usageLimits = {
  /** Longest text of one export, in UTF-16 units. */
  textLength: 512 * 1024 * 1024,
  /** Most rows of one export. */
  rows: 2_000_000,
  /** Bad rows that are told one by one; the rest is counted. */
  faultsTold: 20,
  /** Classes of their own; what costs least is put together. One less of each kind of unit than a portfolio may have. */
  classes: 14,
  /** Longest cell that is quoted in a message. */
  quoted: 40,
} as const;
