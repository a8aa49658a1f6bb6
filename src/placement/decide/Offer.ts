/** How capacity is paid for: `slot` by a contract that was signed, `onDemand` by the hour, `spot` by the hour until it is taken away. */
export type CapacityBasis = 'slot' | 'onDemand' | 'spot';

/**
 * Accelerators that a job may be given, as the decision sees them. Figures in US dollars are Float64: they are compared, never booked.
 * Two offers never hold the same accelerator: a slot's are not on demand besides. The one exception are the on-demand and the spot offer of a kind at a site,
 * which stand for the same accelerators at two prices: `free` of both leaves out what is busy on either, and taking one takes from both.
 */
export interface Offer {
  /** Site of the file; null for an offer of an imported list that no site stands for: it can be shown and compared, never chosen. */
  readonly site: string | null;
  readonly vendor: string;
  readonly region: string | null;
  /** Host name -> share of it, 1 where nobody knows. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly accelerator: string;
  readonly basis: CapacityBasis;
  /** Slot that it belongs to, or pool that its spending draws down. */
  readonly contract: string | null;
  /** What one more accelerator-hour costs from now on, contract's discount taken off: 0 for a slot, whose fee is owed anyway; null: unpriced. */
  readonly hourUsd: number | null;
  /** Accelerators in all, busy ones included. */
  readonly count: number;
  readonly free: number;
  /** Accelerators that share one fast fabric; null where it is not known. */
  readonly domain: number | null;
  /** When it ends: a slot's last instant. Unix milliseconds; null for no end. */
  readonly untilMs: number | null;
  /** Expected interruptions an hour, of the whole gang together; of one machine where `acceleratorsPerMachine` is told. */
  readonly interruptionsPerHour: number;
  /** Accelerators of one machine, where each is taken away by itself: a gang over n of them is disturbed n times as often. */
  readonly acceleratorsPerMachine?: number;
  /** For what leaves the site. US dollars a gigabyte. */
  readonly egressUsdPerGigabyte: number;
  /** How fast data comes in. Gigabytes an hour. */
  readonly gigabytesPerHour: number;
  /** "file", or name and date of the list that its price comes from. */
  readonly source: string;
}
