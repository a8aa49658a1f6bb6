import type { SharesView } from '../concentrationGuard.ts';
import type { Usage } from '../../vocabulary/index.ts';
import { CappedNames } from './CappedNames.ts';
import { FloorBucket, type ToldFloor } from './FloorBucket.ts';
import type { FloorSharing } from './FloorSharing.ts';
import { FloorStack } from './FloorStack.ts';
import type { PacerState } from './PacerState.ts';
import type { ToldPace } from './ToldPace.ts';
import type { Pacing } from './Pacing.ts';
import type { PacedFloor, PacingPlan } from './PacingPlan.ts';
import { factorMin, pacingSettings, type PacingSettings } from './pacingSettings.ts';
import { PoolPace } from './PoolPace.ts';

/**
 * Burns contracts down: one multiplier for each pool that is open and not met, one for each name under a cap, moved each minute; and a bid for each
 * floor. All of it is pure: clock and spend come in. Nothing here is booked, and a wrong figure costs money but never an answer.
 */
export class Pacer implements Pacing {
  readonly plan: PacingPlan;
  readonly margin: number;
  readonly #pools: readonly PoolPace[];
  readonly #floors: readonly FloorBucket[];
  /** The floors, and then stacks of them that some target has. */
  readonly #rooms: (FloorBucket | FloorStack)[];
  /** Where stacks stand there, by the floors that they are of. */
  readonly #stacks = new Map<string, number>();
  readonly #capped: CappedNames;
  readonly #factors: Float64Array;
  /** Of each target, into pools and rooms: what is in force; -1 for none. */
  readonly #poolOf: Int32Array;
  readonly #floorOf: Int32Array;
  #lastMs: number;

  /** @param before Whose floors go on as they are, with what they have seen, where they are the same floors. */
  constructor(plan: PacingPlan, settings: Partial<PacingSettings> = {}, before: Pacer | null = null) {
    const all = { ...pacingSettings, ...settings };
    this.plan = plan;
    this.margin = all.margin;
    this.#pools = plan.pools.map((pool) => new PoolPace(pool, all));
    const again = (floor: PacedFloor): FloorBucket | undefined =>
      before === null ? undefined : before.#floorLike(floor);
    this.#floors = plan.floors.map((floor) => again(floor) ?? new FloorBucket(floor, all, plan.beginsMs));
    this.#rooms = [...this.#floors];
    this.#capped = new CappedNames(plan.targets, plan.caps, plan.windowFromMs, all);
    this.#factors = new Float64Array(plan.targets.length);
    this.#poolOf = new Int32Array(plan.targets.length);
    this.#floorOf = new Int32Array(plan.targets.length);
    this.#lastMs = plan.beginsMs;
    this.#refresh(plan.beginsMs);
  }

  factorOf(target: number): number {
    return this.#factors[target] ?? 1;
  }

  freeUsd(
    target: number,
    costUsd: number,
    inputTokens: number,
    cachedTokens: number,
    outputTokens: number,
    atMs: number,
  ): number {
    const floor = this.#floorAt(target, atMs);
    return floor === undefined ? 0 : floor.freeUsd(costUsd, inputTokens, cachedTokens, outputTokens, atMs);
  }

  bidOf(target: number, atMs: number): number {
    return this.#floorAt(target, atMs)?.bid(atMs) ?? 0;
  }

  hasFloor(target: number): boolean {
    return (this.#floorOf[target] ?? -1) >= 0;
  }

  saw(
    target: number,
    costUsd: number,
    inputTokens: number,
    cachedTokens: number,
    outputTokens: number,
    elsewhereUsd: number,
    atMs: number,
  ): void {
    const payUsd = this.factorOf(target) * costUsd;
    // Whoever has no other choice pays at the floor's own target.
    const withoutUsd = Math.min(elsewhereUsd, payUsd);
    this.#floorAt(target, atMs)?.saw(costUsd, inputTokens, cachedTokens, outputTokens, withoutUsd, payUsd, atMs);
  }

  /** The hard guard by what is counted here, for those who have no shares of their own to look at. */
  isOverCap(target: number, addedUsd: number): boolean {
    return this.#capped.isOver(target, addedUsd, this.plan.forecast.windowUsd);
  }

  /**
   * Fills the floor of a target with a use, expected or real.
   * @returns the share of the use that it takes, 0 to 1; null of an interval that is over.
   */
  take(target: number, usd: number, usage: Usage, atMs: number): number | null {
    const floor = this.#floorAt(target, atMs);
    return floor === undefined ? 0 : floor.take(usd, usage, atMs);
  }

  /** Gives back what `take` said that it took at an instant, as long as that interval runs. */
  giveBack(target: number, usd: number, usage: Usage, share: number, takenAtMs: number): void {
    this.#floorAt(target, takenAtMs)?.giveBack(usd, usage, share, takenAtMs);
  }

  /** Counts what was paid to a target, fees as well, to its pool and to its names under caps. */
  settle(target: number, usd: number, atMs: number): void {
    this.#capped.spend(target, usd);
    this.drawBeyond(target, usd, atMs);
  }

  /** Counts what went beyond the floors of a target, or has none, to its pool. */
  drawBeyond(target: number, usd: number, atMs: number): void {
    const pool = this.#pools[this.#poolOf[target] ?? -1];
    // The interval may have ended since the last step, and the next one has not begun here.
    if (pool?.isOpen(atMs) === true && pool.spend(usd)) this.#refresh(this.#lastMs);
  }

  /** What other replicas are to know: what was used of floors and how many come, and the multipliers. */
  tell(nowMs: number): ToldPace {
    return {
      pools: Object.fromEntries(this.#pools.map((pace) => [pace.pool.contract, pace.multiplier])),
      floors: Object.fromEntries(this.#floors.map((bucket) => [bucket.floor.contract, bucket.tell(nowMs)])),
      capped: this.#capped.multipliers,
    };
  }

  /**
   * Takes what other replicas told.
   * @param told By who they are, all that are heard.
   * @param eldest Whose multipliers are everybody's; null where they are this one's.
   */
  hear(told: ReadonlyMap<string, ToldPace>, eldest: ToldPace | null, nowMs: number): void {
    for (const bucket of this.#floors) {
      const floors = new Map<string, ToldFloor>();
      for (const [replica, { floors: theirs }] of told) {
        const floor = theirs[bucket.floor.contract];
        if (floor !== undefined) floors.set(replica, floor);
      }
      bucket.hear(floors, nowMs);
    }
    if (eldest === null) return;
    for (const pace of this.#pools) pace.follow(eldest.pools[pace.pool.contract]);
    this.#capped.follow(eldest.capped);
    this.#refresh(this.#lastMs);
  }

  /** From now on floors are filled so with others. */
  shareFloors(sharing: FloorSharing): void {
    for (const bucket of this.#floors) bucket.share(sharing);
  }

  /** Takes what was spent in a pool's interval from the ledger, for all who spend: what is new counts as spent since the last step. Passes over another interval than the one that runs here. */
  knowPool(contract: string, fromMs: number, spentUsd: number): void {
    for (const pool of this.#pools)
      if (pool.pool.contract === contract && pool.pool.fromMs === fromMs) pool.know(spentUsd);
    this.#refresh(this.#lastMs);
  }

  /** Counts what was spent under a contract in the interval of a pool that runs; other contracts and intervals are passed over. */
  draw(contract: string, usd: number, atMs: number): void {
    for (const pace of this.#pools)
      if (pace.pool.contract === contract && pace.isOpen(atMs) && pace.spend(usd)) this.#refresh(this.#lastMs);
  }

  /** Whether a contract is a floor that is paced here. */
  isFloor(contract: string): boolean {
    return this.#floors.some(({ floor }) => floor.contract === contract);
  }

  /** What a dollar that draws a contract is worth now, of a pool, or counts, of a floor; null where it is not in force here. */
  worthOf(contract: string, atMs: number): number | null {
    const pool = this.#pools.find((pace) => pace.pool.contract === contract && pace.isOpen(atMs));
    if (pool !== undefined) return pool.worth;
    const floor = this.#floors.find((bucket) => bucket.floor.contract === contract && bucket.isOpen(atMs));
    return floor?.bidAt(atMs) ?? null;
  }

  /** Takes what was spent in the window of the caps before the pacer began: no step follows from it. */
  begin(shares: SharesView): void {
    this.#capped.know(shares);
    this.#capped.see();
  }

  /**
   * A step, each minute: multipliers move towards what is still needed, along the expected load.
   * @param shares What was spent in the window of the caps, where somebody else counts it; else what was settled here counts.
   */
  tick(nowMs: number, shares: SharesView | null = null): void {
    const { forecast, windowUntilMs } = this.plan;
    // A clock that was ahead has come back: steps go on from there.
    if (nowMs < this.#lastMs) this.#lastMs = nowMs;
    if (nowMs === this.#lastMs) return;
    if (shares !== null) this.#capped.know(shares);
    for (const pool of this.#pools) pool.tick(this.#lastMs, nowMs, forecast);
    for (const floor of this.#floors) floor.plan(nowMs);
    this.#capped.tick(this.#lastMs, nowMs, windowUntilMs, forecast);
    this.#lastMs = nowMs;
    this.#refresh(nowMs);
  }

  state(): PacerState {
    return {
      lastMs: this.#lastMs,
      pools: Object.fromEntries(this.#pools.map((pace) => [pace.pool.contract, pace.state()])),
      floors: Object.fromEntries(this.#floors.map((bucket) => [bucket.floor.contract, bucket.state()])),
      capped: this.#capped.state(),
    };
  }

  /** Goes on from what another pacer had learnt, of the same contracts and names or of others. */
  adopt(state: PacerState): void {
    for (const pace of this.#pools) {
      const known = state.pools[pace.pool.contract];
      if (known !== undefined) pace.adopt(known);
    }
    for (const bucket of this.#floors) {
      const known = state.floors[bucket.floor.contract];
      if (known !== undefined) bucket.adopt(known, Math.max(state.lastMs, this.plan.beginsMs));
    }
    this.#capped.adopt(state.capped);
    this.#lastMs = state.lastMs;
    this.#refresh(this.#lastMs);
  }

  #floorLike(floor: PacedFloor): FloorBucket | undefined {
    const terms = JSON.stringify(floor);
    return this.#floors.find((bucket) => JSON.stringify(bucket.floor) === terms);
  }

  #floorAt(target: number, atMs: number): FloorBucket | FloorStack | undefined {
    const floor = this.#rooms[this.#floorOf[target] ?? -1];
    return floor?.isOpen(atMs) === true ? floor : undefined;
  }

  /** Where floors stand among the rooms: one as itself, several as a stack. */
  #roomOf(floors: readonly number[]): number {
    const [first, second] = floors;
    if (first === undefined) return -1;
    if (second === undefined) return first;
    const name = floors.join();
    let room = this.#stacks.get(name);
    if (room === undefined) {
      room = this.#rooms.push(new FloorStack(floors.flatMap((index) => this.#floors[index] ?? []))) - 1;
      this.#stacks.set(name, room);
    }
    return room;
  }

  /** What is in force for each target, and what a dollar counts there: after each step, and whenever a pool is met. */
  #refresh(nowMs: number): void {
    const { credit } = this.#capped;
    for (const [target, { pools, floors }] of this.plan.targets.entries()) {
      const pool = pools.find((index) => this.#pools[index]?.isOpen(nowMs)) ?? -1;
      const worth = this.#pools[pool]?.worth ?? 0;
      this.#poolOf[target] = pool;
      this.#floorOf[target] = this.#roomOf(floors.filter((index) => this.#floors[index]?.isOpen(nowMs)));
      this.#factors[target] = Math.max(factorMin, 1 + this.#capped.surcharge(target) - credit - worth);
    }
  }
}
