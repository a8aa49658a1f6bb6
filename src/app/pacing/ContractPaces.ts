import type { Contract, PoolContract } from '../../contracts/index.ts';
import { fulfilmentWindow, haveInCommon, isInForce } from '../../contracts/index.ts';
import { deploymentsOf, type ExpectedCall, type ExpectedUse, type Paces, type Snapshot } from '../../gateway/index.ts';
import { errorMessage, type Clock, type Log, type NanoUsd } from '../../kernel/index.ts';
import { calendarWindow, type Shares, type SharesView } from '../../ledger/index.ts';
import {
  Pacer,
  type FloorSharing,
  type PacedPool,
  type PacerState,
  type Pacing,
  type PoolState,
  type ToldPace,
} from '../../router/index.ts';
import { targetName, type FinalRecord, type TargetRef } from '../../vocabulary/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import type { PoolSpent } from '../contractHistory.ts';
import { contractsOf } from '../contractsOf.ts';
import { usdOf } from '../usdOf.ts';
import { flatMonth } from './flatMonth.ts';
import type { KnownPool } from './pacedPool.ts';
import { pacingPlanOf, type IndexedPlan } from './pacingPlanOf.ts';

/** How often multipliers take a step. */
const stepMs = 60_000;
/** How often replicas read what all of them have spent. */
const togetherMs = 600_000;
/** How often one alone reads what went beyond floors. */
const aloneMs = 3_600_000;
/** So many times as long as that took the ledger is left alone at least. */
const restTimes = 20;

/** What the ledger said of a pool. */
interface ReadPool extends KnownPool {
  /** How often the ledger had been corrected here when it was asked. */
  readonly corrected: number;
}

/** Asks for one pool after the other: one that cannot be read keeps the others from nothing. @throws what the first of those threw. */
const askEach = async <Pool>(pools: readonly Pool[], ask: (pool: Pool) => Promise<void>): Promise<void> => {
  const answers: Promise<void>[] = [];
  for (const pool of pools) {
    const answer = ask(pool);
    answers.push(answer);
    await Promise.allSettled([answer]);
  }
  await Promise.all(answers);
};

/** The configuration in force, and what was built from it. */
export interface InForce {
  readonly configuration: ArchipelConfiguration;
  readonly snapshot: Snapshot;
}

/** One of several replicas, or one alone: what it counts itself is set right now and then. */
export interface Together {
  /** Whether others spend the same contracts. Alone, pools are asked about that floors stand above: what goes beyond those is only estimated here. */
  readonly isShared: boolean;
  /** What the ledger says that all of them have spent in the interval of a pool that runs. @throws CodedError `database_unavailable` */
  readonly poolDrawn: (contracts: readonly Contract[], pool: PoolContract, nowMs: number) => Promise<NanoUsd>;
  /** What of each floor's intervals is filled here where nobody is heard, 0 to 1. */
  readonly floorPart: () => number;
}

export interface ContractPacesParts {
  readonly shares: Shares;
  /** What the ledger says of a pool at an instant. @throws CodedError `database_unavailable` */
  readonly poolSpent: (contracts: readonly Contract[], pool: PoolContract, nowMs: number) => Promise<PoolSpent>;
  /** Null where the ledger is not asked again. */
  readonly together: Together | null;
  readonly inForce: () => InForce;
  /** What an earlier process had learnt; null where nothing. */
  readonly before: PacerState | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** What of a record is counted. */
export type PacedUse = Pick<
  FinalRecord,
  'contract' | 'startedAtMs' | 'usage' | 'servedTier' | 'amountNanoUsd' | 'provider' | 'targetModel'
>;

/** The tier in which a vendor says that it served beyond what was reserved. */
const spilledTier = 'spillover';

/**
 * Paces the contracts of the configuration in force. What pools have spent is read from the ledger at the start, for what a reload adds and when an interval
 * begins, and counted from there by records; shares under caps are those that budgets go by as well. Until the ledger answers, pools count as drawn evenly.
 */
export class ContractPaces implements Paces {
  readonly #parts: ContractPacesParts;
  /** What the plan was made from; null before the first. */
  #planned: Snapshot | null = null;
  #contracts: readonly Contract[] = [];
  #indexed: IndexedPlan | null = null;
  #pacer: Pacer | null = null;
  #before: PacerState | null;
  /** What the ledger said, by pool. */
  #known: ReadonlyMap<string, ReadPool> = new Map();
  #timer: NodeJS.Timeout | null = null;
  #reading: Promise<void> | null = null;
  /** When what all have spent is read next, on the monotonic clock. */
  #togetherDueMs = -Infinity;
  /** How often the ledger was corrected here. */
  #corrected = 0;
  /** How floors are filled with those that are heard; null where nobody is. */
  #heardSharing: FloorSharing | null = null;
  #floorUsed: () => void = () => {};
  /** How often shares had been set right when the pacer last took them as they were. */
  #corrections = 0;

  constructor(parts: ContractPacesParts) {
    this.#parts = parts;
    this.#before = parts.before;
  }

  get pacing(): Pacing | null {
    return this.#current();
  }

  /** All that was learnt, to go on with after a restart; null where nothing is paced. */
  get state(): PacerState | null {
    return this.#current()?.state() ?? null;
  }

  /** What other replicas are to know; null where nothing is paced. */
  tell(): ToldPace | null {
    return this.#current()?.tell(this.#parts.clock.nowMs()) ?? null;
  }

  /**
   * Takes what other replicas told.
   * @param eldest Whose multipliers are everybody's; null where they are this one's.
   * @param sharing How floors are filled with them.
   */
  hear(told: ReadonlyMap<string, ToldPace>, eldest: ToldPace | null, sharing: FloorSharing): void {
    this.#heardSharing = sharing;
    this.#shareFloors();
    this.#current()?.hear(told, eldest, this.#parts.clock.nowMs());
  }

  /** Tells when something of a floor was used. */
  onFloorUse(listener: () => void): void {
    this.#floorUsed = listener;
  }

  /** Nobody is heard any more: from now on it paces alone, and fills its own part of floors. */
  paceAlone(): void {
    if (this.#heardSharing === null) return;
    this.#heardSharing = null;
    this.#shareFloors();
    this.#current()?.hear(new Map(), null, this.#parts.clock.nowMs());
  }

  indexOf(target: TargetRef): number {
    this.#current();
    return this.#indexed?.indexes.get(targetName(target)) ?? -1;
  }

  /** What a dollar that draws a contract is worth, or counts, now; null where it is not paced. */
  worthOf(contract: string): number | null {
    return this.#current()?.worthOf(contract, this.#parts.clock.nowMs()) ?? null;
  }

  started(
    { target, expectedUsd, inputTokens, cachedTokens, outputTokens }: ExpectedCall,
    atMs: number,
  ): ExpectedUse | null {
    const pacer = this.#current();
    const index = this.indexOf(target);
    if (pacer === null || index < 0) return null;
    const usage = { input: inputTokens - cachedTokens, cacheRead: cachedTokens, output: outputTokens };
    const share = pacer.take(index, expectedUsd, usage, atMs) ?? 0;
    if (share === 0) return null;
    this.#floorUsed();
    return {
      share,
      // Whoever paces by then has taken over what was taken.
      giveBack: () => this.#current()?.giveBack(this.indexOf(target), expectedUsd, usage, share, atMs),
    };
  }

  settled(record: PacedUse, expected: ExpectedUse | null): void {
    expected?.giveBack();
    const { contract, startedAtMs, usage, servedTier } = record;
    const pacer = this.#current();
    if (pacer === null || contract === null) return;
    const usd = usdOf(BigInt(record.amountNanoUsd));
    pacer.draw(contract, usd, startedAtMs);
    const index = this.indexOf({ provider: record.provider, model: record.targetModel });
    if (index < 0) return;
    // Of an interval that is over it is not known any more what fitted: what was expected to is the best estimate.
    const within =
      servedTier === spilledTier ? 0 : (pacer.take(index, usd, usage, startedAtMs) ?? expected?.share ?? 0);
    if (within > 0) this.#floorUsed();
    if (pacer.isFloor(contract)) pacer.drawBeyond(index, usd * (1 - within), startedAtMs);
  }

  /** Steps from now on, and asks the ledger. */
  start(): void {
    this.#timer = setInterval(() => this.tick(), stepMs).unref();
    this.#current();
    void this.#read();
  }

  /** Resolves once nothing is asked any more. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#reading;
  }

  /** The ledger was corrected: what pools have spent is read anew. */
  corrected(): void {
    this.#corrected += 1;
    void this.#read();
  }

  /** A step of all multipliers; at a border of a contract or of the window what is paced is planned anew. */
  tick(): void {
    const nowMs = this.#parts.clock.nowMs();
    // First: what was seen of one window is not compared with what is spent in the next.
    if (this.#isOver(nowMs)) this.#plan();
    const pacer = this.#current();
    const shares = this.#shares(nowMs);
    if (this.#corrections !== this.#parts.shares.corrections) this.#begin(shares);
    pacer?.tick(nowMs, shares);
    this.#shareFloors();
    if (this.#toRead(nowMs).length > 0 || this.#isTogetherDue()) void this.#read();
  }

  /** Whether what is planned is of another time: a border has passed, or the clock was ahead and came back. */
  #isOver(nowMs: number): boolean {
    return this.#indexed !== null && (nowMs >= this.#indexed.untilMs || nowMs < this.#indexed.plan.beginsMs);
  }

  /** From what is spent by now no step follows. */
  #begin(shares: SharesView): void {
    this.#corrections = this.#parts.shares.corrections;
    this.#pacer?.begin(shares);
  }

  /** Pools in force of which the ledger has not said yet what was spent in the interval that runs, or has been corrected since. */
  #toRead(nowMs: number): readonly PoolContract[] {
    return this.#contracts.filter((contract): contract is PoolContract => {
      if (contract.kind !== 'pool' || !isInForce(contract, nowMs)) return false;
      const known = this.#known.get(contract.id);
      return known?.intervalFromMs !== fulfilmentWindow(contract, nowMs).fromMs || known.corrected !== this.#corrected;
    });
  }

  #shares(nowMs: number): SharesView {
    return this.#parts.shares.view(nowMs, this.#parts.inForce().snapshot.forecastUsd);
  }

  /** A new configuration is planned for when it is first asked about: what was learnt is carried over. */
  #current(): Pacer | null {
    if (this.#parts.inForce().snapshot !== this.#planned) this.#plan();
    return this.#pacer;
  }

  #isTogetherDue(): boolean {
    const { together, clock } = this.#parts;
    if (together === null) return false;
    return clock.monotonicMs() >= this.#togetherDueMs && this.#reread(together).length > 0;
  }

  #shareFloors(): void {
    const { together } = this.#parts;
    if (together === null) return;
    this.#pacer?.shareFloors(this.#heardSharing ?? { equalPart: together.floorPart(), silent: null });
  }

  /** One reading after the other. Never rejects: what could not be read is asked for again at the next step. */
  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const { clock, log } = this.#parts;
    const nowMs = clock.nowMs();
    const warn =
      (event: string) =>
      (error: unknown): void =>
        log.warn(event, { message: errorMessage(error) });
    if (this.#isTogetherDue())
      await this.#readTogether(nowMs).catch(
        warn('what all have spent of contracts was not read: they are paced by what is counted here until it is'),
      );
    // What all have spent may take the ledger too long to say: what is not known yet is asked for all the same.
    await this.#readPools(nowMs).catch(
      warn('what contracts have drawn is not known yet: they are paced as if it were drawn evenly'),
    );
  }

  async #readPools(nowMs: number): Promise<void> {
    const { poolSpent } = this.#parts;
    const pools = this.#toRead(nowMs);
    const corrected = this.#corrected;
    const contracts = this.#contracts;
    const read = new Map<string, ReadPool>();
    try {
      await askEach(pools, async (pool) => {
        const { drawnNanoUsd, earlierNanoUsd } = await poolSpent(contracts, pool, nowMs);
        const { fromMs: intervalFromMs } = fulfilmentWindow(pool, nowMs);
        read.set(pool.id, { drawnNanoUsd, earlierNanoUsd, intervalFromMs, corrected });
      });
    } finally {
      if (read.size > 0) {
        this.#known = new Map([...this.#known, ...read]);
        this.#plan(new Set(read.keys()));
      }
    }
  }

  /** Pools in force of which what is counted here is not all that draws them. */
  #reread({ isShared }: Together): readonly PacedPool[] {
    const nowMs = this.#parts.clock.nowMs();
    // Also such as no request goes to: jobs go beyond a floor over a site.
    const floors = this.#contracts.filter((contract) => contract.kind === 'floor' && isInForce(contract, nowMs));
    const byId = new Map(this.#contracts.map((contract) => [contract.id, contract]));
    return (this.#pacer?.plan.pools ?? []).filter(({ contract }) => {
      const pool = byId.get(contract);
      return pool !== undefined && (isShared || floors.some((floor) => haveInCommon(floor, pool)));
    });
  }

  /** What others have spent, and what went beyond floors otherwise than was estimated, counts as spent since the last step, as what is settled here does. */
  async #readTogether(nowMs: number): Promise<void> {
    const { together, clock } = this.#parts;
    if (together === null) return;
    const contracts = this.#contracts;
    const beganMs = clock.monotonicMs();
    let everyMs = 0;
    try {
      // One of which nothing is known yet is read as a whole.
      const pools = this.#reread(together).filter(({ contract }) => this.#known.has(contract));
      await askEach(pools, async ({ contract: id, fromMs }) => {
        const pool = contracts.find((one) => one.id === id);
        if (pool?.kind !== 'pool') return;
        const drawn = await together.poolDrawn(contracts, pool, nowMs);
        this.#pacer?.knowPool(id, fromMs, usdOf(drawn));
      });
      everyMs = together.isShared ? togetherMs : aloneMs;
    } finally {
      const endedMs = clock.monotonicMs();
      this.#togetherDueMs = endedMs + Math.max(everyMs, restTimes * (endedMs - beganMs));
    }
  }

  /** @param read Pools that the ledger has just told of: what was believed to be spent in them does not count. */
  #plan(read: ReadonlySet<string> = new Set()): void {
    const { shares, clock, inForce } = this.#parts;
    const { configuration, snapshot } = inForce();
    if (snapshot !== this.#planned) this.#contracts = contractsOf(configuration);
    this.#planned = snapshot;
    const nowMs = clock.nowMs();
    const window = calendarWindow(configuration.policy.concentration.window, nowMs, configuration.timeZone);
    const { caps, forecastUsd } = snapshot;
    const spent = (atMs: number): SharesView => shares.view(atMs, forecastUsd);
    const before = this.#pacer?.state() ?? this.#before;
    this.#before = before;
    this.#indexed = pacingPlanOf({
      contracts: this.#contracts,
      deployments: deploymentsOf(snapshot),
      caps,
      window,
      forecast: flatMonth(forecastUsd, window, spent, () => clock.nowMs()),
      known: this.#known,
      nowMs,
    });
    this.#pacer = this.#indexed === null ? null : new Pacer(this.#indexed.plan, {}, this.#pacer);
    if (before !== null && this.#indexed !== null)
      this.#pacer?.adopt({
        ...before,
        lastMs: nowMs,
        pools: carriedOver(before.pools, this.#indexed.plan.pools, read),
      });
    this.#begin(spent(nowMs));
    this.#shareFloors();
  }
}

/** What is carried over of pools: a new step begins with what is spent by now. */
const carriedOver = (
  before: PacerState['pools'],
  pools: readonly PacedPool[],
  read: ReadonlySet<string>,
): PacerState['pools'] => {
  const carried: Record<string, PoolState> = {};
  for (const { contract, fromMs, spentUsd: plannedUsd } of pools) {
    const known = before[contract];
    if (known === undefined) continue;
    const spentUsd = known.fromMs === fromMs && !read.has(contract) ? known.spentUsd : plannedUsd;
    carried[contract] = { multiplier: known.multiplier, fromMs, spentUsd, seenUsd: spentUsd };
  }
  return carried;
};
