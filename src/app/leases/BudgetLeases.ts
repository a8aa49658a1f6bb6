import { setTimeout as pause } from 'node:timers/promises';
import type { Abandonment, BudgetRoom, RoomAnswer } from '../../gateway/index.ts';
import { errorMessage, type Clock, type Log, type Metrics, type NanoUsd } from '../../kernel/index.ts';
import { endUserMark, type BudgetDraw, type Budgets } from '../../ledger/index.ts';
import {
  countEndUsers,
  countSpends,
  leaseTurn,
  releaseLeases,
  type Database,
  type DatabaseAbsence,
  type EndUserCount,
  type LeaseAnswer,
  type LeaseQuestion,
  type Shipper,
} from '../../store/index.ts';
import type { LeasedBudget } from '../Balances.ts';
import type { KeptLease } from '../KeptBalances.ts';
import { usdOf } from '../usdOf.ts';
import { BudgetAsks, type Room } from './BudgetAsks.ts';
import { countedAsOf } from './countedAsOf.ts';
import { CountTries } from './CountTries.ts';
import { RecentUse } from './RecentUse.ts';
import { Recounts, type RecountMoment } from './Recounts.ts';

/** Between two turns: while nothing is asked for, and while somebody here or elsewhere waits. */
const turnMs = 500;
const hurriedTurnMs = 50;
/** How long after its end at the latest a request has left its record in the spool. */
const recordedMs = 10_000;
/** How long a turn waits for a count of end users; then that goes on beside the turns, and they by what is known. */
const countedWithinMs = 2_000;
/** How long a stop waits for its leases to be given back: what is not is counted as spent until the next start. */
const lastTurnMs = 2_000;

export interface LeasesParts {
  readonly budgets: Budgets;
  /** Where a budget is leased; null where there is none of this id any more. */
  readonly leasedAs: (id: string) => LeasedBudget | null;
  readonly database: Database & { readonly absence: DatabaseAbsence | null };
  /** What the running windows of budgets have spent by the attempts of the ledger, by piece. */
  readonly count: Parameters<typeof countSpends>[2];
  /** What the ids of the budgets of end users begin with, one for all of a holder. */
  readonly endUsers: () => readonly string[];
  /** The windows of those of one holder that run at an instant, and how they are counted; null where there are none any more. Unix milliseconds. */
  readonly countEndUsers: (beginning: string, nowMs: number) => EndUserCount | null;
  /** Ids of the budgets that have come to this replica since they were last taken; of those of end users what they begin with. */
  readonly takeNew: () => readonly string[];
  /** How long a request may take. */
  readonly requestMs: () => number;
  /** How long a turn waits for a count of end users, where not as long as by itself. Milliseconds. */
  readonly countedWithinMs?: number;
  readonly shipper: Pick<Shipper, 'between' | 'failure' | 'onMoved'>;
  /** Sequence of the last record in the spool. */
  readonly appended: () => number;
  /** UUID of the spool. */
  readonly replica: string;
  /** How long a lease lasts that is not renewed. */
  readonly leaseMs: () => number;
  /** Brings to disk what a start without the database goes by. */
  readonly keep: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Says of a budget that the database has counted it, once what it told of it was learnt. */
type TellCounted = () => void;

interface TurnAnswers {
  readonly answers: readonly LeaseAnswer[];
  readonly counted: readonly TellCounted[];
}

/** A count of the budgets of end users, which may take longer than a turn. */
interface UserCount {
  /** What to tell once it is over; null before. */
  counted: readonly TellCounted[] | null;
}

/** What the last turn said of a budget beside its lease. */
interface LastAnswer {
  readonly fromMs: number;
  readonly shareNanoUsd: bigint;
  readonly isAwaited: boolean;
}

/** Of what is free, what is on disk: turns that leave a little less need not write. */
const keptQuarters = 3n;

const windowName = (id: string, fromMs: number): string => `${fromMs} ${id}`;

const leastOf = (one: bigint, other: bigint): bigint => (one < other ? one : other);
/** Waits for so long at the most. */
const within = async (promise: Promise<void>, ms: number): Promise<void> => {
  const late = new AbortController();
  await Promise.race([promise, pause(ms, undefined, { signal: late.signal, ref: false }).catch(() => {})]);
  late.abort();
};

const usedOf = ({ heldNanoUsd, unshippedNanoUsd }: BudgetDraw): bigint => heldNanoUsd + unshippedNanoUsd;

/**
 * What this replica may spend of the budgets that it shares with others: leased from the database turn by turn, as much as its use needs, and given back when
 * it is idle or another waits. A turn never meets a shipment. What is in hand before a turn is answered is what its answer leaves at the least, so that a turn
 * of which nobody hears whether it was made does no harm.
 * A part of what is free is on disk with the balances, for a start without the database. A turn that may leave less than that lowers it there first.
 */
export class BudgetLeases implements BudgetRoom {
  readonly #parts: LeasesParts;
  readonly #stopped = new AbortController();
  readonly #asks = new BudgetAsks();
  readonly #uses = new Map<string, RecentUse>();
  readonly #recounts = new Recounts();
  readonly #budgetTries = new CountTries();
  readonly #userTries = new CountTries();
  #userCount: UserCount | null = null;
  #answers: ReadonlyMap<string, LastAnswer> = new Map();
  /** Budgets of a turn of which nobody knows whether it was made: they take part in the next one, too. */
  readonly #untold = new Set<string>();
  /** Aborted when somebody asks, so that the next turn is made at once. */
  #called = new AbortController();
  #isReleased = false;
  #hasFailed = false;
  /** What is on disk at the most, by window; what an earlier process left there is not known. */
  #onDisk = new Map<string, bigint>();
  /** What was last brought there. */
  #lastKept: ReadonlyMap<string, bigint> = new Map();
  #isDiskKnown = false;
  #running: Promise<void> | null = null;

  constructor(parts: LeasesParts) {
    this.#parts = parts;
    parts.shipper.onMoved((moves) => {
      for (const { scope, fromMs, amountNanoUsd } of moves) parts.budgets.shipped(scope, fromMs, amountNanoUsd);
    });
  }

  /** Goes on with leases that an earlier process had in hand when it ended without the database, as far as their time is not over. */
  restore(kept: readonly KeptLease[]): void {
    const { budgets, clock } = this.#parts;
    for (const { id, fromMs, freeNanoUsd, untilMs } of kept) {
      const untilMonotonicMs = clock.monotonicMs() + (untilMs - clock.nowMs());
      budgets.allow(id, fromMs, { grantedNanoUsd: BigInt(freeNanoUsd), untilMonotonicMs });
    }
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Gives everything back that is free, where the database is there. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#called.abort();
    this.#asks.endAll();
    await this.#running;
    if (this.#isAway() || !this.#isReleased) return;
    await this.#parts.shipper
      .between(({ sequence }) => this.#turn(sequence, true), AbortSignal.timeout(lastTurnMs))
      .catch((error: unknown) => {
        this.#parts.log.warn('budget leases were not given back; they are at the next start', {
          message: errorMessage(error),
        });
      });
  }

  ask(
    scopeIds: readonly string[],
    amount: NanoUsd,
    deadlineMs: number,
    abandonment: Abandonment | null = null,
  ): Promise<RoomAnswer> {
    const { clock, metrics } = this.#parts;
    const startedMs = clock.monotonicMs();
    const asking =
      this.#stopped.signal.aborted || this.#isAway()
        ? Promise.resolve<RoomAnswer>('unknown')
        : this.#asks.wait(this.#leased(scopeIds), amount, Math.max(0, deadlineMs - startedMs), abandonment);
    this.#called.abort();
    return asking.then((answer) => {
      metrics.count('archipel_budget_asks_total', { answered: String(answer !== 'unknown') });
      metrics.observeMs('archipel_budget_ask_ms', clock.monotonicMs() - startedMs);
      return answer;
    });
  }

  /** What a start without the database may go on with. */
  kept(nowMs: number): readonly KeptLease[] {
    const monotonicMs = this.#parts.clock.monotonicMs();
    const last = new Map<string, bigint>();
    const leases: KeptLease[] = [];
    for (const { id, fromMs, freeNanoUsd, untilMonotonicMs } of this.#parts.budgets.allowances()) {
      // Of end users a start without the database knows nothing.
      if (this.#parts.leasedAs(id)?.isNamedByRecords !== false) continue;
      const leftMs = untilMonotonicMs - monotonicMs;
      const kept = (freeNanoUsd * keptQuarters) / 4n;
      if (kept <= 0n || leftMs <= 0) continue;
      const window = windowName(id, fromMs);
      last.set(window, kept);
      // Until it is certain that this and no earlier writing is on disk.
      if (kept > (this.#onDisk.get(window) ?? 0n)) this.#onDisk.set(window, kept);
      leases.push({ id, fromMs, freeNanoUsd: kept.toString(), untilMs: nowMs + leftMs });
    }
    this.#lastKept = last;
    return leases;
  }

  #isAway(): boolean {
    const { database, shipper } = this.#parts;
    return this.#hasFailed || database.absence !== null || shipper.failure() !== null;
  }

  #leased(scopeIds: readonly string[]): readonly string[] {
    return scopeIds.filter((id) => this.#parts.leasedAs(id)?.hard === true);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const isHurried = !this.#isAway() && (this.#asks.size > 0 || this.#isAwaited());
      const called = AbortSignal.any([signal, this.#called.signal]);
      await pause(isHurried ? hurriedTurnMs : turnMs, undefined, { signal: called }).catch(() => {
        // Called: there is something to do.
      });
      if (signal.aborted) return;
      this.#called = new AbortController();
      await this.#turnBetween(signal);
    }
  }

  #isAwaited(): boolean {
    for (const { isAwaited } of this.#answers.values()) if (isAwaited) return true;
    return false;
  }

  async #turnBetween(signal: AbortSignal): Promise<void> {
    const { shipper, database, log } = this.#parts;
    try {
      // Leases are not lowered for a turn that cannot be made.
      if (database.absence !== null) throw new Error(database.absence.message);
      await shipper.between(({ sequence }) => this.#turn(sequence, false), signal);
      if (this.#hasFailed) log.info('budget leases are renewed again');
      this.#hasFailed = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!this.#hasFailed) log.warn('budget leases are not renewed now', { message: errorMessage(error) });
      this.#hasFailed = true;
      this.#asks.endAll();
    }
  }

  /** What may be given back must not be in hand at the next start. */
  async #lowerOnDisk(questions: readonly LeaseQuestion[]): Promise<void> {
    const isLow = ({ scope, fromMs, retainedNanoUsd }: LeaseQuestion): boolean =>
      (this.#onDisk.get(windowName(scope, fromMs)) ?? 0n) <= retainedNanoUsd;
    if (this.#isDiskKnown && questions.every(isLow)) return;
    // One that is under way may have begun before the leases were lowered.
    await this.#parts.keep();
    await this.#parts.keep();
    this.#onDisk = new Map(this.#lastKept);
    this.#isDiskKnown = true;
  }

  #takeNew(startedMs: number): void {
    const { takeNew, requestMs, leasedAs } = this.#parts;
    const ids = takeNew();
    if (ids.length === 0) return;
    this.#recounts.keep((id) => leasedAs(id) !== null);
    this.#recounts.add(ids, startedMs, startedMs + requestMs() + recordedMs);
  }

  /**
   * @param shipped sequence up to which the database has the spool.
   * @param isLast whether all that is free is given back.
   */
  async #turn(shipped: number, isLast: boolean): Promise<void> {
    const { budgets, leasedAs, database, replica, leaseMs, clock, metrics, appended } = this.#parts;
    const startedMs = clock.monotonicMs();
    this.#takeNew(startedMs);
    const wanted = this.#asks.tell();
    const draws = budgets.draws([...new Set([...wanted.keys(), ...this.#untold])], clock.nowMs());
    const questions = draws.flatMap((draw) => this.#question(draw, wanted, isLast));
    const untils = new Map(draws.map(({ scope, untilMonotonicMs }) => [scope.id, untilMonotonicMs]));
    // Whatever becomes of the turn, so much of each lease stays.
    for (const { scope, fromMs, usedNanoUsd, retainedNanoUsd } of questions) {
      this.#untold.add(scope);
      const untilMonotonicMs = untils.get(scope) ?? -Infinity;
      budgets.allow(scope, fromMs, { grantedNanoUsd: usedNanoUsd + retainedNanoUsd, untilMonotonicMs });
    }
    await this.#lowerOnDisk(questions);
    // A budget that a reload took away is leased no more.
    if ([...this.#answers.keys()].some((id) => leasedAs(id) === null)) this.#isReleased = false;
    if (!this.#isReleased) await releaseLeases(database, replica, questions);
    this.#isReleased = true;
    const moment = { monotonicMs: startedMs, shipped, appended: appended() };
    const { answers, counted } = await this.#askAll(questions, moment);
    this.#untold.clear();
    const held = new Map(draws.map(({ scope, heldNanoUsd }) => [scope.id, heldNanoUsd]));
    this.#take(answers, questions, held, startedMs + leaseMs());
    for (const tell of counted) tell();
    metrics.observeMs('archipel_budget_lease_turn_ms', clock.monotonicMs() - startedMs);
  }

  /** Leases are renewed before anything is counted, which may take long, or fail: then they stay as they are. */
  async #askAll(questions: readonly LeaseQuestion[], moment: RecountMoment): Promise<TurnAnswers> {
    const answers = await this.#ask(questions);
    const countedBudgets = await this.#countBudgets(questions, answers, moment);
    const countedUsers = await this.#countEndUsers(moment);
    if (countedBudgets === null && countedUsers === null) return { answers, counted: [] };
    return { answers: await this.#ask(questions), counted: [...(countedBudgets ?? []), ...(countedUsers ?? [])] };
  }

  async #ask(questions: readonly LeaseQuestion[]): Promise<readonly LeaseAnswer[]> {
    const { database, replica, leaseMs } = this.#parts;
    return questions.length === 0 ? [] : leaseTurn(database, replica, leaseMs(), questions);
  }

  /** What is leased for the first time, or is new here, is counted. @returns what to tell of those that were counted again; null where nothing was counted. */
  async #countBudgets(
    questions: readonly LeaseQuestion[],
    answers: readonly LeaseAnswer[],
    moment: RecountMoment,
  ): Promise<readonly TellCounted[] | null> {
    const { database, count, budgets } = this.#parts;
    const uncounted = new Set(answers.flatMap(({ scope, isCounted }) => (isCounted ? [] : [scope])));
    const byAttempts = questions.flatMap(({ scope, isNamedByRecords }) => (isNamedByRecords ? [] : [scope]));
    const again = this.#recounts.due(byAttempts, moment);
    if (uncounted.size === 0 && again.size === 0) return null;
    const windows = questions.filter(({ scope }) => uncounted.has(scope) || again.has(scope));
    const tells = [...again].map((id) => budgets.beginCount(id));
    if (!(await this.#tryCount(this.#budgetTries, () => countSpends(database, windows, count, again)))) return null;
    this.#recounts.counted(again, moment);
    return tells;
  }

  /** Those of end users are counted where their budgets came to this replica, all of one holder at once. @returns as above, of those that are kept here. */
  async #countEndUsers(moment: RecountMoment): Promise<readonly TellCounted[] | null> {
    if (this.#userCount === null) {
      const due = this.#recounts.due(this.#parts.endUsers(), moment);
      if (due.size === 0 || !this.#userTries.isDue(moment.monotonicMs)) return null;
      this.#userCount = { counted: null };
      const counting = this.#countUsersOf(due, moment, this.#userCount);
      await within(counting, this.#parts.countedWithinMs ?? countedWithinMs);
    }
    const { counted } = this.#userCount;
    if (counted === null) return null;
    this.#userCount = null;
    return counted.length === 0 ? null : counted;
  }

  /** Goes on with the next holder where one cannot be counted now. Never rejects. */
  async #countUsersOf(beginnings: ReadonlySet<string>, moment: RecountMoment, userCount: UserCount): Promise<void> {
    const { database, countEndUsers: begin, budgets, clock } = this.#parts;
    const tells = Map.groupBy(
      [...budgets.endUserScopes].map(({ id, holder }) => ({
        beginning: `${holder}${endUserMark}`,
        tell: budgets.beginCount(id),
      })),
      ({ beginning }) => beginning,
    );
    const done: string[] = [];
    await this.#tryCount(this.#userTries, async () => {
      const failures: unknown[] = [];
      for (const beginning of beginnings) {
        if (this.#stopped.signal.aborted) break;
        try {
          // A holder's windows are those that run when it is counted, which may be long after the turn.
          await countEndUsers(database, () => begin(beginning, clock.nowMs()));
          done.push(beginning);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    });
    this.#recounts.counted(done, moment);
    userCount.counted = done.flatMap((beginning) => (tells.get(beginning) ?? []).map(({ tell }) => tell));
  }

  /** @returns whether it was counted now. */
  async #tryCount(tries: CountTries, count: () => Promise<unknown>): Promise<boolean> {
    const { clock, log } = this.#parts;
    if (!tries.isDue(clock.monotonicMs())) return false;
    try {
      await count();
    } catch (error) {
      if (tries.failed(clock.monotonicMs()))
        log.warn('what budgets have spent cannot be counted now; leases go on, and it is tried again', {
          message: errorMessage(error),
        });
      return false;
    }
    tries.succeeded();
    return true;
  }

  #question(draw: BudgetDraw, wanted: ReadonlyMap<string, bigint>, isLast: boolean): readonly LeaseQuestion[] {
    const { scope, window, grantedNanoUsd, drawnNanoUsd, heldMostNanoUsd } = draw;
    const leased = this.#parts.leasedAs(scope.id);
    if (leased === null) return [];
    const usedNanoUsd = usedOf(draw);
    const wantedNanoUsd = isLast || !scope.hard ? 0n : this.#covering(scope.id, drawnNanoUsd, heldMostNanoUsd);
    const last = this.#answers.get(scope.id);
    const most = last?.fromMs === window.fromMs ? leastOf(wantedNanoUsd, last.shareNanoUsd) : wantedNanoUsd;
    const free = grantedNanoUsd - usedNanoUsd;
    const retained = last?.isAwaited === true ? 0n : leastOf(free, most);
    return [
      {
        organisation: leased.organisation,
        scope: scope.id,
        fromMs: window.fromMs,
        untilMs: window.untilMs,
        spentFromMs: draw.spentFromMs,
        countedAs: countedAsOf(scope),
        isNamedByRecords: leased.isNamedByRecords,
        capNanoUsd: scope.capNanoUsd,
        hard: scope.hard,
        usedNanoUsd,
        retainedNanoUsd: retained > 0n ? retained : 0n,
        wantedNanoUsd,
        askedNanoUsd: wanted.get(scope.id) ?? 0n,
      },
    ];
  }

  #covering(id: string, drawn: bigint, heldMost: bigint): bigint {
    const monotonicMs = this.#parts.clock.monotonicMs();
    const use = this.#uses.get(id) ?? new RecentUse();
    this.#uses.set(id, use);
    use.add(drawn, heldMost, monotonicMs);
    return use.covering(monotonicMs);
  }

  /** @param held what this replica held when it asked, by budget. */
  #take(
    answers: readonly LeaseAnswer[],
    questions: readonly LeaseQuestion[],
    held: ReadonlyMap<string, bigint>,
    untilMonotonicMs: number,
  ): void {
    const { budgets, metrics } = this.#parts;
    const asked = new Map(questions.map((question) => [question.scope, question]));
    const rooms = new Map<string, Room>();
    const last = new Map<string, LastAnswer>();
    let granted = 0n;
    let free = 0n;
    for (const answer of answers) {
      const { scope, fromMs, grantedNanoUsd, spentNanoUsd, othersNanoUsd, shareNanoUsd, isAwaited, isCounted } = answer;
      const question = asked.get(scope);
      if (question === undefined || !isCounted) continue;
      budgets.learn(scope, fromMs, { spentNanoUsd, othersNanoUsd });
      if (!question.hard) continue;
      budgets.allow(scope, fromMs, { grantedNanoUsd, untilMonotonicMs });
      const unused = question.capNanoUsd - spentNanoUsd - question.usedNanoUsd;
      const room: Room = {
        free: grantedNanoUsd - question.usedNanoUsd,
        left: unused - othersNanoUsd,
        unspent: unused + (held.get(scope) ?? 0n),
      };
      rooms.set(scope, room);
      granted += grantedNanoUsd;
      free += room.free;
      if (grantedNanoUsd === 0n) this.#uses.delete(scope);
      else last.set(scope, { fromMs, shareNanoUsd, isAwaited });
    }
    this.#answers = last;
    for (const id of this.#uses.keys()) if (!asked.has(id)) this.#uses.delete(id);
    metrics.gauge('archipel_budget_leases', rooms.size);
    metrics.gauge('archipel_budget_leased_usd', usdOf(granted));
    metrics.gauge('archipel_budget_leased_free_usd', usdOf(free));
    this.#asks.answer(rooms);
  }
}
