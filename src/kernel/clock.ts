/** Time comes in as an argument: no pure room asks the machine. */
export interface Clock {
  /** Unix time in milliseconds; may jump. For records and calendar windows. */
  nowMs(): number;
  /** Milliseconds that never jump. For durations, deadlines and leases. */
  monotonicMs(): number;
}
