import { assert, CodedError, nanoUsd, type Clock } from '../kernel/index.ts';
import {
  balanceWindow,
  Budgets,
  calendarWindow,
  countsAlike,
  endUserMark,
  holderOfEndUser,
  Shares,
  windowAt,
  type BudgetScope,
  type ShareRecord,
  type SharesSnapshot,
} from '../ledger/index.ts';
import {
  attemptTotals,
  readAsOf,
  type CappedWindow,
  type Database,
  type EndUserCount,
  type Queries,
  type ReadPosition,
  type Shipper,
  type Spool,
} from '../store/index.ts';
import type { KeyTable } from '../access/index.ts';
import { balancesFromDisk, keptSnapshot, type BalancesBefore, type KnownBalances } from './balancesFromDisk.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import type { KeptBalances, KeptBudget, KeptLease } from './KeptBalances.ts';
import { budgetSpends } from './budgetSpends.ts';
import { countedAsOf } from './leases/countedAsOf.ts';
import { endUserCharges, type EndUserCharge } from './endUserCharges.ts';
import { LedgerCount, type Counted, type SpentPieces } from './LedgerCount.ts';
import { organisationsNamed, organisationsOf } from './organisationsOf.ts';
import { shareRecordOf } from './shareRecordOf.ts';
import { endUserSources, scopeSources, type EndUserSource, type ScopeSource } from './scopeSources.ts';

const countedOf = ({ policy, timeZone }: ArchipelConfiguration): Counted => ({
  window: policy.concentration.window,
  timeZone,
});

const sameWindow = (one: Counted, other: Counted): boolean =>
  one.window === other.window && one.timeZone === other.timeZone;

/** What a configuration asks of what was spent. */
interface BalancesQuestion {
  readonly configuration: ArchipelConfiguration;
  readonly counted: Counted;
  readonly isRecounted: boolean;
  readonly isFirst: boolean;
  /** Budgets without a balance. */
  readonly fresh: readonly ScopeSource[];
  /** Budgets of end users that are new, or count otherwise than before. */
  readonly freshEndUsers: readonly EndUserSource[];
  readonly nowMs: number;
}

const none = (): readonly KeptLease[] => [];

/** A budget that several replicas spend. */
export interface LeasedBudget {
  readonly organisation: string;
  readonly hard: boolean;
  /** Whether what counts for it is what records name it for, and nothing of before: then there is nothing to count from the ledger. */
  readonly isNamedByRecords: boolean;
}

/** The spool as balances are counted against it. */
type CountedSpool = Pick<Spool, 'instance' | 'appendedSequence' | 'flush' | 'finalsBetween'>;

/** Where balances are read as of one moment while records go on being shipped. */
export interface SharedLedger {
  readonly database: Pick<Database, 'exclusive'>;
  readonly shipper: Pick<Shipper, 'between'>;
  readonly spool: CountedSpool;
}

/** Shares at a moment between two shipments. */
interface SharesMoment {
  readonly believed: SharesSnapshot;
  /** Has what is in the spool then and not in the database. */
  readonly truth: LedgerCount;
  readonly nowMs: number;
}

/** How long a reading waits for a moment between two shipments. */
const momentMs = 2_000;
/** Most records on their way that are read back while shipping waits: where there are more, they are shipped first. */
const onTheirWayMax = 20_000;

/** Lets everything happen that follows from what was appended before: what is in the spool then is in the balances, and nothing else is. */
const untilBooked = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Balances of budgets and shares: in memory while requests run, read from the ledger at the start and for what a reload adds. At a start without the database
 * they are what was kept on disk and what the spool has behind it, until the database says what is so.
 */
export class Balances {
  readonly budgets: Budgets;
  readonly shares: Shares;
  readonly #database: Queries;
  readonly #isShared: boolean;
  #sources: readonly ScopeSource[] = [];
  #endUsers: readonly EndUserSource[] = [];
  #sourceById: ReadonlyMap<string, ScopeSource> = new Map();
  #scopes: ReadonlyMap<string, BudgetScope> = new Map();
  #keptLeases: readonly KeptLease[] = [];
  /** Budgets that are new here since that was last asked. */
  #new: readonly string[] = [];
  #configuration: ArchipelConfiguration;
  #counted: Counted;
  /** Organisations whose part of the shares has been read. */
  #organisations: ReadonlySet<string> = new Set();
  #before: BalancesBefore | null = null;
  #isLedgerWhole = true;
  #isConfirmed = true;
  #isExact = true;
  /** How often the ledger was corrected. */
  #corrections = 0;
  #areSharesKnown = true;
  /** How often shares were set right: what was read before that is not put in their place. */
  #sharesSet = 0;

  /** @param isShared whether other replicas spend the same budgets. */
  constructor(database: Queries, configuration: ArchipelConfiguration, isShared = false) {
    this.budgets = new Budgets({ isShared });
    this.#database = database;
    this.#isShared = isShared;
    this.#configuration = configuration;
    this.#counted = countedOf(configuration);
    this.shares = new Shares(this.#counted);
  }

  /** Whether the database has said what these balances are; false after a start without it. */
  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  /** Whether there is nothing that `confirm` would set right: a budget that a reload brought was read while records were on their way, or the ledger was corrected. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** Leases that an earlier process had in hand when it ended without the database, and this one began without it. */
  get keptLeases(): readonly KeptLease[] {
    return this.#keptLeases;
  }

  /** Where a budget is leased; null where there is none of this id. */
  leasedAs(id: string): LeasedBudget | null {
    const source = this.#sourceById.get(id);
    if (source !== undefined)
      return { organisation: source.organisation, hard: source.scope.hard, isNamedByRecords: false };
    const holder = holderOfEndUser(id);
    const ofUsers = holder === null ? undefined : this.#endUsers.find(({ budget }) => budget.holder === holder);
    if (ofUsers === undefined) return null;
    return { organisation: ofUsers.organisation, hard: ofUsers.budget.hard, isNamedByRecords: true };
  }

  /**
   * Ids of the budgets that came since this was last asked, or that the process before had not: what was spent before does not name them. Of those of all end
   * users of somebody, what they begin with.
   */
  takeNew(): readonly string[] {
    const ids = this.#new;
    this.#new = [];
    return ids;
  }

  /**
   * Says that what the ledger has was changed by corrections: what was believed is set right by it, and what replicas have spent of the budgets that they share is
   * counted again.
   */
  corrected(): void {
    this.#corrections += 1;
    this.#isExact = false;
    if (this.#isShared)
      this.#new = [...new Set([...this.#new, ...this.#sourceById.keys(), ...this.#endUsers.map(beginningOf)])];
  }

  /** The running windows of hard budgets that are leased. */
  cappedWindows(nowMs: number): readonly CappedWindow[] {
    if (!this.#isShared) return [];
    return [
      ...this.#sources
        .filter(({ scope }) => scope.hard)
        .map(({ organisation, scope }) => ({
          organisation,
          scope: scope.id,
          isBeginning: false,
          capNanoUsd: scope.capNanoUsd,
          ...runningOf(scope, nowMs),
        })),
      ...this.#endUsers
        .filter(({ budget }) => budget.hard)
        .map((source) => ({
          organisation: source.organisation,
          scope: beginningOf(source),
          isBeginning: true,
          capNanoUsd: source.budget.capNanoUsd,
          ...runningOf(source.budget, nowMs),
        })),
    ];
  }

  /** What the ids of the budgets of end users begin with, one for all of a holder. */
  endUserBeginnings(): readonly string[] {
    return this.#endUsers.map(beginningOf);
  }

  /** The running windows of the budgets that begin so, and how these are counted by the attempts of the ledger; null where there are none any more. */
  endUserCount(beginning: string, nowMs: number): EndUserCount | null {
    const source = this.#endUsers.find((one) => beginningOf(one) === beginning);
    if (source === undefined) return null;
    return {
      windows: {
        organisation: source.organisation,
        beginning,
        countedAs: countedAsOf(source.budget),
        ...runningOf(source.budget, nowMs),
        untilMs: balanceWindow(source.budget.window, nowMs, source.budget.timeZone).untilMs,
      },
      count: async (queries) => {
        const spends = new Map<string, Map<number, bigint>>();
        for (const { id, atMs, spent } of await endUserCharges(queries, [source], nowMs))
          spends.set(id, (spends.get(id) ?? new Map<number, bigint>()).set(atMs, spent));
        return spends;
      },
    };
  }

  /** What the running windows of these budgets have spent by the attempts of the ledger, by piece. @throws CodedError `database_unavailable` */
  countIn(queries: Queries, ids: readonly string[], nowMs: number): Promise<ReadonlyMap<string, SpentPieces>> {
    const sources = ids.flatMap((id) => this.#sourceById.get(id) ?? []);
    return budgetSpends(queries, sources, nowMs);
  }

  /** Hard budgets that refuse because nobody knows what they have spent. */
  unknownBudgets(nowMs: number): readonly string[] {
    return [...this.#scopes.keys()].filter((id) => this.budgets.standing(id, nowMs)?.isKnown === false);
  }

  /**
   * Says what the first `configure` may go by.
   * @param isLedgerWhole whether the database has all that was ever recorded; where not, or where it does not answer, what is on disk counts.
   */
  begin(isLedgerWhole: boolean, before: BalancesBefore): void {
    assert(this.#sources.length === 0, 'balances begin once');
    this.#before = before;
    this.#isLedgerWhole = isLedgerWhole;
  }

  /**
   * Takes the budgets of a configuration and of all keys, and the window of its caps; what is new begins with what the ledger has of its window.
   * All is read before anything is changed: where the ledger does not answer, everything stays as it was.
   * @throws CodedError `database_unavailable`
   */
  async configure(configuration: ArchipelConfiguration, keys: KeyTable, nowMs: number): Promise<void> {
    const sources = scopeSources(configuration, keys);
    const counted = countedOf(configuration);
    const isRecounted = !sameWindow(counted, this.#counted);
    const isFirst = this.#organisations.size === 0;
    const fresh = sources.filter(({ scope }) => this.#isFresh(scope));
    const endUsers = endUserSources(configuration, keys);
    const freshEndUsers = endUsers.filter((source) => this.#isFreshEndUser(source));
    const known = await this.#known({ configuration, counted, isRecounted, isFirst, fresh, freshEndUsers, nowMs });
    // No request runs between here and the end: there is nothing to wait for.
    const isKept = isFirst ? keptBefore(this.#before) : () => false;
    if (this.#isShared)
      this.#new = [
        ...this.#new,
        ...fresh.flatMap(({ scope }) => (isKept(scope) ? [] : [scope.id])),
        ...freshEndUsers.map(beginningOf),
      ];
    this.#before = null;
    this.#configuration = configuration;
    this.#sources = sources;
    this.#endUsers = endUsers;
    this.#sourceById = new Map(sources.map((source) => [source.scope.id, source]));
    this.#keptLeases = known.leases;
    this.#scopes = new Map(sources.map(({ scope }) => [scope.id, scope]));
    const unread = this.budgets.configure(
      this.#scopes.values(),
      endUsers.map(({ budget }) => budget),
    );
    assert(
      unread.length === known.spends.size && unread.every((id) => known.spends.has(id)),
      'exactly the budgets without a balance were read',
    );
    if (!isFirst && (unread.length > 0 || isRecounted || freshEndUsers.length > 0)) this.#isExact = false;
    for (const [id, pieces] of known.spends) {
      if (pieces === null) this.budgets.forget(id, nowMs);
      else for (const [fromMs, amount] of pieces) this.budgets.load(id, fromMs, nanoUsd(amount), nowMs);
    }
    this.#beginEndUsers(freshEndUsers, known.endUsers, nowMs);
    this.shares.configure(counted);
    if (known.shares === null) this.#areSharesKnown = false;
    else this.shares.correct(new Shares(counted).snapshot(nowMs), known.shares);
    this.#sharesSet += 1;
    this.#counted = counted;
    this.#organisations = new Set(isRecounted ? known.organisations : [...this.#organisations, ...known.organisations]);
  }

  /**
   * Balances as they stand at this moment, and the record of the spool behind which they do. What was settled without a record is left out: the next start
   * settles it.
   * @param leases in hand at that moment.
   * Resolves once that record is on disk. @throws CodedError `ledger_unavailable`
   */
  async keep(
    spool: CountedSpool,
    clock: Clock,
    leases: (nowMs: number) => readonly KeptLease[] = none,
  ): Promise<KeptBalances> {
    await untilBooked();
    const nowMs = clock.nowMs();
    const kept: KeptBalances = {
      spool: spool.instance,
      sequence: spool.appendedSequence,
      budgets: [...this.#scopes.values()].flatMap((scope) => this.#keptBudget(scope, nowMs)),
      shares: this.#areSharesKnown ? keptSnapshot(this.shares.snapshot(nowMs), this.#counted) : null,
      organisations: [...this.#organisations],
      leases: [...leases(nowMs)],
    };
    await spool.flush();
    return kept;
  }

  /**
   * Puts what the database says in the place of what was believed; what was spent meanwhile stays counted. Called between two shipments, when the database
   * has everything up to a position and nothing of this spool behind it. Changes nothing where it fails.
   * @throws CodedError `database_unavailable`, `ledger_unavailable`
   */
  async confirm(shipped: ReadPosition, spool: CountedSpool, clock: Clock): Promise<void> {
    const atMs = clock.nowMs();
    const [configuration, counted, sources] = [this.#configuration, this.#counted, this.#sources];
    const [endUsers, corrections] = [this.#endUsers, this.#corrections];
    const truth = new LedgerCount(sources, counted, atMs, endUsers);
    const organisations = await organisationsOf(this.#database, configuration);
    for (const [id, spent] of await budgetSpends(this.#database, sources, atMs)) truth.begin(id, spent);
    for (const { id, atMs: lastMs, spent } of await endUserCharges(this.#database, endUsers, atMs))
      truth.addEndUser(id, lastMs, spent);
    truth.beginShares(await this.#sharesIn(this.#database, counted, organisations, atMs));
    await untilBooked();
    const untilSequence = spool.appendedSequence;
    const nowMs = clock.nowMs();
    const scopes = [...sources.map(({ scope }) => scope), ...this.budgets.endUserScopes];
    const believed = new Map(scopes.map(({ id }) => [id, this.budgets.recorded(id, nowMs)]));
    const [believedShares, sharesSet] = [this.shares.snapshot(nowMs), this.#sharesSet];
    await spool.flush();
    await spool.finalsBetween(shipped, untilSequence, (final) => truth.add(final));
    // Both are of the same moment; what has been counted since is counted on either side.
    for (const [id, { pieces }] of truth.budgets) {
      const recorded = believed.get(id) ?? new Map<number, bigint>();
      for (const [fromMs, by] of differenceOf(pieces, recorded)) this.budgets.correct(id, fromMs, by, nowMs);
    }
    if (endUsers === this.#endUsers) this.budgets.knowEndUsers();
    if (counted === this.#counted) {
      if (sharesSet === this.#sharesSet) this.shares.correct(believedShares, truth.shares.snapshot(nowMs));
      this.#sharesSet += 1;
      this.#organisations = new Set([...this.#organisations, ...organisations]);
      this.#areSharesKnown = true;
    }
    this.#isConfirmed = true;
    if (sources === this.#sources && corrections === this.#corrections) this.#isExact = true;
  }

  /**
   * Puts what all replicas have spent in the place of what was believed of shares: what others have spent counts as spent now. What the database has is read as of
   * a moment between two shipments, and shipping goes on meanwhile. Changes nothing where it fails, where balances are not confirmed yet, or where shares were set
   * right while it was read.
   * @throws CodedError `database_unavailable`, `ledger_unavailable`; a timeout where no moment comes within two seconds
   * @param signal ends the reading when it aborts.
   * @returns whether anything was learnt.
   */
  async learnShares({ database, shipper, spool }: SharedLedger, clock: Clock, signal: AbortSignal): Promise<boolean> {
    if (!this.#isConfirmed) return false;
    const [configuration, counted] = [this.#configuration, this.#counted];
    const sharesSet = this.#sharesSet;
    return readAsOf(
      database,
      (see) =>
        shipper.between(
          async (shipped) => {
            await see();
            return this.#sharesAt(counted, shipped, spool, clock);
          },
          AbortSignal.any([signal, AbortSignal.timeout(momentMs)]),
        ),
      async (queries, moment) => {
        if (moment === null) return false;
        const { believed, truth, nowMs } = moment;
        const organisations = await organisationsOf(queries, configuration);
        truth.beginShares(await this.#sharesIn(queries, counted, organisations, nowMs));
        if (sharesSet !== this.#sharesSet) return false;
        this.shares.learn(believed, truth.shares.snapshot(nowMs));
        this.#sharesSet += 1;
        this.#organisations = new Set([...this.#organisations, ...organisations]);
        return true;
      },
      { signal },
    );
  }

  /** Null where too much is on its way. */
  async #sharesAt(
    counted: Counted,
    shipped: ReadPosition,
    spool: CountedSpool,
    clock: Clock,
  ): Promise<SharesMoment | null> {
    await untilBooked();
    const untilSequence = spool.appendedSequence;
    if (untilSequence - shipped.sequence > onTheirWayMax) return null;
    const nowMs = clock.nowMs();
    const believed = this.shares.snapshot(nowMs);
    const truth = new LedgerCount([], counted, nowMs);
    await spool.flush();
    await spool.finalsBetween(shipped, untilSequence, (final) => truth.add(final));
    return { believed, truth, nowMs };
  }

  #isFreshEndUser({ budget }: EndUserSource): boolean {
    const known = this.#endUsers.find((source) => source.budget.holder === budget.holder)?.budget;
    return known === undefined || !countsAlike({ ...known, id: known.holder }, { ...budget, id: budget.holder });
  }

  /** @param charges null where nobody knows: then hard budgets of end users refuse until the database says. */
  #beginEndUsers(sources: readonly EndUserSource[], charges: readonly EndUserCharge[] | null, nowMs: number): void {
    const holders = new Set(sources.map(({ budget }) => budget.holder));
    if (charges === null) for (const holder of holders) this.budgets.forgetEndUsers(holder, nowMs);
    for (const { id, atMs, spent } of charges ?? [])
      if (holders.has(holderOfEndUser(id) ?? '')) this.budgets.load(id, atMs, nanoUsd(spent), nowMs);
  }

  #keptBudget({ id, window, timeZone, models = null }: BudgetScope, nowMs: number): readonly KeptBudget[] {
    if (this.budgets.standing(id, nowMs)?.isKnown !== true) return [];
    const pieces = [...this.budgets.recorded(id, nowMs)].map(([fromMs, amount]) => [fromMs, `${amount}`] as const);
    const [running] = pieces.splice(-1);
    if (running === undefined) return [];
    const [fromMs, spentNanoUsd] = running;
    const before =
      pieces.length === 0 ? {} : { before: pieces.map(([from, amount]): [number, string] => [from, amount]) };
    return [
      { id, window, timeZone, fromMs, spentNanoUsd, ...before, ...(models === null ? {} : { models: [...models] }) },
    ];
  }

  async #known(question: BalancesQuestion): Promise<KnownBalances> {
    const before = question.isFirst ? this.#before : null;
    if (before === null || this.#isLedgerWhole) {
      try {
        return await this.#fromLedger(question);
      } catch (error) {
        if (before === null || !(error instanceof CodedError)) throw error;
      }
    }
    this.#isConfirmed = false;
    this.#isExact = false;
    return balancesFromDisk(before, question);
  }

  async #fromLedger(question: BalancesQuestion): Promise<KnownBalances> {
    const { configuration, counted, isRecounted, isFirst, fresh, freshEndUsers, nowMs } = question;
    const wanted =
      isFirst || isRecounted ? await organisationsOf(this.#database, configuration) : organisationsNamed(configuration);
    const spends = await budgetSpends(this.#database, fresh, nowMs);
    const endUsers = await endUserCharges(this.#database, freshEndUsers, nowMs);
    const unread = wanted.filter((organisation) => isRecounted || !this.#organisations.has(organisation));
    const shares = new Shares(counted);
    shares.load(await this.#sharesIn(this.#database, counted, unread, nowMs));
    return { spends, endUsers, shares: shares.snapshot(nowMs), organisations: wanted, leases: [] };
  }

  #isFresh(scope: BudgetScope): boolean {
    const known = this.#scopes.get(scope.id);
    return known === undefined || !countsAlike(known, scope);
  }

  /** The running window's spend of these organisations, as shares count it. */
  async #sharesIn(
    database: Queries,
    counted: Counted,
    organisations: readonly string[],
    nowMs: number,
  ): Promise<readonly ShareRecord[]> {
    const { fromMs } = calendarWindow(counted.window, nowMs, counted.timeZone);
    const keys = ['vendor', 'hosts', 'jurisdiction', 'lab'] as const;
    const records: ShareRecord[] = [];
    for (const organisation of organisations) {
      const totals = await attemptTotals(database, { organisation, fromMs, keys });
      records.push(...totals.map((total) => shareRecordOf(total, nowMs)));
    }
    return records;
  }
}

/** What the ids of the budgets of all end users of a holder begin with. */
const beginningOf = ({ budget }: EndUserSource): string => `${budget.holder}${endUserMark}`;

/** Where a budget's leases are of, and what counts in them begins. Unix milliseconds. */
const runningOf = (
  { window, timeZone }: Pick<BudgetScope, 'window' | 'timeZone'>,
  nowMs: number,
): { readonly fromMs: number; readonly spentFromMs: number } => ({
  fromMs: balanceWindow(window, nowMs, timeZone).fromMs,
  spentFromMs: windowAt(window, nowMs, timeZone).fromMs,
});

/** Tells which budgets an earlier process had on this spool; where there was none, nothing was spent beside them. */
const keptBefore = (before: BalancesBefore | null): ((scope: BudgetScope) => boolean) => {
  const kept = before?.kept ?? null;
  if (kept === null || kept.spool !== before?.spool) return () => true;
  const budgets = new Map(kept.budgets.map((budget) => [budget.id, budget]));
  return (scope) => {
    const old = budgets.get(scope.id);
    if (old === undefined) return false;
    const { window, timeZone, models = null } = old;
    return countsAlike({ ...scope, window, timeZone, models }, scope);
  };
};

/** What the ledger has beyond what was believed, by piece; of pieces that began after it was asked it has said nothing. */
const differenceOf = (truth: SpentPieces, believed: SpentPieces): SpentPieces => {
  const lastFromMs = Math.max(...truth.keys());
  const difference = new Map(truth);
  for (const [fromMs, amount] of believed)
    if (fromMs <= lastFromMs) difference.set(fromMs, (difference.get(fromMs) ?? 0n) - amount);
  return difference;
};
