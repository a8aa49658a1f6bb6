import type { NanoUsd, Ratio } from '../kernel/index.ts';
import { assert, divideHalfEven, nanoUsd, parseNanoUsd, parseRatio } from '../kernel/index.ts';
import type { FinalRecord } from '../vocabulary/index.ts';
import { calendarWindow, type CalendarWindow, type CalendarWindowName } from './calendarWindow.ts';
import { shareDimensions, type ShareDimension } from './shareDimensions.ts';
import { SpendUnderWay, type ExpectedSpend, type SpendingCall } from './SpendUnderWay.ts';

/** Most names a dimension may have; they come from the configuration, never from callers. */
export const shareNamesMax = 100_000;

/** What of a record counts towards shares. Aggregates of many records have the same form. */
export type ShareRecord = Pick<
  FinalRecord,
  'vendor' | 'hosts' | 'jurisdiction' | 'lab' | 'amountNanoUsd' | 'startedAtMs'
>;

/** Spend of the running window, exact. */
export interface SharesSnapshot {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly totalNanoUsd: NanoUsd;
  readonly spentNanoUsd: Readonly<Record<ShareDimension, ReadonlyMap<string, NanoUsd>>>;
}

/** The same in dollars, as Float64, for comparison with caps only. */
export interface SharesView {
  readonly totalUsd: number;
  readonly forecastUsd: number;
  readonly usdOf: (dimension: ShareDimension, name: string) => number;
}

/** How far declared shares may miss 1 and still be meant to add up to it: thirds written as 0.333. */
const wholeTolerance = 0.005;
/** Digits of a declared share that count. */
const shareDigits = 9;

const usd = (amount: bigint): number => Number(amount) / 1e9;

const emptySpend = (): Record<ShareDimension, Map<string, bigint>> => ({
  vendor: new Map(),
  host: new Map(),
  jurisdiction: new Map(),
  lab: new Map(),
});

/** An amount by declared shares that make up a whole: the parts add up to the amount to the nano-dollar. */
const splitWhole = (amount: NanoUsd, shares: HostShares['shares']): readonly (readonly [string, bigint])[] => {
  const total = shares.reduce((sum, [, { numerator }]) => sum + numerator, 0n);
  let weight = 0n;
  let given = 0n;
  return shares.map(([name, { numerator }]) => {
    weight += numerator;
    const upTo = divideHalfEven(amount * weight, total);
    const part = upTo - given;
    given = upTo;
    return [name, part] as const;
  });
};

interface HostShares {
  readonly shares: readonly (readonly [name: string, share: Ratio])[];
  /** Whether they are meant to add up to 1. */
  readonly isWhole: boolean;
}

const readShares = (hosts: Readonly<Record<string, number>>): HostShares => {
  const shares = Object.entries(hosts).map(([name, share]) => [name, parseRatio(share.toFixed(shareDigits))] as const);
  const sum = Object.values(hosts).reduce((total, share) => total + share, 0);
  return { shares, isWhole: shares.length > 0 && Math.abs(sum - 1) <= wholeTolerance };
};

/** The hosts of a provider are one object for all of its records. */
const kept = new WeakMap<Readonly<Record<string, number>>, HostShares>();

const keptShares = (hosts: Readonly<Record<string, number>>): HostShares => {
  const found = kept.get(hosts);
  if (found !== undefined) return found;
  const shares = readShares(hosts);
  kept.set(hosts, shares);
  return shares;
};

/**
 * What each host has of an amount. Shares that make up a whole split it exactly. Where shares are unknown they stand as 1 and add up to more than a whole:
 * then each host has the most it could have, and a cap holds whatever the truth is.
 */
export const splitByHost = (
  amount: NanoUsd,
  hosts: Readonly<Record<string, number>>,
): readonly (readonly [string, bigint])[] => {
  const { shares, isWhole } = keptShares(hosts);
  if (isWhole) return splitWhole(amount, shares);
  return shares.map(
    ([name, { numerator, denominator }]) => [name, divideHalfEven(amount * numerator, denominator)] as const,
  );
};

/** How much of the running window's spend each vendor, host, jurisdiction and lab has. */
export class Shares {
  #windowName: CalendarWindowName;
  #timeZone: string;
  #window: CalendarWindow | null = null;
  #total = 0n;
  #spend = emptySpend();
  /** Of the calls that began in the window. */
  #underWay = new SpendUnderWay();
  #corrections = 0;

  constructor(counted: { readonly window: CalendarWindowName; readonly timeZone: string }) {
    this.#windowName = counted.window;
    this.#timeZone = counted.timeZone;
  }

  /** How often what was believed was set right: what changed by that was not spent just then. */
  get corrections(): number {
    return this.#corrections;
  }

  /** Takes a new window or zone. @returns whether the count starts at 0 and waits for `load`. */
  configure(counted: { readonly window: CalendarWindowName; readonly timeZone: string }): boolean {
    if (counted.window === this.#windowName && counted.timeZone === this.#timeZone) return false;
    this.#windowName = counted.window;
    this.#timeZone = counted.timeZone;
    this.#window = null;
    return true;
  }

  /** Counts what the ledger already holds. */
  load(records: Iterable<ShareRecord>): void {
    for (const record of records) this.add(record);
  }

  /** Sets right what was believed, by what is known of the same window. A window that is over is passed over. */
  correct(believed: SharesSnapshot, known: SharesSnapshot): void {
    if (this.#set(believed, known)) this.#corrections += 1;
  }

  /** The same where what is known differs by what others have spent: that was spent just then, as far as it matters here. */
  learn(believed: SharesSnapshot, known: SharesSnapshot): void {
    this.#set(believed, known);
  }

  /** Counts a record in the window in which its attempt began; a window that is over no longer changes. */
  add(record: ShareRecord): void {
    const window = this.#current(record.startedAtMs);
    if (record.startedAtMs < window.fromMs) return;
    const amount = parseNanoUsd(record.amountNanoUsd);
    this.#total += amount;
    this.#count('vendor', record.vendor, amount);
    if (record.jurisdiction !== null) this.#count('jurisdiction', record.jurisdiction, amount);
    if (record.lab !== null) this.#count('lab', record.lab, amount);
    for (const [host, part] of splitByHost(amount, record.hosts)) this.#count('host', host, part);
  }

  /** The running window's spend, copied. */
  snapshot(nowMs: number): SharesSnapshot {
    const { fromMs, untilMs } = this.#current(nowMs);
    const copy = (dimension: ShareDimension): ReadonlyMap<string, NanoUsd> =>
      new Map([...this.#spend[dimension]].map(([name, amount]) => [name, nanoUsd(amount)]));
    return {
      fromMs,
      untilMs,
      totalNanoUsd: nanoUsd(this.#total),
      spentNanoUsd: {
        vendor: copy('vendor'),
        host: copy('host'),
        jurisdiction: copy('jurisdiction'),
        lab: copy('lab'),
      },
    };
  }

  /** The running window's spend for one decision; it reads the counts as they are, without a copy. */
  view(nowMs: number, forecastUsd: number): SharesView {
    this.#current(nowMs);
    const spend = this.#spend;
    return {
      totalUsd: usd(this.#total),
      forecastUsd,
      usdOf: (dimension, name) => usd(spend[dimension].get(name) ?? 0n),
    };
  }

  /** A call goes out: until it ends, before its record is counted, those who choose meanwhile see what it is expected to cost (`viewAhead`). */
  begin(call: ExpectedSpend, nowMs: number): SpendingCall {
    this.#current(nowMs);
    return this.#underWay.begin(call);
  }

  /** The same as `view`, with what is under way counted as if it were spent. */
  viewAhead(nowMs: number, forecastUsd: number): SharesView {
    const { totalUsd, usdOf } = this.view(nowMs, forecastUsd);
    const underWay = this.#underWay;
    return {
      totalUsd: totalUsd + underWay.totalUsd,
      forecastUsd,
      usdOf: (dimension, name) => usdOf(dimension, name) + underWay.usdOf(dimension, name),
    };
  }

  /** Share of the spend, 0 to 1, that a name has; 0 while nothing was spent. */
  shareOf(dimension: ShareDimension, name: string, nowMs: number): number {
    this.#current(nowMs);
    return this.#total === 0n ? 0 : usd(this.#spend[dimension].get(name) ?? 0n) / usd(this.#total);
  }

  /** @returns whether both are of the running window. */
  #set(believed: SharesSnapshot, known: SharesSnapshot): boolean {
    const { fromMs } = this.#current(known.fromMs);
    if (fromMs !== known.fromMs || believed.fromMs !== fromMs) return false;
    this.#total += known.totalNanoUsd - believed.totalNanoUsd;
    for (const dimension of shareDimensions) {
      const wrong = believed.spentNanoUsd[dimension];
      const right = known.spentNanoUsd[dimension];
      for (const name of new Set([...wrong.keys(), ...right.keys()])) {
        const by = (right.get(name) ?? 0n) - (wrong.get(name) ?? 0n);
        if (by !== 0n) this.#count(dimension, name, by);
      }
    }
    return true;
  }

  #count(dimension: ShareDimension, name: string, amount: bigint): void {
    const spend = this.#spend[dimension];
    const before = spend.get(name);
    if (before === undefined) assert(spend.size < shareNamesMax, `at most ${shareNamesMax} names of a ${dimension}`);
    spend.set(name, (before ?? 0n) + amount);
  }

  /** A clock that goes back does not reopen a window. */
  #current(nowMs: number): CalendarWindow {
    if (this.#window && nowMs < this.#window.untilMs) return this.#window;
    this.#window = calendarWindow(this.#windowName, nowMs, this.#timeZone);
    this.#total = 0n;
    this.#spend = emptySpend();
    this.#underWay = new SpendUnderWay();
    return this.#window;
  }
}
