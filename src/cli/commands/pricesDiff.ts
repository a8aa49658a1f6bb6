import { diffPriceLists, diffPrices } from '../../app/index.ts';
import type { PriceChange } from '../../market/index.ts';
import { exitCodes, textOption, type Command, type ExitCode, type Invocation } from '../Command.ts';
import { dayOptionMs } from '../dayOption.ts';
import { offerHelp, offerOptions, readPriceOffer } from '../readPriceOffer.ts';
import { changeLine } from '../text/pricesText.ts';
import { printableLine } from '../text/printable.ts';

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
    const place = { config: textOption(options, 'config'), env: terminal.env, cwd: terminal.cwd };
    const offer = readPriceOffer(invocation, first);
    const changes =
      second === undefined
        ? await diffPrices({
            ...place,
            offer,
            vendor: textOption(options, 'vendor'),
            model: textOption(options, 'model'),
            all: options['all'] === true,
            atMs: dayOptionMs(options, 'at') ?? Date.now(),
          })
        : await diffPriceLists({
            ...place,
            older: offer,
            newer: readPriceOffer(invocation, second),
            currency: offer.currency,
          });
    if (changes.ok) return tell(invocation, changes.value);
    for (const fault of changes.fault) terminal.err(`${printableLine(fault)}\n`);
    return exitCodes.usage;
  },
};
