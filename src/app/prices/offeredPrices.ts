import { basename } from 'node:path';
import { failure, success, utcDay, type Result } from '../../kernel/index.ts';
import {
  bookedCurrency,
  flatPrices,
  gapsIn,
  listCells,
  PriceBook,
  priceListLines,
  readModelsDev,
  readPriceList,
  textIn,
  type CurrencyRates,
  type FlatPrice,
  type PriceListCells,
  type PriceRow,
} from '../../market/index.ts';
import type { SoldName } from './openPrices.ts';

/** Prices from somewhere else: a sheet of one's own, `api.json` of models.dev, or what the program ships with. */
export type PriceOffer =
  | { readonly kind: 'shipped' }
  | {
      readonly kind: 'file';
      /** As it was named, for messages. */
      readonly file: string;
      readonly text: string;
      /** Of rows of a sheet that name none. */
      readonly currency: string;
    };

/** One price that is offered, ready to stand in a list. */
export interface OfferedPrice {
  readonly row: PriceRow;
  readonly cells: PriceListCells;
  /** When the row itself says that it ends; `row` ends where the next one of its sheet begins, too. */
  readonly writtenUntilMs: number | null;
  /** Where it comes from, for messages: "sheet.csv:5". */
  readonly at: string;
}

export interface OfferedPrices {
  readonly prices: readonly OfferedPrice[];
  /** Whether they are list prices of models.dev, which nobody negotiated. */
  readonly areListPrices: boolean;
}

/** How the source begins of prices that come from models.dev: later ones may take their place. */
export const modelsDevMark = 'models.dev';

/** What a sheet of one's own offers. Its rows hold from the day that they name, else from `fromMs` on. */
const ofSheet = (
  { file, text, currency }: Extract<PriceOffer, { kind: 'file' }>,
  fromMs: number,
  rates: CurrencyRates,
): Result<readonly OfferedPrice[], readonly string[]> => {
  const source = basename(file).replaceAll(/[^ -~]|[",]/g, '_');
  const lines = priceListLines(text);
  if (!lines.ok) return failure([`${file}:${lines.fault.line}: ${lines.fault.message}`]);
  const read = readPriceList(text, { source, fromMs, currency, rates });
  if (!read.ok) return failure([`${file}:${read.fault.line}: ${read.fault.message}`]);
  const gaps = gapsIn(read.value);
  if (gaps.length > 0)
    return failure(
      gaps.map(({ line, message }) => `${file}:${line}: ${message}; add a row for these days, or end the gap`),
    );
  const byLine = new Map(lines.value.lines.map(({ line, cells }) => [line, cells]));
  return success(
    read.value.map((row) => {
      const cells = new Map(byLine.get(row.line));
      cells.set('from', utcDay(row.fromMs));
      if (textIn(cells, 'currency') === '') cells.set('currency', currency);
      if (textIn(cells, 'source') === '') cells.set('source', source);
      const writtenUntilMs = textIn(cells, 'until') === '' ? null : row.untilMs;
      return { row, cells, writtenUntilMs, at: `${file}:${row.line}` };
    }),
  );
};

/** Where a price comes from, without what it says of its tier and length: a row says that in columns of its own. */
const sourceOf = ({ tier, aboveTokens, price }: FlatPrice): string =>
  price.source.replace(`, ${tier}`, '').replace(`, above ${aboveTokens} tokens`, '');

/** The prices that a book has for these models, each under the name by which it was asked for. */
const ofBook = (book: PriceBook, names: readonly SoldName[], fromMs: number, at: string): readonly OfferedPrice[] =>
  names.flatMap(({ vendor, model }) => {
    const found = book.find({ vendor, model, region: null, atMs: fromMs });
    if (found === null) return [];
    return flatPrices(found).flatMap((flat) => {
      const { tier, aboveTokens } = flat;
      const { perMillion } = flat.price;
      if (Object.keys(perMillion).length === 0) return [];
      const place = { vendor, model, region: null, tier, aboveTokens };
      const row = { ...place, line: 1, fromMs, untilMs: null, perMillion, source: sourceOf(flat) };
      return [{ row, cells: listCells(row), writtenUntilMs: null, at }];
    });
  });

/**
 * Reads what is offered. Of list prices those of some models: of all that the offer knows where `names` is null.
 * @param fromMs Midnight of the day from which prices hold that name none; Unix milliseconds.
 */
export const offeredPrices = (
  offer: PriceOffer,
  asked: {
    readonly names: readonly SoldName[] | null;
    readonly fromMs: number;
    readonly rates: CurrencyRates;
    readonly shipped: PriceBook;
  },
): Result<OfferedPrices, readonly string[]> => {
  const { names, fromMs, rates, shipped } = asked;
  const soldBy = (book: PriceBook): readonly SoldName[] =>
    names ??
    book
      .sellers()
      .toSorted()
      .flatMap((vendor) => [...new Set(book.modelsOf(vendor))].map((model) => ({ vendor, model })));
  if (offer.kind === 'shipped')
    return success({
      prices: ofBook(shipped, soldBy(shipped), fromMs, 'prices that ship with the program'),
      areListPrices: true,
    });
  if (!offer.text.trimStart().startsWith('{')) {
    const sheet = ofSheet(offer, fromMs, rates);
    return sheet.ok ? success({ prices: sheet.value, areListPrices: false }) : sheet;
  }
  const read = readModelsDev(offer.text, { source: `${modelsDevMark} ${basename(offer.file)}`, fromMs: 0 });
  if (!read.ok) return failure([`${offer.file}: ${read.fault}`]);
  const book = new PriceBook([], read.value);
  return success({ prices: ofBook(book, soldBy(book), fromMs, offer.file), areListPrices: true });
};

/** The currency of sheets that name none. */
export const sheetCurrency = bookedCurrency;
