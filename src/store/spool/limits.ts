const mebibyte = 1024 * 1024;

/** Everything about a spool that is bounded, with the default bound. */
export interface SpoolLimits {
  /** A segment file is followed by a new one at this size. */
  readonly segmentBytes: number;
  /** Largest record, as JSON. */
  readonly recordBytes: number;
  /** Longest wait between an append and the start of its fdatasync, in milliseconds. */
  readonly groupMs: number;
  /** Size of all segments together beyond which new intents are refused. */
  readonly bytesMax: number;
  /** What finals and requests may take beyond `bytesMax`, and what is kept preallocated on disk for them. */
  readonly reserveBytes: number;
  /** Bytes handed to the operating system but not yet on disk, beyond which new intents are refused. */
  readonly unsyncedBytes: number;
  /** Bytes of the last records that are kept in memory to be asked about. */
  readonly recentBytes: number;
  /** Fully shipped segments that are kept for `verify`. */
  readonly retainedSegments: number;
  /** Pause between tries to write again after a failure, in milliseconds. */
  readonly retryMs: number;
}

export const spoolLimits: SpoolLimits = {
  segmentBytes: 64 * mebibyte,
  recordBytes: mebibyte,
  groupMs: 10,
  bytesMax: 4096 * mebibyte,
  reserveBytes: 16 * mebibyte,
  unsyncedBytes: 16 * mebibyte,
  recentBytes: 4 * mebibyte,
  retainedSegments: 4,
  retryMs: 250,
};
