import { poolAt, type Contracts } from '../contracts/Contracts.ts';
import { hostOf, hosts, market } from '../market/market.ts';
import { secondsOfMonth } from '../months/loadShape.ts';

/** What was truly spent so far: the simulation writes it, policies that are said to know it read it. */
export class Books {
  readonly contracts: Contracts;
  readonly usdByTarget = new Float64Array(market.length);
  readonly usdByHost = new Float64Array(hosts.length);
  readonly usdByPool: Float64Array;
  /** Usage and the floor's fee as it accrued. Fees of shortfalls are no spend. */
  totalUsd = 0;
  usageUsd = 0;
  /** List value of what the floor took, of the whole month and of this minute. */
  floorUsd = 0;
  floorMinuteUsd = 0;
  #minute = -1;
  #accruedS = 0;

  constructor(contracts: Contracts) {
    this.contracts = contracts;
    this.usdByPool = new Float64Array(contracts.pools.length);
  }

  /** Moves on to a moment: a floor's minute begins empty. */
  openMinute(nowS: number): void {
    const minute = Math.floor(nowS / 60);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.floorMinuteUsd = 0;
  }

  /** How much of a cost at a target its floor takes in this minute, in US dollars. */
  freeUsd(target: number, costUsd: number): number {
    const { floor } = this.contracts;
    return target === floor.target ? Math.min(costUsd, Math.max(0, floor.usdPerMinute - this.floorMinuteUsd)) : 0;
  }

  bookUse(target: number, paidUsd: number, freeUsd: number, nowS: number): void {
    this.floorMinuteUsd += freeUsd;
    this.floorUsd += freeUsd;
    this.usageUsd += paidUsd;
    this.#add(target, paidUsd);
    const pool = poolAt(this.contracts, target, nowS);
    if (pool >= 0) this.usdByPool[pool] = (this.usdByPool[pool] ?? 0) + paidUsd;
  }

  /** Books the floor's fee up to a moment. @returns how much that is. */
  accrueFee(nowS: number): number {
    const { floor } = this.contracts;
    const feeUsd = (floor.feeUsd / secondsOfMonth) * (nowS - this.#accruedS);
    this.#accruedS = nowS;
    this.#add(floor.target, feeUsd);
    return feeUsd;
  }

  /** What missing minima cost at the end. */
  shortfallUsd(): number {
    return this.contracts.pools.reduce(
      (sum, { feeShare, minimumUsd }, index) => sum + feeShare * Math.max(0, minimumUsd - (this.usdByPool[index] ?? 0)),
      0,
    );
  }

  #add(target: number, usd: number): void {
    const host = hostOf[target] ?? 0;
    this.usdByTarget[target] = (this.usdByTarget[target] ?? 0) + usd;
    this.usdByHost[host] = (this.usdByHost[host] ?? 0) + usd;
    this.totalUsd += usd;
  }
}
