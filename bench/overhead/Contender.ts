import type { WireName } from './recordedTraffic.ts';

/** How a client's request reaches a vendor's wire. */
export interface Way {
  readonly client: WireName;
  readonly vendor: WireName;
  readonly stream: boolean;
}

/** What a client of a contender must write to take a way. */
export interface Address {
  /** Model that the client names. */
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How strictly an answer is looked at before anything is timed. */
export type Fidelity = 'bytes' | 'meaning';

/** One program in front of the same vendor. */
export interface Contender {
  readonly name: string;
  readonly version: string;
  readonly port: number;
  readonly fidelity: Fidelity;
  /** Processes that serve requests, databases apart. */
  readonly pids: readonly number[];
  /** Process whose descendants are its database, or null where it keeps none. */
  readonly databaseParent: number | null;
  /** How to take a way, or why it cannot. */
  address(way: Way): Address | string;
}
