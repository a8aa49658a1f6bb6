import type { Contract } from '../contracts/index.ts';
import {
  contractCommitmentColumns,
  contractCommitmentRows,
  csvLine,
  focusColumns,
  focusRows,
  type FocusQuestion,
  type LedgerSlice,
  type LedgerSlices,
  type Stretch,
} from '../exports/index.ts';
import type { ExportQuestion } from '../http/index.ts';
import { nanoUsd, parseNanoUsd } from '../kernel/index.ts';
import {
  contractSpend,
  slicesByInterval,
  slicesByPeriod,
  type Database,
  type Queries,
  type StoredSlice,
} from '../store/index.ts';

/** One statement of an export, which may go through years of a ledger. */
const statementMs = 600_000;

/** What an export is made from. */
export interface ExportParts {
  readonly database: Database;
  readonly organisations: readonly string[];
  readonly contracts: readonly Contract[];
  /** Unix milliseconds. */
  readonly nowMs: number;
}

const sliceOf = (stored: StoredSlice): LedgerSlice => ({
  ...stored,
  nanoUsdPerMillion: BigInt(stored.nanoUsdPerMillion),
  units: BigInt(stored.units),
  amountNanoUsd: BigInt(stored.amountNanoUsd),
});

async function* slicesOf(stored: AsyncIterable<StoredSlice>): AsyncGenerator<LedgerSlice> {
  for await (const slice of stored) yield sliceOf(slice);
}

/** The ledger of all organisations: they share contracts. */
const ledgerSlices = (session: Queries, { database, organisations }: ExportParts): LedgerSlices => ({
  ordinary: ({ stretch, by, without, bordersMs }) =>
    slicesOf(
      slicesByPeriod(session, {
        organisations,
        fromMs: stretch.fromMs,
        toMs: stretch.untilMs,
        by,
        without,
        bordersMs,
      }),
    ),
  ofContract: ({ stretch, contract, originMs, intervalMs }) =>
    slicesOf(
      slicesByInterval(session, {
        organisations,
        fromMs: stretch.fromMs,
        toMs: stretch.untilMs,
        contract,
        originMs,
        intervalMs,
      }),
    ),
  async spentUnder(contract, { fromMs, untilMs }) {
    let spent = 0n;
    for (const organisation of organisations) {
      const { amountNanoUsd } = await contractSpend(database, { organisation, contract, fromMs, toMs: untilMs });
      spent += parseNanoUsd(amountNanoUsd);
    }
    return nanoUsd(spent);
  },
});

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
