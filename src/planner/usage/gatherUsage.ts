import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { addMonths } from '../portfolio/calendarMonths.ts';
import { daysOf, lastOfMonth } from './calendarDay.ts';
import type { Pico } from './readDecimal.ts';
import { usageLimits } from './limits.ts';
import type { Measure, UsageLine, UsageReading } from './UsageLine.ts';

/** Sums of what was used in one month. */
export interface MonthSums {
  quantity: Pico;
  cost: Pico;
  listCost: Pico;
  /** Cost of lines that tell no list cost. */
  unlisted: Pico;
}

/** By measure, by month such as "2026-01". */
export type MeasureMonths = Map<Measure, Map<string, MonthSums>>;

/** Work of one class, by the vendor that did it. */
export interface GatheredClass {
  readonly name: string;
  /** money: only costs are told, so that a unit is a unit of money. */
  readonly unit: 'MTok' | 'gpuHour' | 'money';
  readonly vendors: ReadonlyMap<string, MeasureMonths>;
  /** Classes that were put together in it. */
  readonly of: readonly string[];
}

/** The time that the exports tell of. */
export interface UsageSpan {
  readonly firstDay: string;
  readonly lastDay: string;
  /** Whole months in order, "2026-01"; empty where not one is whole. */
  readonly wholeMonths: readonly string[];
  readonly days: number;
}

export interface GatheredUsage {
  readonly classes: readonly GatheredClass[];
  readonly vendors: readonly string[];
  readonly span: UsageSpan;
  /** Null where no line says so. */
  readonly currency: string | null;
  /** What was left aside, in sentences. */
  readonly notes: readonly string[];
}

const monthOf = (day: string): string => day.slice(0, 7);

const emptySums = (): MonthSums => ({ quantity: 0n, cost: 0n, listCost: 0n, unlisted: 0n });

const noMeasures = (): MeasureMonths => new Map();
const noMonths = (): Map<string, MonthSums> => new Map();

/** What a map holds, made where it is not there yet. */
const held = <Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};

const monthsBetween = (first: string, last: string): readonly string[] => {
  const months: string[] = [];
  for (let month = `${first}-01`; month.slice(0, 7) <= last; month = addMonths(month, 1))
    months.push(month.slice(0, 7));
  return months;
};

/** The time that lines tell of. Exports by the month have nothing but firsts: each tells its whole month. */
export const spanOf = (lines: readonly UsageLine[]): UsageSpan => {
  const isMonthly = lines.every(({ day, lastDay }) => day.endsWith('-01') && lastDay === day);
  let firstDay = lines[0]?.day ?? '';
  let lastDay = firstDay;
  for (const line of lines) {
    const end = isMonthly ? lastOfMonth(line.day) : line.lastDay;
    if (line.day < firstDay) firstDay = line.day;
    if (end > lastDay) lastDay = end;
  }
  const wholeMonths = monthsBetween(monthOf(firstDay), monthOf(lastDay)).filter(
    (month) => `${month}-01` >= firstDay && lastOfMonth(`${month}-01`) <= lastDay,
  );
  return { firstDay, lastDay, wholeMonths, days: daysOf(firstDay, lastDay) };
};

type ClassKey = string;

const unitOf = (measure: Measure): 'MTok' | 'gpuHour' => (measure === 'gpuHour' ? 'gpuHour' : 'MTok');

/** Names of token and hour classes are told apart where they are the same. */
const keyOf = (line: UsageLine): ClassKey => JSON.stringify([unitOf(line.measure), line.class]);

interface OpenClass {
  readonly name: string;
  readonly measured: 'MTok' | 'gpuHour';
  hasQuantity: boolean;
  cost: Pico;
  quantity: Pico;
  readonly vendors: Map<string, MeasureMonths>;
}

const addLine = (classes: Map<ClassKey, OpenClass>, line: UsageLine): void => {
  const open = held(classes, keyOf(line), () => ({
    name: line.class,
    measured: unitOf(line.measure),
    hasQuantity: false,
    cost: 0n,
    quantity: 0n,
    vendors: new Map<string, MeasureMonths>(),
  }));
  const months = held(held(open.vendors, line.vendor, noMeasures), line.measure, noMonths);
  const sums = held(months, monthOf(line.day), emptySums);
  sums.quantity += line.quantity ?? 0n;
  sums.cost += line.cost ?? 0n;
  if (line.listCost === null) sums.unlisted += line.cost ?? 0n;
  else sums.listCost += line.listCost;
  open.hasQuantity ||= line.quantity !== null;
  open.cost += line.cost ?? 0n;
  open.quantity += line.quantity ?? 0n;
};

const mergeInto = (target: Map<string, MeasureMonths>, source: ReadonlyMap<string, MeasureMonths>): void => {
  for (const [vendor, measures] of source)
    for (const [measure, months] of measures) {
      const merged = held(held(target, vendor, noMeasures), measure, noMonths);
      for (const [month, sums] of months) {
        const sum = held(merged, month, emptySums);
        sum.quantity += sums.quantity;
        sum.cost += sums.cost;
        sum.listCost += sums.listCost;
        sum.unlisted += sums.unlisted;
      }
    }
};

const unitTold = ({ measured, hasQuantity }: OpenClass): GatheredClass['unit'] => (hasQuantity ? measured : 'money');

const closed = (open: OpenClass, name: string): GatheredClass => ({
  name,
  unit: unitTold(open),
  vendors: open.vendors,
  of: [],
});

const restNames = { MTok: 'other', gpuHour: 'other-hours', money: 'other-costs' } as const;

/** What costs most as classes of their own, the rest of each unit as one. */
const ranked = (all: readonly OpenClass[]): readonly GatheredClass[] => {
  const order = all.toSorted((one, other) =>
    one.cost !== other.cost ? (other.cost > one.cost ? 1 : -1) : other.quantity > one.quantity ? 1 : -1,
  );
  const names = new Set<string>();
  const ofTokens = new Set(all.flatMap(({ measured, name }) => (measured === 'MTok' ? name : [])));
  const own = order.slice(0, usageLimits.classes - 1).map((open) => {
    const isSecond = open.measured === 'gpuHour' && ofTokens.has(open.name);
    const name = isSecond ? `${open.name.slice(0, 58)}-hours` : open.name;
    names.add(name);
    return closed(open, name);
  });
  const rest = order.slice(usageLimits.classes - 1);
  const units = [...new Set(rest.map(unitTold))];
  return [
    ...own,
    ...units.map((unit): GatheredClass => {
      const vendors = new Map<string, MeasureMonths>();
      const of = rest.filter((open) => unitTold(open) === unit);
      for (const open of of) mergeInto(vendors, open.vendors);
      const name = names.has(restNames[unit]) ? `${restNames[unit]}-classes` : restNames[unit];
      return { name, unit, vendors, of: of.map((open) => open.name) };
    }),
  ];
};

/** Puts the lines of all exports together, by class, vendor and month. The failing half is a sentence and how to mend it. */
export const gatherUsage = (readings: readonly UsageReading[]): Result<GatheredUsage, string> => {
  const lines = readings.flatMap(({ lines: some }) => some);
  if (lines.length === 0) return failure('there is no usage of models in it: export days on which something was used');
  const currencies = [...new Set(lines.flatMap(({ currency }) => currency ?? []))];
  if (currencies.length > 1)
    return failure(`amounts in ${currencies.join(' and ')}: export what is billed in one currency at a time`);
  const classes = new Map<ClassKey, OpenClass>();
  for (const line of lines) addLine(classes, line);
  const gathered = ranked([...classes.values()]);
  return success({
    classes: gathered,
    vendors: [...new Set(lines.map(({ vendor }) => vendor))],
    span: spanOf(lines),
    currency: currencies[0] ?? null,
    notes: gathered.flatMap(({ name, of }) =>
      of.length === 0 ? [] : [`class ${name} puts together what costs least: ${of.join(', ')}`],
    ),
  });
};
