/** What can be wrong with a ledger. */
export type LedgerFaultKind =
  | 'missing_attempt'
  | 'different_attempt'
  | 'doubled_attempt'
  | 'missing_request'
  | 'lines_do_not_sum'
  | 'wrong_month'
  | 'two_months'
  | 'attempt_of_request_missing'
  | 'rejected_record'
  | 'implausible_usage'
  | 'missing_range'
  | 'journal_missing'
  | 'journal_out_of_order'
  | 'journal_unbalanced'
  | 'journal_differs'
  | 'attempt_without_journal'
  | 'budget_differs'
  | 'leases_beyond_cap';

/** One thing that does not hold. */
export interface LedgerFault {
  readonly kind: LedgerFaultKind;
  /** Attempt id, request id, journal id, the id of a spool or of a budget; the name of an organisation where attempts have no journal. */
  readonly id: string;
  /** What was expected and what was found. */
  readonly detail: string;
}

/** Most faults of one kind that are told. */
export const faultsMax = 100;

/** The first faults of each kind: what is wrong everywhere fills no memory. */
export class LedgerFaults {
  readonly #byKind = new Map<LedgerFaultKind, LedgerFault[]>();

  add(faults: readonly LedgerFault[]): void {
    for (const fault of faults) {
      const told = this.#byKind.get(fault.kind) ?? [];
      this.#byKind.set(fault.kind, told);
      if (told.length < faultsMax) told.push(fault);
    }
  }

  /** By kind, in the order in which the kinds were found. */
  all(): LedgerFault[] {
    return [...this.#byKind.values()].flat();
  }
}
