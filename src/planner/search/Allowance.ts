/** How much work may still be done. Asked between two linear programs and within a search tree. */
export interface Allowance {
  /** Whether to stop now: cancelled, good enough, or all used up. */
  spent(): boolean;
}

/** What a search tells while it goes on. */
export interface PlanProgress {
  readonly phase: 'root' | 'rounding' | 'local' | 'freeing' | 'bound root' | 'bound tree' | 'end';
  /** Explored nodes of the search tree, where there is one. */
  readonly nodes: number;
  /** Linear programs solved so far by this worker. */
  readonly programs: number;
}
