import { contractByTheHour, type Contract } from '../../contracts/index.ts';
import { budgetScopesOf, type Paces } from '../../gateway/index.ts';
import { parseNanoUsd } from '../../kernel/index.ts';
import { settleCapacity } from '../../ledger/index.ts';
import type { ControllerPorts, JobAttempt } from '../../placement/index.ts';
import type { BudgetBucket, FinalRecord } from '../../vocabulary/index.ts';
import type { TurnJournal } from '../../store/index.ts';
import type { Balances } from '../Balances.ts';

/** Where the pieces of jobs are counted. */
export interface CapacityLedger {
  /** Whether the database has a piece already, told by an earlier process. @throws CodedError `database_unavailable` */
  readonly isKept: (organisation: string, attemptId: string) => Promise<boolean>;
  readonly journal: Pick<TurnJournal, 'append'>;
  readonly balances: Pick<Balances, 'budgets' | 'shares'>;
  readonly paces: Pick<Paces, 'settled'>;
  /** Those of the file as it is now. */
  readonly contracts: () => readonly Contract[];
}

/** Pieces that are remembered: the newest are told again where their job could not be kept. */
const toldMax = 10_000;

/** Key that a job's use stands under: no client's key has a name like it, so that no client's budget is drawn. */
const keyOf = (submittedBy: string): string => `admin/${submittedBy}`;

/** Pieces that this process told, as many as are remembered. */
class RecentPieces {
  readonly #ids = new Set<string>();

  has(attemptId: string): boolean {
    return this.#ids.has(attemptId);
  }

  add(attemptId: string): void {
    this.#ids.add(attemptId);
    const [oldest] = this.#ids;
    if (this.#ids.size > toldMax && oldest !== undefined) this.#ids.delete(oldest);
  }
}

/** The contract that a piece of use goes to first: a job may run on when one ends and another begins. A slot holds what it runs on until it ends. */
const contractOfPiece = (
  contracts: readonly Contract[],
  { basis, contract, site }: JobAttempt,
  fromMs: number,
): string | null => (basis === 'slot' ? contract : (contractByTheHour(contracts, site, fromMs)?.id ?? null));

const recordOf = (
  contracts: readonly Contract[],
  ...[job, spec, attempt, piece]: Parameters<ControllerPorts['book']>
): FinalRecord => {
  const { fromMs, untilMs, certainUntilMs } = piece;
  return settleCapacity({
    identity: {
      jobId: job.id,
      job: job.name,
      attempt: attempt.number,
      organisation: job.organisation,
      team: spec.team,
      key: keyOf(job.submittedBy),
      site: attempt.site,
      accelerator: attempt.accelerator,
      ...attempt.place,
      contract: contractOfPiece(contracts, attempt, fromMs),
    },
    accelerators: attempt.accelerators,
    price: attempt.price,
    billableSinceMs: attempt.billableSinceMs ?? fromMs,
    fromMs,
    untilMs,
    endsBetweenMs: certainUntilMs < untilMs ? [certainUntilMs, untilMs] : null,
  });
};

const withBudgets = (record: FinalRecord, budgets: readonly BudgetBucket[]): FinalRecord =>
  budgets.length === 0 ? record : { ...record, budgets };

/** Puts a piece of a job's use into the ledger: the spool first, then what is held in memory. */
export const bookCapacity = ({
  isKept,
  journal,
  balances,
  paces,
  contracts,
}: CapacityLedger): ControllerPorts['book'] => {
  const told = new RecentPieces();
  return async (job, spec, attempt, piece) => {
    const settled = recordOf(contracts(), job, spec, attempt, piece);
    const { attemptId, organisation, team, key, amountNanoUsd } = settled;
    const scopes = balances.budgets.idsOf(budgetScopesOf({ key, team, organisation }), null);
    const record = withBudgets(settled, balances.budgets.bucketsAt(scopes, piece.fromMs));
    // What is told again after a crash is in the balances already, as they were read from the ledger.
    if (!told.has(attemptId) && !(await isKept(organisation, attemptId))) {
      await journal.append(record);
      told.add(attemptId);
      balances.shares.add(record);
      paces.settled(record, null);
      balances.budgets.charge(record.budgets ?? [], parseNanoUsd(amountNanoUsd));
    }
    return { acceleratorSeconds: record.usage.acceleratorSeconds ?? 0, amountNanoUsd };
  };
};
