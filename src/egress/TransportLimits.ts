export interface TransportLimits {
  /** A lost SYN is sent again after 1 and 3 seconds: less than 3,200 turns packet loss into failures. */
  readonly connectMs: number;
  /** When the next address, or a second connection to the only one, is tried beside one that has not come through. */
  readonly connectRaceMs: number;
  /** Connections per origin and credential; more calls than that wait for one. */
  readonly connectionsMax: number;
  /** Calls per origin and credential that wait for a connection; more than that are refused. */
  readonly waitingMax: number;
  /** How long an idle connection is kept. */
  readonly idleConnectionMs: number;
  /** Bytes of an answer's header block. */
  readonly headerBytes: number;
}

export const defaultTransportLimits: TransportLimits = {
  connectMs: 3_200,
  connectRaceMs: 300,
  connectionsMax: 1_024,
  waitingMax: 16_384,
  idleConnectionMs: 30_000,
  headerBytes: 32_768,
};

/** Whom a transport believes. */
export interface TransportTrust {
  /** PEM certificates that are trusted in place of the system's. */
  readonly ca?: string;
}
