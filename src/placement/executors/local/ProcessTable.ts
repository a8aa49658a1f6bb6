/** A process, told from a later one of the same number by when it started. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot of the machine and ticks since then at the start of the process: "<boot id>/<ticks>"; null where the machine does not tell. */
  readonly started: string | null;
}

/** The processes of this machine, as the composition root knows them. */
export interface ProcessTable {
  identityOf(pid: number): ProcessIdentity;
  /** Whether exactly this process still lives; a corpse that waits for its parent does not. */
  lives(identity: ProcessIdentity): boolean;
}
