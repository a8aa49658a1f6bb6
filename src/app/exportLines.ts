import { trueUpsOf, type Contract } from '../contracts/index.ts';
import {
  contractCommitmentColumns,
  contractCommitmentRows,
  focusColumns,
  focusRows,
  type FocusQuestion,
  type LedgerSlices,
  type Stretch,
} from '../exports/index.ts';
import type { ExportQuestion } from '../http/index.ts';
import { csvLine } from '../kernel/index.ts';
import { slicesByInterval, slicesByPeriod, type Queries } from '../store/index.ts';
import { poolSpent, type LedgerView } from './contractHistory.ts';

/** One statement of an export, which may go through years of a ledger. */
const statementMs = 600_000;

/** What an export is made from. */
export interface ExportParts extends LedgerView {
  readonly contracts: readonly Contract[];
}

/** The ledger of all organisations: they share contracts. */
const ledgerSlices = (session: Queries, parts: ExportParts): LedgerSlices => {
  const { organisations, contracts, nowMs } = parts;
  return {
    ordinary: ({ stretch: { fromMs, untilMs }, ...asked }) =>
      slicesByPeriod(session, { organisations, fromMs, toMs: untilMs, ...asked }),
    ofContracts: ({ stretch: { fromMs, untilMs }, ...asked }) =>
      slicesByInterval(session, { organisations, fromMs, toMs: untilMs, ...asked }),
    trueUps: async (pool) => trueUpsOf(pool, { ...(await poolSpent(parts, contracts, pool)), nowMs }),
  };
};

async function* costLines(question: FocusQuestion, parts: ExportParts): AsyncGenerator<string> {
  const session = await parts.database.session({ purpose: 'export', queryMs: statementMs });
  try {
    yield csvLine(focusColumns);
    const rows = focusRows(question, ledgerSlices(session, parts));
    for await (const row of rows) yield csvLine(focusColumns.map((column) => row[column] ?? null));
  } finally {
    await session.end();
  }
}

async function* contractLines(stretch: Stretch, contracts: readonly Contract[]): AsyncGenerator<string> {
  yield csvLine(contractCommitmentColumns);
  for (const contract of contracts)
    for (const row of contractCommitmentRows(contract, stretch))
      yield csvLine(contractCommitmentColumns.map((column) => row[column] ?? null));
}

/** The lines of a dataset as comma-separated values, the header first; memory does not grow with the ledger. */
export const exportLines = (question: ExportQuestion, parts: ExportParts): AsyncIterable<string> => {
  const { dataset, by, fromMs, toMs } = question;
  const { contracts, nowMs } = parts;
  const stretch = { fromMs, untilMs: toMs };
  return dataset === 'contract-commitment'
    ? contractLines(stretch, contracts)
    : costLines({ by, stretch, contracts, nowMs }, parts);
};
