import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../kernel/index.ts';
import { bucketPrice, PriceBook, readPriceList, readPriceSheet } from '../market/index.ts';
import { defaultBaseUrl } from '../providers/index.ts';
import { wires } from '../wire/index.ts';
import type { KnownThings } from './checkConfiguration.ts';
import type { OwnPrices } from './readPriceLists.ts';

/** The day the sheet was taken, as it stands on bills. Its prices hold for all times until a later sheet says otherwise. */
const sheetSource = 'models.dev 2026-07-02';

const sheetPath = join(import.meta.dirname, '../market/data/llm-prices.csv');

/** What the sheet does not tell: tiers and long inputs. */
const variantsPath = join(import.meta.dirname, '../market/data/price-variants.csv');
const variantsOrigin = { source: 'documents of vendors', fromMs: 0, currency: 'USD', rates: new Map() };

/** The price book that the program ships with. @throws Error when the sheet is damaged. */
export const readPriceBook = (): PriceBook => {
  const sheet = readPriceSheet(readFileSync(sheetPath, 'utf8'), { source: sheetSource, fromMs: 0 });
  if (!sheet.ok) throw new Error(`${sheetPath}:${sheet.fault.line}: ${sheet.fault.message}`);
  const variants = readPriceList(readFileSync(variantsPath, 'utf8'), variantsOrigin);
  if (!variants.ok) throw new Error(`${variantsPath}:${variants.fault.line}: ${variants.fault.message}`);
  return new PriceBook(sheet.value, variants.value);
};

/** The book that holds for a configuration: its own prices before those that the program ships with. */
export const bookWith = (book: PriceBook, { rows }: OwnPrices): PriceBook =>
  rows.length === 0 ? book : new PriceBook([], rows, book);

/** What a configuration file is held against. */
export const knownThings = (book: PriceBook, clock: Clock): KnownThings => ({
  wires: [...wires.keys()],
  nowMs: clock.nowMs(),
  defaultBaseUrl,
  isPriced: (offer) => {
    const entry = book.find({ ...offer, atMs: clock.nowMs() });
    return entry !== null && bucketPrice(entry, 'input') !== null;
  },
});
