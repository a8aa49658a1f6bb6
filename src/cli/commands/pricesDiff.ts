import { diffPrices } from '../../app/index.ts';
import { priceChange, readPriceList, rowName, type PriceChange, type PriceRow } from '../../market/index.ts';
import { exitCodes, textOption, UsageError, type Command, type ExitCode, type Invocation } from '../Command.ts';
import { dayOptionMs } from '../dayOption.ts';
import { readNamedFile } from '../readNamedFile.ts';
import { offerHelp, offerOptions, readPriceOffer } from '../readPriceOffer.ts';
import { changeLine } from '../text/pricesText.ts';
import { printableLine } from '../text/printable.ts';

const rowsOf = (cwd: string, file: string): readonly PriceRow[] => {
  const csv = readNamedFile(cwd, file).toString('utf8');
  const read = readPriceList(csv, { source: file, fromMs: 0, currency: 'USD', rates: new Map() });
  if (!read.ok) throw new UsageError(`${file}:${read.fault.line}: ${read.fault.message}`);
  return read.value;
};

/** What a row prices and from when on: two lists are compared by it. */
const placeOf = (row: PriceRow): string =>
  `${rowName(row)}${row.fromMs === 0 ? '' : ` from ${new Date(row.fromMs).toISOString().slice(0, 10)}`}`;

const changesBetween = (older: readonly PriceRow[], newer: readonly PriceRow[]): readonly PriceChange[] => {
  const [before, after] = [older, newer].map((rows) => new Map(rows.map((row) => [placeOf(row), row.perMillion])));
  const places = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].toSorted();
  return places.flatMap((place) => priceChange(place, before?.get(place) ?? null, after?.get(place) ?? null) ?? []);
};

const tell = ({ options, terminal }: Invocation, changes: readonly PriceChange[]): ExitCode => {
  const lines = changes.map((change) => printableLine(changeLine(change)));
  const said = lines.length === 0 ? 'the same prices' : lines.join('\n');
  terminal.out(`${options['json'] === true ? JSON.stringify({ changes }) : said}\n`);
  return changes.length === 0 ? exitCodes.ok : exitCodes.failed;
};

export const pricesDiff: Command = {
  name: 'prices diff',
  summary:
    'How a sheet, or api.json of models.dev, differs from the prices in force, or two lists from each other; exit 1 if anything does',
  arguments: '<sheet or api.json> | <old list> <new list>',
  positionalsMin: 1,
  positionalsMax: 2,
  options: { ...offerOptions, at: { type: 'string' } },
  optionHelp: { at: 'prices in force on this day, UTC (default now)', ...offerHelp },
  run: async (invocation) => {
    const { positionals, options, terminal } = invocation;
    const [first = '', second] = positionals;
    if (second !== undefined)
      return tell(invocation, changesBetween(rowsOf(terminal.cwd, first), rowsOf(terminal.cwd, second)));
    const changes = await diffPrices({
      config: textOption(options, 'config'),
      env: terminal.env,
      cwd: terminal.cwd,
      offer: readPriceOffer(invocation, first),
      vendor: textOption(options, 'vendor'),
      model: textOption(options, 'model'),
      all: options['all'] === true,
      atMs: dayOptionMs(options, 'at') ?? Date.now(),
    });
    if (changes.ok) return tell(invocation, changes.value);
    for (const fault of changes.fault) terminal.err(`${printableLine(fault)}\n`);
    return exitCodes.usage;
  },
};
