import { nanoUsd, parseNanoUsd, type NanoUsd } from '../../kernel/index.ts';
import type { Queries } from '../database/index.ts';

/** One window of one budget, wherever it is spent. */
export interface LeasedWindow {
  readonly organisation: string;
  readonly scope: string;
  readonly fromMs: number;
}

/** What a replica says of a window when its turn has come. Amounts in nano-USD. */
export interface LeaseQuestion extends LeasedWindow {
  /** Infinity where it never ends. */
  readonly untilMs: number;
  /** Where what counts now begins: the window itself, or the first piece of a rolling one. */
  readonly spentFromMs: number;
  /** What it is a window of, in a text: one that was counted as another is counted anew. */
  readonly countedAs: string;
  /** Whether what counts for it is only what attempts name it for: that moves here with them, and is never counted anew. */
  readonly isNamedByRecords: boolean;
  readonly capNanoUsd: NanoUsd;
  /** A soft one is only told what was spent. */
  readonly hard: boolean;
  /** What it holds, and has spent that is not in the database. */
  readonly usedNanoUsd: bigint;
  /** What it goes on spending from while its turn is made: it was granted before, and stays so. */
  readonly retainedNanoUsd: bigint;
  /** What would be good to have free. */
  readonly wantedNanoUsd: bigint;
  /** What somebody waits for. */
  readonly askedNanoUsd: bigint;
}

export interface LeaseAnswer extends LeasedWindow {
  /** What it may spend in all: what it uses, and what is free. */
  readonly grantedNanoUsd: bigint;
  /** What all replicas have spent, as far as it is in the database. */
  readonly spentNanoUsd: NanoUsd;
  /** What the others use beyond that. */
  readonly othersNanoUsd: NanoUsd;
  /** An equal share of what is left: most that is given to be free without being asked for. */
  readonly shareNanoUsd: bigint;
  /** Whether another replica waits for what it could not be given. */
  readonly isAwaited: boolean;
  /** Whether what was spent before this window was leased has been counted; nothing more is given of it before. */
  readonly isCounted: boolean;
}

interface AnswerRow {
  readonly organisation: string;
  readonly scope_id: string;
  readonly from_ms: string;
  readonly granted: string;
  readonly spent: string;
  readonly others_used: string;
  readonly share: string;
  readonly is_awaited: boolean;
  readonly is_counted: boolean;
}

/** Amounts go over as text: JSON has no integers of this size. */
const questionText = (questions: readonly LeaseQuestion[]): string =>
  JSON.stringify(
    questions.map((question) => ({
      organisation: question.organisation,
      scope: question.scope,
      fromMs: question.fromMs,
      untilMs: Number.isFinite(question.untilMs) ? question.untilMs : null,
      spentFromMs: question.spentFromMs,
      countedAs: question.countedAs,
      named: question.isNamedByRecords,
      cap: question.capNanoUsd.toString(),
      hard: question.hard,
      used: atLeastZero(question.usedNanoUsd),
      retained: question.retainedNanoUsd.toString(),
      wanted: question.wantedNanoUsd.toString(),
      asked: question.askedNanoUsd.toString(),
    })),
  );

const atLeastZero = (amount: bigint): string => (amount > 0n ? amount : 0n).toString();

/**
 * One turn of a replica for all the budgets that it spends, in one transaction and one round trip: its leases are set anew to what it uses and what can be
 * given besides. Nothing of this replica is shipped meanwhile.
 * @throws CodedError database_unavailable: whether the turn was made is not known then.
 */
export const leaseTurn = async (
  queries: Queries,
  replica: string,
  leaseMs: number,
  questions: readonly LeaseQuestion[],
): Promise<readonly LeaseAnswer[]> => {
  const rows = await queries.query<AnswerRow>('SELECT * FROM archipel.lease_turn($1::uuid, $2::bigint, $3::jsonb)', [
    replica,
    leaseMs,
    questionText(questions),
  ]);
  return rows.map((row) => ({
    organisation: row.organisation,
    scope: row.scope_id,
    fromMs: Number(row.from_ms),
    grantedNanoUsd: BigInt(row.granted),
    spentNanoUsd: parseNanoUsd(row.spent),
    othersNanoUsd: nanoUsd(BigInt(row.others_used)),
    shareNanoUsd: BigInt(row.share),
    isAwaited: row.is_awaited,
    isCounted: row.is_counted,
  }));
};

/**
 * Ends the leases of a replica whose spool is in the database whole: what it may have had free is for others again.
 * @param kept windows whose leases stay. @returns how many ended. @throws CodedError database_unavailable
 */
export const releaseLeases = async (
  queries: Queries,
  replica: string,
  kept: readonly LeasedWindow[] = [],
): Promise<number> => {
  const windows = kept.map(({ organisation, scope, fromMs }) => ({ organisation, scope, fromMs }));
  const [row] = await queries.query<{ released: number }>(
    'SELECT archipel.release_leases($1::uuid, $2::jsonb) AS released',
    [replica, JSON.stringify(windows)],
  );
  return row?.released ?? 0;
};
