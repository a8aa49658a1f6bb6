import type { Ratio } from '../../kernel/index.ts';
import { offerName } from '../portfolio/choicesOf.ts';
import { decimalText } from '../portfolio/floatOf.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { sourceName } from '../portfolio/waysOf.ts';

/** What a part of a portfolio bears on. */
export type InputPart = 'demand' | 'prices' | 'offers' | 'contracts' | 'policy' | 'supply' | 'horizon' | 'scenarios';

/** One thing of the file that is not as it was; null where it was not there. */
export interface InputChange {
  readonly part: InputPart;
  /** Names down to it: "offers.north-edp.discount". */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Longest text of a value that is told. */
const valueTextMax = 80;

const isRatio = (value: object): value is Ratio =>
  'numerator' in value &&
  'denominator' in value &&
  typeof value.numerator === 'bigint' &&
  typeof value.denominator === 'bigint';

const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isRatio(value)) return decimalText(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  const entries =
    value instanceof Map
      ? [...value].map(([key, one]): [string, unknown] => [String(key), one])
      : Object.entries(value);
  return `{ ${entries.map(([key, one]) => `${key}: ${valueText(one)}`).join(', ')} }`;
};

const shortText = (text: string): string =>
  text.length <= valueTextMax ? text : `${text.slice(0, valueTextMax - 4)} ...`;

/** Fields of a map of the file, one level at a time; a list is one value. */
const fieldsOf = (value: unknown): ReadonlyMap<string, unknown> | null => {
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [String(key), one]));
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isRatio(value)) return null;
  return new Map(Object.entries(value));
};

type PathPart = (path: readonly string[]) => InputPart;

const compare = (
  path: readonly string[],
  before: unknown,
  after: unknown,
  partOf: PathPart,
): readonly InputChange[] => {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  if (was !== null && is !== null)
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) =>
      compare([...path, key], was.get(key), is.get(key), partOf),
    );
  const [told, now] = [valueText(before), valueText(after)];
  return told === now
    ? []
    : [{ part: partOf(path), path: path.join('.'), before: shortText(told), after: shortText(now) }];
};

/** Things that have names: those that came and went are told as such, the others field by field. */
const compareNamed = (
  list: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  partOf: PathPart,
): readonly InputChange[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((name): readonly InputChange[] => {
    const path = [list, name];
    if (!before.has(name))
      return [{ part: partOf(path), path: path.join('.'), before: null, after: shortText(valueText(after.get(name))) }];
    if (!after.has(name))
      return [
        { part: partOf(path), path: path.join('.'), before: shortText(valueText(before.get(name))), after: null },
      ];
    return compare(path, before.get(name), after.get(name), partOf);
  });

const byName = <Item>(items: readonly Item[], nameOf: (item: Item) => string): ReadonlyMap<string, unknown> =>
  new Map(items.map((item) => [nameOf(item), item]));

const namedLists = (portfolio: Portfolio): ReadonlyMap<string, ReadonlyMap<string, unknown>> =>
  new Map<string, ReadonlyMap<string, unknown>>([
    ['vendors', portfolio.vendors],
    ['classes', portfolio.classes],
    ['sources', byName(portfolio.sources, sourceName)],
    ['offers', byName(portfolio.offers, offerName)],
    ['contracts', byName(portfolio.contracts, ({ id }) => id)],
    ['prices', byName(portfolio.prices, ({ name }) => name)],
    ['growth', byName(portfolio.growth, ({ name }) => name)],
    ['switches', byName(portfolio.switches, ({ from, to }) => `${from} to ${to}`)],
  ]);

const partOf: PathPart = ([list, , field]) => {
  switch (list) {
    case 'classes':
      return field === 'demand' || field === undefined ? 'demand' : 'supply';
    case 'growth':
    case 'switches':
      return 'demand';
    case 'sources':
      return field === 'price' || field === undefined ? 'prices' : 'supply';
    case 'prices':
      return 'prices';
    case 'offers':
    case 'contracts':
    case 'policy':
    case 'horizon':
    case 'scenarios':
      return list;
    case undefined:
    default:
      return 'supply';
  }
};

/** Everything in which two portfolios differ, in the order of the file; series of CSV files are compared by what they hold. */
export const portfolioChanges = (before: Portfolio, after: Portfolio): readonly InputChange[] => {
  const [was, is] = [namedLists(before), namedLists(after)];
  const nothing: ReadonlyMap<string, unknown> = new Map();
  return [
    ...compare(['currency'], before.currency, after.currency, () => 'prices'),
    ...compare(['horizon'], before.horizon, after.horizon, partOf),
    ...[...was.keys()].flatMap((list) => compareNamed(list, was.get(list) ?? nothing, is.get(list) ?? nothing, partOf)),
    ...compare(['policy'], before.policy, after.policy, partOf),
    ...compare(['scenarios'], before.scenarios, after.scenarios, partOf),
  ];
};
