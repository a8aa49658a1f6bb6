import { guardForecastShare, type Caps, type Dimension, type SharesView } from '../concentrationGuard.ts';
import { clip } from './clip.ts';
import { partOfLoad, type Forecast } from './Forecast.ts';
import type { PacedNames } from './PacingPlan.ts';
import type { PacingSettings } from './pacingSettings.ts';

/** What is carried over of names under a cap, each "dimension:name". */
export interface CappedNamesState {
  /** Which window the spend is of. */
  readonly windowFromMs: number;
  readonly totalUsd: number;
  readonly seenTotalUsd: number;
  readonly names: Readonly<Record<string, CappedNameState>>;
}

export interface CappedNameState {
  readonly multiplier: number;
  readonly spentUsd: number;
  readonly seenUsd: number;
}

interface CappedName {
  readonly dimension: Dimension;
  readonly name: string;
  readonly cap: number;
}

const keyOf = ({ dimension, name }: CappedName): string => `${dimension}:${name}`;

/** Everything that a target is counted to, with the share of its cost. */
const namesOf = (
  { vendor, hosts, jurisdiction, lab }: PacedNames,
  caps: Caps,
): readonly (readonly [CappedName, share: number])[] => {
  const names: (readonly [CappedName, number])[] = [];
  const put = (dimension: Dimension, name: string | null, share: number): void => {
    const cap = caps[dimension];
    if (cap !== null && name !== null) names.push([{ dimension, name, cap }, share]);
  };
  put('vendor', vendor, 1);
  for (const [host, share] of Object.entries(hosts)) put('host', host, share);
  put('jurisdiction', jurisdiction, 1);
  put('lab', lab, 1);
  return names;
};

/**
 * One multiplier for each name under a cap: what a dollar more that goes there costs the others. It rises while a name has more than its cap's share of
 * what is spent. Every dollar, wherever it goes, also makes room below all caps: that is the credit.
 */
export class CappedNames {
  readonly #settings: PacingSettings;
  readonly #names: readonly CappedName[];
  readonly #multipliers: Float64Array;
  readonly #spentUsd: Float64Array;
  readonly #seenUsd: Float64Array;
  /** Of target t, entries [first[t], first[t + 1]) say which name has which share. */
  readonly #first: Uint32Array;
  readonly #nameAt: Uint32Array;
  readonly #shareAt: Float64Array;
  readonly #windowFromMs: number;
  #totalUsd = 0;
  #seenTotalUsd = 0;

  constructor(targets: readonly PacedNames[], caps: Caps, windowFromMs: number, settings: PacingSettings) {
    this.#settings = settings;
    this.#windowFromMs = windowFromMs;
    const indexOf = new Map<string, number>();
    const names: CappedName[] = [];
    const [nameAt, shareAt]: [number[], number[]] = [[], []];
    const first = [0];
    for (const target of targets) {
      for (const [name, share] of namesOf(target, caps)) {
        const index = indexOf.get(keyOf(name)) ?? names.push(name) - 1;
        indexOf.set(keyOf(name), index);
        nameAt.push(index);
        shareAt.push(share);
      }
      first.push(nameAt.length);
    }
    this.#names = names;
    this.#multipliers = new Float64Array(names.length);
    this.#spentUsd = new Float64Array(names.length);
    this.#seenUsd = new Float64Array(names.length);
    this.#first = Uint32Array.from(first);
    this.#nameAt = Uint32Array.from(nameAt);
    this.#shareAt = Float64Array.from(shareAt);
  }

  /** What a dollar paid to a target costs more, because its names have much already. */
  surcharge(target: number): number {
    let sum = 0;
    for (let at = this.#first[target] ?? 0; at < (this.#first[target + 1] ?? 0); at++)
      sum += (this.#shareAt[at] ?? 0) * (this.#multipliers[this.#nameAt[at] ?? 0] ?? 0);
    return sum;
  }

  /** What a dollar paid to anybody is worth, because all others' shares become smaller. */
  get credit(): number {
    let sum = 0;
    for (const [index, { cap }] of this.#names.entries()) sum += cap * (this.#multipliers[index] ?? 0);
    return sum;
  }

  /** The hard guard, by what is counted here: whether a payment would take a name of a target over its cap, less the margin. */
  isOver(target: number, addedUsd: number, windowUsd: number): boolean {
    const wholeUsd = Math.max(this.#totalUsd + addedUsd, guardForecastShare * windowUsd);
    for (let at = this.#first[target] ?? 0; at < (this.#first[target + 1] ?? 0); at++) {
      const name = this.#nameAt[at] ?? 0;
      const capUsd = ((this.#names[name]?.cap ?? 1) - this.#settings.margin) * wholeUsd;
      if ((this.#spentUsd[name] ?? 0) + addedUsd * (this.#shareAt[at] ?? 0) > capUsd) return true;
    }
    return false;
  }

  spend(target: number, usd: number): void {
    this.#totalUsd += usd;
    for (let at = this.#first[target] ?? 0; at < (this.#first[target + 1] ?? 0); at++) {
      const name = this.#nameAt[at] ?? 0;
      this.#spentUsd[name] = (this.#spentUsd[name] ?? 0) + usd * (this.#shareAt[at] ?? 0);
    }
  }

  /** Takes what is known of the window from elsewhere. What is new counts as spent since the last step. */
  know(shares: SharesView): void {
    this.#totalUsd = shares.totalUsd;
    for (const [index, { dimension, name }] of this.#names.entries())
      this.#spentUsd[index] = shares.usdOf(dimension, name);
  }

  /** From here on only what comes counts as spent since the last step. */
  see(): void {
    this.#seenUsd.set(this.#spentUsd);
    this.#seenTotalUsd = this.#totalUsd;
  }

  tick(lastMs: number, nowMs: number, windowUntilMs: number, forecast: Forecast): void {
    const { capStep, margin, capMultiplierMax } = this.#settings;
    const part = partOfLoad(forecast, lastMs, nowMs, windowUntilMs);
    const spentUsd = this.#totalUsd - this.#seenTotalUsd;
    for (const [index, { cap }] of this.#names.entries()) {
      const share = cap - 2 * margin;
      const seenUsd = this.#seenUsd[index] ?? 0;
      const roomUsd = Math.max(0, share * this.#seenTotalUsd - seenUsd);
      const overUsd = (this.#spentUsd[index] ?? 0) - seenUsd - share * spentUsd - roomUsd * part;
      const moved = (this.#multipliers[index] ?? 0) + (capStep * overUsd) / forecast.usdPerHour;
      this.#multipliers[index] = clip(moved, 0, capMultiplierMax);
    }
    this.see();
  }

  /** By "dimension:name". */
  get multipliers(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#names.map((name, index) => [keyOf(name), this.#multipliers[index] ?? 0]));
  }

  /** Goes on from the multipliers of another replica, of names that it knows. */
  follow(multipliers: Readonly<Record<string, number>>): void {
    for (const [index, name] of this.#names.entries()) {
      const known = multipliers[keyOf(name)];
      if (known !== undefined) this.#multipliers[index] = clip(known, 0, this.#settings.capMultiplierMax);
    }
  }

  state(): CappedNamesState {
    const names: Record<string, CappedNameState> = {};
    for (const [index, name] of this.#names.entries())
      names[keyOf(name)] = {
        multiplier: this.#multipliers[index] ?? 0,
        spentUsd: this.#spentUsd[index] ?? 0,
        seenUsd: this.#seenUsd[index] ?? 0,
      };
    return {
      windowFromMs: this.#windowFromMs,
      totalUsd: this.#totalUsd,
      seenTotalUsd: this.#seenTotalUsd,
      names,
    };
  }

  /** Goes on from what was: multipliers whatever the window, what was spent only of the same. Names that are not known here are passed over. */
  adopt(state: CappedNamesState): void {
    const sameWindow = state.windowFromMs === this.#windowFromMs;
    if (sameWindow) [this.#totalUsd, this.#seenTotalUsd] = [state.totalUsd, state.seenTotalUsd];
    for (const [index, name] of this.#names.entries()) {
      const known = state.names[keyOf(name)];
      if (known === undefined) continue;
      this.#multipliers[index] = clip(known.multiplier, 0, this.#settings.capMultiplierMax);
      if (!sameWindow) continue;
      this.#spentUsd[index] = known.spentUsd;
      this.#seenUsd[index] = known.seenUsd;
    }
  }
}
