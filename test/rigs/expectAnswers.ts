import { expect } from 'vitest';
import { explainFault, explainRecords, nothingToExplain } from './explainFault.ts';
import type { LedgerRows } from './ledgerRows.ts';
import type { Outcome } from './load.ts';
import { faultsOfAnswers } from './reconcile.ts';
import type { Server } from './startServer.ts';

/** Expects that every request was answered whole. */
export const expectNoFault = async (server: Server, outcomes: readonly Outcome[], seed: number): Promise<void> => {
  expect(await explainFault(server, outcomes, seed)).toBe(nothingToExplain(seed));
};

/** Expects of each answered request that the ledger has it, once, as the client saw it. */
export const expectRecorded = async (
  server: Server,
  rows: LedgerRows,
  outcomes: readonly Outcome[],
  seed: number,
): Promise<void> => {
  const faults = faultsOfAnswers(rows, outcomes);
  expect(faults, await explainRecords(server, faults, outcomes, seed)).toEqual([]);
};
