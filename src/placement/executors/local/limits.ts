/** Bounds of jobs that run as processes of this machine. */
export interface LocalLimits {
  /** Ranks of one attempt. Each costs a supervisor of some 50 MB beside the job itself. */
  readonly ranks: number;
  /** Longest time between SIGTERM and SIGKILL. Milliseconds. */
  readonly graceMs: number;
  /** How long a supervisor may outlast its grace before it is killed itself. Milliseconds. */
  readonly overtimeMs: number;
  /** Between two looks of a supervisor whether its folder is still there: nobody can know of a rank without one. Milliseconds. */
  readonly folderLookMs: number;
  /** What a rank may write before the rest of its output is dropped. Bytes. */
  readonly logBytes: number;
  /** Most of a log that one answer holds. Bytes. */
  readonly logPieceBytes: number;
  /** A larger heartbeat, or record of a rank, is not read. Bytes. */
  readonly recordBytes: number;
  /** How often a rank is started whose supervisor ends before it begins. */
  readonly starts: number;
  /** Looks for what still runs, after it was killed, before it is left for the next call. */
  readonly sweeps: number;
  /** Between two of these looks. Milliseconds. */
  readonly sweepPauseMs: number;
  /** Ended attempts of a site whose logs are kept. */
  readonly endedAttempts: number;
}

export const localLimits: LocalLimits = {
  ranks: 64,
  graceMs: 86_400_000,
  overtimeMs: 5_000,
  folderLookMs: 5_000,
  logBytes: 64 * 1024 * 1024,
  logPieceBytes: 64 * 1024,
  recordBytes: 64 * 1024,
  starts: 3,
  sweeps: 20,
  sweepPauseMs: 10,
  endedAttempts: 50,
};
