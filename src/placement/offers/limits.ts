/** Bounds of imported lists, and what stands for what nobody told. */
export const offerLimits = {
  /** Of one list, in UTF-8 bytes. */
  listBytes: 4_194_304,
  listRows: 50_000,
  /** Lists that are kept side by side, each under a name of its own. */
  lists: 16,
  /** Faults and warnings that one reading tells. */
  findings: 20,
  /** Characters of a cell that nothing is grouped by. */
  noteCharacters: 256,
  /** US dollars that an instance may cost an hour; more is a slip of the finger. */
  instanceHourUsd: 1_000_000,
  /** Accelerators of one instance. */
  instanceAccelerators: 10_000,
  /** Offers without a site that decisions are compared with. */
  listedOffers: 10_000,
  /** Offers that one answer shows. */
  shownOffers: 2_000,
} as const;

/** Hours of the month that the vendors' monthly figures mean. */
export const monthHours = 730;

/**
 * How often spot capacity goes of which nobody says how often it goes: as often as in the class that has no upper bound, one expected
 * interruption a month.
 */
export const unknownInterruptionsPerHour = 1 / monthHours;

/**
 * What a gigabyte out of a site costs that runs nothing of its own machines and does not say: what large clouds ask at most for the first
 * terabytes. It is compared, never booked.
 */
export const unknownEgressUsdPerGigabyte = 0.12;
