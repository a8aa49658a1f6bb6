import { divideHalfEven } from '../../kernel/index.ts';
import type { Ratio } from '../../kernel/index.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { waysOf, type Way } from '../portfolio/waysOf.ts';
import { modelClass } from '../usage/meterClass.ts';
import { picoPerOne, type Pico } from '../usage/readDecimal.ts';
import { nextDay } from '../usage/calendarDay.ts';
import { spanOf } from '../usage/gatherUsage.ts';
import type { UsageLine } from '../usage/UsageLine.ts';
import type { Commitment } from './commitmentsOf.ts';
import { daysIn, monthsLong, monthsTouched, overlapOf, type DaySpan } from './daySpan.ts';

/** Days at the beginning or the end of a month in which a vendor that is told of may just not have been used. */
const quietDaysMax = 7;

/** A line of usage in the plan's words. */
interface ActualLine {
  readonly vendor: string;
  /** Class of the plan; null where it is none. */
  readonly class: string | null;
  /** As the ledger or the export calls it. */
  readonly told: string;
  readonly day: string;
  readonly month: string;
  /** Units of the class, or of the export where it is none. */
  readonly units: Pico;
  readonly unit: 'MTok' | 'gpuHour';
  /** In the plan's currency; null where it is not told, or not in that currency. */
  readonly cost: Pico | null;
  readonly booked: UsageLine['booked'];
  /** Indices of the sources that may have served it. */
  readonly sources: readonly number[];
}

/** Usage that no source of the plan is for. */
export interface UnplannedUnits {
  readonly vendor: string;
  /** As the ledger or the export calls it. */
  readonly class: string;
  readonly isClassPlanned: boolean;
  readonly units: Pico;
  /** In the plan's currency; null where it is not told. */
  readonly cost: Pico | null;
}

export interface ActualUsageInput {
  readonly portfolio: Portfolio;
  readonly lines: readonly UsageLine[];
  /** Classes of the plan by what usage calls them. */
  readonly classOf: ReadonlyMap<string, string>;
  /** One unit of the usage's currency in the plan's; null where nobody says so. */
  readonly rate: Ratio | null;
  readonly asOf: string;
  readonly commitments: readonly Commitment[];
}

const timesRatio = (pico: Pico, { numerator, denominator }: Ratio): Pico =>
  divideHalfEven(pico * numerator, denominator);

/** What comes of terms and not of books, as exact as a Float64 tells it: six decimals. */
export const picoOf = (value: number): Pico => BigInt(Math.round(value * 1e6)) * (picoPerOne / 1_000_000n);

const sum = (values: Iterable<Pico>): Pico => {
  let total = 0n;
  for (const value of values) total += value;
  return total;
};

/** Lines of one day, vendor, model and contract as one: exports by the hour have many. */
const joined = (lines: readonly UsageLine[]): readonly UsageLine[] => {
  const days = new Map<string, UsageLine>();
  for (const line of lines) {
    const { vendor, class: name, day, measure, currency, booked } = line;
    const unit = measure === 'gpuHour';
    const key = JSON.stringify([vendor, name, day, unit, currency, booked ?? 0]);
    const known = days.get(key);
    const quantity = (known?.quantity ?? 0n) + (line.quantity ?? 0n);
    const cost = line.cost === null ? (known?.cost ?? null) : (known?.cost ?? 0n) + line.cost;
    const lastDay = known !== undefined && known.lastDay > line.lastDay ? known.lastDay : line.lastDay;
    days.set(key, { ...line, lastDay, quantity, cost });
  }
  return [...days.values()];
};

/** Fees are booked by the contract: a cost that has a share of them spread over it would count them twice. */
const asBilled = (line: UsageLine): UsageLine => (line.billed === undefined ? line : { ...line, cost: line.billed });

/** A day, or the beginning of its month where only few days lie between. */
const begunOn = (day: string): string => {
  const first = `${day.slice(0, 7)}-01`;
  return daysIn({ from: first, until: day }) <= quietDaysMax ? first : day;
};

/** First day that is not told, or that of the month after where only few days lie between. */
const endedOn = (day: string): string => {
  const [month] = monthsTouched({ from: day, until: nextDay(day) });
  return month !== undefined && day !== month.from && daysIn({ from: day, until: month.until }) <= quietDaysMax
    ? month.until
    : day;
};

/** The time that lines tell of. */
const toldBy = (lines: readonly UsageLine[]): DaySpan | null => {
  if (lines.length === 0) return null;
  const { firstDay, lastDay } = spanOf(lines);
  return { from: begunOn(firstDay), until: endedOn(nextDay(lastDay)) };
};

/** What was used, told in the classes of a plan, and what of it is paid for by fees. */
export class ActualUsage {
  readonly #input: ActualUsageInput;
  readonly #ways: readonly Way[];
  readonly #lines: readonly ActualLine[];
  /** Share of what a vendor served of a class in a month that signed capacity served, where a ledger tells of it. */
  readonly #paidByFees = new Map<string, Ratio>();
  readonly isLedger: boolean;
  /** Since when a ledger tells of all vendors; null where there is none. */
  readonly #ledgerTold: DaySpan | null;
  /** What exports tell of, by vendor. */
  readonly #exportsTold: ReadonlyMap<string, DaySpan>;

  constructor(input: ActualUsageInput) {
    this.#input = input;
    this.#ways = waysOf(input.portfolio);
    const told = joined(input.lines.filter(({ day }) => day < input.asOf).map(asBilled));
    this.isLedger = told.some(({ booked }) => booked !== undefined);
    const ledger = toldBy(told.filter(({ booked }) => booked !== undefined));
    this.#ledgerTold = ledger === null ? null : { from: ledger.from, until: input.asOf };
    const exported = Map.groupBy(
      told.filter(({ booked }) => booked === undefined),
      ({ vendor }) => vendor,
    );
    this.#exportsTold = new Map(
      [...exported].flatMap(([vendor, lines]) => {
        const span = toldBy(lines);
        return span === null ? [] : [[vendor, overlapOf(span, { from: span.from, until: input.asOf })] as const];
      }),
    );
    const classes = this.#classes();
    this.#lines = told.map((line) => this.#lineOf(line, classes));
    this.#findPaidByFees();
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Whether anybody told of a class: a ledger tells of all tokens, exports of those whom they are of. */
  isClassTold(name: string): boolean {
    if (this.#lines.some((line) => line.class === name)) return true;
    const unit = this.#input.portfolio.classes.get(name)?.unit;
    if (this.isEmpty || this.#lines.some((line) => line.class === null && line.unit === unit)) return false;
    return this.isLedger ? unit === 'MTok' : this.vendorsOf(name).every((vendor) => this.isVendorTold(vendor));
  }

  /** Whether anybody told of a vendor: a ledger tells of all, exports of those whom they are of. */
  isVendorTold(vendor: string): boolean {
    return this.toldOf(vendor) !== null;
  }

  /** The time that a vendor is told of: by its exports from the first to the last, else by the ledger since that began; null where it is not. */
  toldOf(vendor: string): DaySpan | null {
    return this.#exportsTold.get(vendor) ?? this.#ledgerTold;
  }

  /** Whether a vendor is told of in all of a span. */
  isVendorToldIn(vendor: string, { from, until }: DaySpan): boolean {
    const told = this.toldOf(vendor);
    return told !== null && told.from <= from && told.until >= until;
  }

  /** Whether anybody who serves a class, or has served it, is told of in all of a span. */
  isClassToldIn(name: string, span: DaySpan): boolean {
    const served = this.#lines.flatMap((line) => (line.class === name ? line.vendor : []));
    return [...this.vendorsOf(name), ...new Set(served)].some((vendor) => this.isVendorToldIn(vendor, span));
  }

  /** Whether all who serve a class are told of in all of a span. */
  isClassCompleteIn(name: string, span: DaySpan): boolean {
    return this.isClassTold(name) && this.vendorsOf(name).every((vendor) => this.isVendorToldIn(vendor, span));
  }

  /** Whether all that a vendor is used for is told. */
  isVendorComplete(vendor: string): boolean {
    return (
      this.isVendorTold(vendor) &&
      this.#ways.filter((way) => way.own && way.vendor === vendor).every((way) => this.isClassTold(way.class))
    );
  }

  /** Whether what a vendor was paid is told, in the plan's currency. */
  isCostTold(vendor: string): boolean {
    if (!this.isVendorTold(vendor)) return false;
    const own = this.#lines.filter((line) => line.vendor === vendor);
    return own.length === 0 || own.some(({ cost }) => cost !== null);
  }

  vendorsOf(name: string): readonly string[] {
    return [...new Set(this.#ways.filter((way) => way.class === name).map(({ vendor }) => vendor))];
  }

  /** Units of a class within a span. */
  units(name: string, span: DaySpan): Pico {
    return sum(this.#within(span).flatMap((line) => (line.class === name ? line.units : [])));
  }

  /** What a vendor's usage within a span costs beside what fees pay for. */
  spend(vendor: string, span: DaySpan): Pico {
    return sum(this.#within(span).flatMap((line) => (line.vendor === vendor ? this.#net(line) : [])));
  }

  /** What draws a pool down within a span: what is booked to it, and what no other contract has of what it covers. */
  drawn(pool: Commitment, span: DaySpan): Pico {
    return sum(this.#within(span).flatMap((line) => (this.#draws(pool, line) ? this.#net(line) : [])));
  }

  /**
   * Units that capacity served at most within a span: what its vendor served of the class, up to what of it is usable. What stands at one source shares
   * that by what is usable of each.
   */
  served(commitment: Commitment, span: DaySpan): number {
    const { vendor, capacity, sources } = commitment;
    if (capacity === null) return 0;
    const beside = this.#input.commitments.filter(
      (other) =>
        other !== commitment &&
        other.status === 'signed' &&
        other.vendor === vendor &&
        other.sources.some((source) => sources.includes(source)),
    );
    return monthsTouched(span).reduce((total, month) => {
      const within = overlapOf(month, span);
      const units = sum(
        this.#within(within).flatMap((line) =>
          line.vendor === vendor && sources.some((source) => line.sources.includes(source)) ? line.units : [],
        ),
      );
      const usable = capacity.unitsPerMonth * capacity.usableShare * monthsLong(within);
      const usableBeside = beside.reduce((sumOfOthers, other) => sumOfOthers + usableWithin(other, within), 0);
      const share = usableBeside > 0 ? usable / (usable + usableBeside) : 1;
      return total + Math.min(usable, (share * Number(units)) / Number(picoPerOne));
    }, 0);
  }

  /** What the plan has no class, no vendor or no source for, by vendor and by what it is called. */
  unplanned(span: DaySpan): readonly UnplannedUnits[] {
    const found = new Map<string, { -readonly [Key in keyof UnplannedUnits]: UnplannedUnits[Key] }>();
    for (const { vendor, class: name, told, units, cost, sources } of this.#within(span)) {
      if (sources.length > 0) continue;
      const key = JSON.stringify([vendor, told]);
      const known = found.get(key) ?? { vendor, class: told, isClassPlanned: name !== null, units: 0n, cost: null };
      known.units += units;
      if (cost !== null) known.cost = (known.cost ?? 0n) + cost;
      found.set(key, known);
    }
    return [...found.values()].toSorted((one, other) => Number((other.cost ?? 0n) - (one.cost ?? 0n)));
  }

  #within({ from, until }: DaySpan): readonly ActualLine[] {
    return this.#lines.filter(({ day }) => day >= from && day < until);
  }

  /** Classes by the form in which usage writes a model's name. */
  #classes(): ReadonlyMap<string, string> {
    const { portfolio, classOf } = this.#input;
    return new Map([
      ...[...portfolio.classes.keys()].map((name) => [modelClass(name), name] as const),
      ...[...classOf].map(([told, name]) => [modelClass(told), name] as const),
    ]);
  }

  #lineOf(line: UsageLine, classes: ReadonlyMap<string, string>): ActualLine {
    const { portfolio } = this.#input;
    const found = classes.get(modelClass(line.class)) ?? null;
    const unit = line.measure === 'gpuHour' ? 'gpuHour' : 'MTok';
    const isOfUnit = found !== null && portfolio.classes.get(found)?.unit === unit;
    const name = isOfUnit ? found : null;
    const ways = this.#ways.filter((way) => way.vendor === line.vendor && way.class === name);
    const own = ways.filter((way) => way.own);
    const serving = own.length > 0 ? own : ways;
    const factor = serving[0]?.unitFactor;
    const quantity = line.quantity ?? 0n;
    return {
      vendor: line.vendor,
      class: name,
      told: line.class,
      day: line.day,
      month: line.day.slice(0, 7),
      units: factor === undefined ? quantity : divideHalfEven(quantity * factor.denominator, factor.numerator),
      unit,
      cost: this.#costOf(line),
      booked: line.booked,
      sources: serving.map(({ source }) => source),
    };
  }

  #costOf({ cost, currency }: UsageLine): Pico | null {
    const { portfolio, rate } = this.#input;
    if (cost === null || currency === null || currency === portfolio.currency) return cost;
    return rate === null ? null : timesRatio(cost, rate);
  }

  /** What is billed of a line: in a ledger, capacity serves as much as it can, and its fee pays for that. */
  #net(line: ActualLine): Pico {
    if (line.cost === null || line.booked === undefined) return line.cost ?? 0n;
    const paid = this.#paidByFees.get(JSON.stringify([line.vendor, line.class, line.month]));
    return paid === undefined ? line.cost : line.cost - timesRatio(line.cost, paid);
  }

  #findPaidByFees(): void {
    const capacities = this.#input.commitments.filter(
      ({ status, capacity }) => status === 'signed' && capacity !== null,
    );
    if (capacities.length === 0) return;
    const served = Map.groupBy(
      this.#lines.filter(({ booked, class: name }) => booked !== undefined && name !== null),
      ({ vendor, class: name, month }) => JSON.stringify([vendor, name, month]),
    );
    for (const [key, lines] of served) {
      const units = sum(lines.map((line) => line.units));
      const [first] = lines;
      if (first === undefined || units <= 0n) continue;
      const month = monthsTouched({ from: `${first.month}-01`, until: `${first.month}-02` })[0];
      if (month === undefined) continue;
      const told = overlapOf(month, { from: month.from, until: this.#input.asOf });
      const usable = capacities
        .filter((one) => one.vendor === first.vendor && one.sources.some((source) => first.sources.includes(source)))
        .reduce((total, one) => total + usableWithin(one, told), 0);
      const most = picoOf(usable);
      if (most > 0n) this.#paidByFees.set(key, { numerator: most < units ? most : units, denominator: units });
    }
  }

  #coversVendor({ vendor, sources }: Commitment): boolean {
    return this.#input.portfolio.sources.every((source, index) => source.vendor !== vendor || sources.includes(index));
  }

  #draws(pool: Commitment, line: ActualLine): boolean {
    const isCovered = line.sources.some((source) => pool.sources.includes(source));
    // What the plan has no source for is covered where all of the vendor is.
    const isBeside = line.sources.length === 0 && this.#coversVendor(pool);
    if (line.vendor !== pool.vendor || !(isCovered || isBeside)) return line.booked?.contract === pool.name;
    const booked = line.booked?.contract ?? null;
    const isKnown = this.#input.commitments.some(
      ({ name, status, kind }) => status === 'signed' && kind === 'pool' && name === booked,
    );
    return !isKnown || booked === pool.name;
  }
}

/** Units that capacity can serve within a span. */
export const usableWithin = ({ capacity, from, until }: Commitment, span: DaySpan): number => {
  if (capacity === null) return 0;
  return capacity.unitsPerMonth * capacity.usableShare * monthsLong(overlapOf({ from, until }, span));
};

/** Fees of capacity within a span. */
export const feesWithin = ({ capacity, from, until }: Commitment, span: DaySpan): number =>
  capacity === null ? 0 : capacity.feePerMonth * monthsLong(overlapOf({ from, until }, span));
