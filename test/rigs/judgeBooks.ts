import { AdminPlane } from './AdminPlane.ts';
import type { ForeignDatabase } from './ForeignDatabase.ts';
import { ledgerRowsAt, type LedgerRows } from './ledgerRows.ts';
import type { Outcome } from './load.ts';
import type { Fleet } from './openFleet.ts';
import { reconcileAll } from './outage.ts';
import { faultsOfAnswers, type Reconciliation } from './reconcile.ts';
import type { Rivals } from './rivals.ts';

/** The books of several gateways on one database, and all that they are held against. */
export interface Books extends Pick<Fleet, 'rivals' | 'replicas'> {
  readonly database: ForeignDatabase;
  readonly outcomes: readonly Outcome[];
}

export interface BookFigures {
  readonly attempts: number;
  /** Whose end nobody saw: their process died. */
  readonly unknown: number;
  readonly reconciliations: readonly Reconciliation[];
  readonly faults: readonly string[];
}

/** What does not hold of these rows, against the vendors' bills and the clients' answers. */
export const faultsOfRows = async (
  rows: LedgerRows,
  rivals: Rivals,
  outcomes: readonly Outcome[],
): Promise<readonly string[]> => [
  ...faultsOfAnswers(rows, outcomes),
  ...(await reconcileAll(rows, rivals, outcomes)).flatMap(({ faults }) => faults),
];

/**
 * When all is over: equal to the vendors' bills over what was reported, bills within the ranges of the rest, each whole answer recorded once, and
 * `ledger verify` finds nothing.
 */
export const judgeBooks = async ({ rivals, replicas, database, outcomes }: Books): Promise<BookFigures> => {
  const planes = replicas.map(({ server }) => new AdminPlane(server));
  for (const plane of planes) await plane.drain();
  const rows = await ledgerRowsAt(database.directUrl);
  const verified = await Promise.all(planes.map((plane) => plane.ledgerFaults()));
  return {
    attempts: rows.attempts.length,
    unknown: rows.attempts.filter(({ outcome }) => outcome.kind === 'unknown').length,
    reconciliations: await reconcileAll(rows, rivals, outcomes),
    faults: [
      ...(await faultsOfRows(rows, rivals, outcomes)),
      ...verified.flat().map((fault) => `ledger verify: ${JSON.stringify(fault)}`),
    ],
  };
};
