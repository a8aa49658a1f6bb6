import { resolve } from 'node:path';
import { failure, success, utcDay, type Result } from '../../kernel/index.ts';
import {
  emptyPriceList,
  flatPrices,
  overlapIn,
  priceChange,
  PriceBook,
  priceRowKey,
  readPriceList,
  rowName,
  samePrices,
  shownPrices,
  withListRows,
  type PriceChange,
  type PriceRow,
} from '../../market/index.ts';
import { bookWith } from '../knownThings.ts';
import type { OwnList } from '../readPriceLists.ts';
import { modelsDevMark, offeredPrices, type OfferedPrice, type PriceOffer } from './offeredPrices.ts';
import {
  boughtIn,
  isAsked,
  openPrices,
  type OpenedPrices,
  type PriceFilter,
  type PricesPlace,
  type SoldName,
} from './openPrices.ts';
import { placeFault } from './placeFault.ts';
import { billsAs, priceInForce } from './priceInForce.ts';
import { replaceText } from './replaceText.ts';

export interface PriceImport extends PricesPlace, PriceFilter {
  readonly offer: PriceOffer;
  /** The list to write to, as the configuration names it; absent for the only one. */
  readonly list: string | undefined;
  /** Also models of models.dev that the configuration does not buy. */
  readonly all: boolean;
  /** Midnight of the first day; Unix milliseconds. */
  readonly fromMs: number;
  /** Looks only, and writes nothing. */
  readonly dryRun: boolean;
}

/** A price that a list takes over. */
export interface ImportedPrice extends PriceChange {
  /** First day, UTC. */
  readonly from: string;
  readonly source: string;
}

/** A price of a tier or of long inputs that has ended. */
export interface LostPrice extends PriceChange {
  readonly tier: string | null;
  readonly aboveTokens: number | null;
}

export interface PriceImportReport {
  /** The list, as the configuration names it. */
  readonly list: string;
  readonly changes: readonly ImportedPrice[];
  /** Prices of tiers and long inputs that end because their model has a price in the list now. */
  readonly lost: readonly LostPrice[];
  /** List prices that were left out because the configuration's lists have prices of one's own for the same models. */
  readonly left: readonly string[];
  /** Models of the configuration that the offer knows no price of. */
  readonly unknown: readonly string[];
  /** Rows that were written. */
  readonly written: number;
}

type Target = Pick<OwnList, 'file' | 'text' | 'origin'>;

const targetOf = (lists: readonly OwnList[], named: string | undefined): Result<OwnList, readonly string[]> => {
  const found = named === undefined ? lists : lists.filter(({ file }) => resolve(file) === resolve(named));
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return success(first);
  const names = lists.map(({ file }) => file).join(', ');
  if (first !== undefined)
    return failure([`the configuration has several lists of prices: choose one with --list (${names})`]);
  return failure([
    named === undefined
      ? 'the configuration has no list of prices: add `prices: [ { file: ./prices.csv } ]`, and import with --list ./prices.csv'
      : `the configuration has no list ${named}: ${names === '' ? '' : `it has ${names}; `}add \`{ file: ${named} }\` to \`prices\``,
  ]);
};

/** The list of a target with rows added to it. */
const listedWith = (
  { file, text, origin }: Target,
  added: readonly OfferedPrice[],
): Result<{ readonly text: string; readonly rows: readonly PriceRow[] }, readonly string[]> => {
  const whole = withListRows(
    text,
    added.map(({ cells }) => cells),
  );
  const read = readPriceList(whole, origin);
  return read.ok
    ? success({ text: whole, rows: read.value })
    : failure([`${file}:${read.fault.line}: ${read.fault.message}`]);
};

type RowsByKey = ReadonlyMap<string, readonly PriceRow[]>;

const sameIn = (rows: RowsByKey, { row }: OfferedPrice): readonly PriceRow[] => rows.get(priceRowKey(row)) ?? [];

/** Whether one of the rows for the same thing already says this. */
const isListed = ({ row, writtenUntilMs }: OfferedPrice, same: readonly PriceRow[]): boolean =>
  same.some(
    (known) =>
      known.fromMs <= row.fromMs &&
      (known.untilMs === null || row.fromMs < known.untilMs) &&
      (writtenUntilMs === null || known.untilMs === writtenUntilMs) &&
      samePrices(known.perMillion, row.perMillion),
  );

/** Whether a price holds without being written down. */
const holds = (offered: OfferedPrice, book: PriceBook): boolean => {
  if (offered.writtenUntilMs !== null) return false;
  const known = priceInForce(book, offered.row, offered.row.fromMs);
  return known !== null && billsAs(offered.row, known);
};

/** Prices that nobody negotiated do not take the place of those that somebody wrote down. */
const isOwn = (own: PriceBook, { row }: OfferedPrice): boolean => {
  const known = own.find({ vendor: row.vendor, model: row.model, region: null, atMs: row.fromMs });
  return known !== null && !known.source.startsWith(modelsDevMark);
};

/** What is lost of the models of these prices: variants that the book had, and has no more. */
const lostBetween = (before: PriceBook, after: PriceBook, added: readonly OfferedPrice[]): readonly LostPrice[] => {
  const seen = new Set<string>();
  return added.flatMap(({ row: { vendor, model, region, fromMs } }) => {
    const question = { vendor, model, region, atMs: fromMs };
    const key = `${vendor}\n${model}\n${region ?? ''}\n${fromMs}`;
    const known = seen.has(key) ? null : before.find(question);
    seen.add(key);
    return (known === null ? [] : flatPrices(known)).flatMap(({ tier, aboveTokens, price }) => {
      const place = { vendor, model, region, tier, aboveTokens };
      const change = priceChange(rowName(place), price.perMillion, null);
      return change === null || priceInForce(after, place, fromMs) !== null ? [] : [{ ...change, tier, aboveTokens }];
    });
  });
};

/** What stands against a price that another list has a price for, in words. */
const elsewhere = ({ row, at }: OfferedPrice, others: readonly PriceRow[]): string | null =>
  overlapIn(others, [row]) === null
    ? null
    : `${at}: ${rowName(row)} has a price in another list of the configuration: import into that one (--list), or end the price there (\`until\`)`;

interface Chosen {
  readonly added: readonly OfferedPrice[];
  readonly text: string;
  readonly after: PriceBook;
}

/** Chooses what has to be written so that all that is offered holds: again and again, since one price may have stood for another one. */
const choose = (
  { own, shipped }: OpenedPrices,
  target: OwnList,
  offered: readonly OfferedPrice[],
  isPinned: boolean,
): Result<Chosen, readonly string[]> => {
  const others = own.lists.filter((list) => list !== target).flatMap(({ rows }) => rows);
  const under = isPinned ? new PriceBook([]) : shipped;
  const known = Map.groupBy(target.rows, priceRowKey);
  const added = new Set<OfferedPrice>();
  for (;;) {
    const listed = listedWith(target, [...added]);
    if (!listed.ok) return listed;
    const rows = [...others, ...listed.value.rows];
    const listedByKey = Map.groupBy(listed.value.rows, priceRowKey);
    const asked = bookWith(under, { lists: [], rows });
    const wanted = offered.filter(
      (one) => !added.has(one) && !isListed(one, sameIn(listedByKey, one)) && !holds(one, asked),
    );
    if (wanted.length === 0)
      return success({
        added: [...added],
        text: listed.value.text,
        after: bookWith(shipped, { lists: [], rows }),
      });
    const faults = wanted.flatMap(
      (one) => placeFault(one, sameIn(known, one), target.file) ?? elsewhere(one, others) ?? [],
    );
    if (faults.length > 0) return failure(faults);
    for (const one of wanted) added.add(one);
  }
};

const reportOf = (before: PriceBook, { added, after }: Chosen): Pick<PriceImportReport, 'changes' | 'lost'> => ({
  changes: added.map(({ row }) => {
    const was = priceInForce(before, row, row.fromMs)?.perMillion ?? null;
    const shown = shownPrices(row.perMillion);
    const same = { price: rowName(row), before: shown, after: shown, percent: {} };
    return {
      ...(priceChange(rowName(row), was, row.perMillion) ?? same),
      from: utcDay(row.fromMs),
      source: row.source,
    };
  }),
  lost: lostBetween(before, after, added),
});

/**
 * Takes prices over into a list of the configuration, as new rows from a day on: what holds already makes none, and rows that are there stay as they are. All
 * of it or nothing is written. Fails with what is wrong, each with its file and line.
 * @throws CodedError `configuration_missing`; Error of the disk
 */
export const importPrices = async (asked: PriceImport): Promise<Result<PriceImportReport, readonly string[]>> => {
  const { list, offer, fromMs } = asked;
  const isNew = (path: string): boolean => list !== undefined && resolve(asked.cwd, path) === resolve(asked.cwd, list);
  const opened = await openPrices(asked, (path) => (isNew(path) ? emptyPriceList : null));
  if (!opened.ok) return opened;
  const { configuration, own, shipped, book } = opened.value;
  if (configuration === null)
    return failure([
      'there is no configuration to import into: name one with --config, or make one with "archipel init"',
    ]);
  const target = targetOf(own.lists, list);
  if (!target.ok) return target;
  const bought = boughtIn(configuration);
  const offered = offeredPrices(offer, {
    names: asked.all ? null : bought,
    fromMs,
    rates: configuration.rates,
    shipped,
  });
  if (!offered.ok) return offered;
  const { prices, areListPrices } = offered.value;
  const wanted = prices.filter(({ row }) => isAsked(asked, row));
  const ownBook = new PriceBook([], own.rows);
  const isLeft = (one: OfferedPrice): boolean => areListPrices && isOwn(ownBook, one);
  const chosen = choose(
    opened.value,
    target.value,
    wanted.filter((one) => !isLeft(one)),
    offer.kind === 'shipped',
  );
  if (!chosen.ok) return chosen;
  const { added, text } = chosen.value;
  const { file, text: read } = target.value;
  const isAsRead = (now: string | null): boolean => (now ?? emptyPriceList) === read;
  if (!asked.dryRun && added.length > 0 && !replaceText(resolve(asked.cwd, file), isAsRead, text))
    return failure([`${file} was changed by somebody else meanwhile, and is left as it is now: import again`]);
  const priced = new Set(prices.map(({ row }) => `${row.vendor} ${row.model}`));
  const names = (all: readonly SoldName[]): readonly string[] => [
    ...new Set(all.filter((one) => isAsked(asked, one)).map(({ vendor, model }) => `${vendor} ${model}`)),
  ];
  return success({
    list: file,
    ...reportOf(book, chosen.value),
    left: names(wanted.filter(isLeft).map(({ row }) => row)),
    unknown: areListPrices ? names(bought).filter((name) => !priced.has(name)) : [],
    written: asked.dryRun ? 0 : added.length,
  });
};
