export type ScopeKind = 'target' | 'credential' | 'quota';

/** A candidate that may not be tried now. */
export interface ClosedAdmission {
  readonly open: false;
  /** For people: "quota cooling for 1.2 s (rate_limited)". */
  readonly reason: string;
  /** Monotonic milliseconds. */
  readonly untilMs: number;
  readonly scope: ScopeKind;
  /** Nothing but recent failures speaks against it: it may be tried where nobody else is left. */
  readonly lastResort: boolean;
  /** Only people mend it: a credential, or a deployment that the vendor does not know. */
  readonly needsOperator: boolean;
}

/** Whether a candidate may be tried now. */
export type Admission =
  | {
      readonly open: true;
      /** Something about it is half-open: this request would be the one that finds out. */
      readonly probe: boolean;
    }
  | ClosedAdmission;

/** A candidate whose account is at a limit that the file sets. @param untilMs monotonic milliseconds */
export const atItsLimit = (reason: string, untilMs: number): ClosedAdmission => ({
  open: false,
  reason,
  untilMs,
  scope: 'quota',
  lastResort: false,
  needsOperator: false,
});
