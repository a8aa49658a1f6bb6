import type { Transport } from '../egress/index.ts';
import type { Clock, Log, Metrics, NanoUsd, UuidV7Maker } from '../kernel/index.ts';
import type { Budgets, RateLimits, Shares } from '../ledger/index.ts';
import type { Health, LatencyEstimate, OutputEstimate, RetryBudget } from '../router/index.ts';
import type { SpoolRecord } from '../vocabulary/index.ts';
import type { Abandonment } from './Abandonment.ts';
import type { FaultPort } from './drill/FaultPort.ts';
import type { AnswerKeeper } from './kept/AnswerKeeper.ts';
import type { Paces } from './Paces.ts';
import type { Snapshot } from './Snapshot.ts';
import type { Translator } from './translation/Translator.ts';

/** Where records go before anything is answered: once `append` resolves, a kill of this process loses none of them. */
export interface Journal<Position = unknown> {
  /** Keeps records, all or none. Rejects with CodedError `ledger_unavailable` when they cannot be kept. */
  append(...records: readonly SpoolRecord[]): Promise<Position>;
  /** Resolves when everything up to the position is on disk. */
  synced(position: Position): Promise<void>;
}

/**
 * What came of asking for more of shared budgets. `given`: there was room. `spent`: less is left than was asked for, whoever has it. `unknown`: nobody
 * answered, or others did not give back in time what they have free.
 */
export type RoomAnswer = 'given' | 'spent' | 'unknown';

/** Where this replica asks for more of the budgets that it shares with others. */
export interface BudgetRoom {
  /**
   * Asks for so much in each of these budgets, and waits until it is there, nobody has it to give, or the deadline has come.
   * @param deadlineMs monotonic milliseconds; where nothing was heard by then the first answer is waited for a little longer. Never rejects.
   * @param abandonment ends the wait: nothing is kept for those who have left.
   */
  ask(scopeIds: readonly string[], amount: NanoUsd, deadlineMs: number, abandonment: Abandonment): Promise<RoomAnswer>;
}

export interface GatewayPorts<Position = unknown> {
  readonly snapshot: () => Snapshot;
  readonly transport: Transport;
  readonly translator: Translator;
  readonly answers: AnswerKeeper;
  readonly journal: Journal<Position>;
  /** `strict`: an answer's last byte waits until its record is on disk. */
  readonly durability: () => 'group' | 'strict';
  readonly budgets: Budgets;
  readonly budgetRoom: BudgetRoom;
  readonly rateLimits: RateLimits;
  readonly shares: Shares;
  readonly paces: Paces;
  readonly health: Health;
  readonly retryBudget: RetryBudget;
  readonly outputEstimate: OutputEstimate;
  readonly latencies: LatencyEstimate;
  readonly clock: Clock;
  readonly ids: UuidV7Maker;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly faults: FaultPort;
}
