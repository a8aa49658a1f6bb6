import type { Feature } from '../vocabulary/index.ts';

/** What a family of models is known to lack, or to have. A family that no row is about is taken to be able to do everything that is asked of it by a client. */
export interface CapabilityRow {
  /** Wires on which it holds; absent: on all. */
  readonly wires?: readonly string[];
  /** Vendors, as configurations name them, of whom it holds; absent: whoever sells it. */
  readonly vendors?: readonly string[];
  /** The lab's or the vendor's names of the models, without dates; one that ends in "*" stands for all that begin so. */
  readonly models: readonly string[];
  readonly lacks?: readonly Feature[];
  /** What it is known to have, where something is only asked of who is known to. */
  readonly takes?: readonly Feature[];
  /** Members by which it is told of what it takes, by their names on its wire. */
  readonly members?: readonly string[];
  /** It holds only of models that are not known to think before they answer. */
  readonly unlessThinking?: true;
  /** Parameters that are answered with 400, or mean nothing there, by their names on the lab's own wire. */
  readonly parameters?: readonly string[];
  /** Year and month in which the sources said so. */
  readonly asOf: string;
  /** Pages of the vendor, or reports with the vendor's own words. */
  readonly sources: readonly string[];
}
