import { importPrices, type ImportedPrice, type LostPrice, type PriceImportReport } from '../../app/index.ts';
import { exitCodes, textOption, type Command } from '../Command.ts';
import { dayOptionMs } from '../dayOption.ts';
import { offerHelp, offerOptions, readPriceOffer } from '../readPriceOffer.ts';
import { changeLine } from '../text/pricesText.ts';
import { printableLine } from '../text/printable.ts';

const dayMs = 86_400_000;

const today = (): number => Math.floor(Date.now() / dayMs) * dayMs;

const importedLine = (change: ImportedPrice): string =>
  changeLine({ ...change, price: `${change.price} from ${change.from}` });

const endLine = ({ changes, written, list }: PriceImportReport): string => {
  if (changes.length === 0) return `nothing to write into ${list}: these prices hold already`;
  const prices = changes.length === 1 ? '1 price' : `${changes.length} prices`;
  return written === 0 ? `${prices} to write into ${list}` : `wrote ${prices} into ${list}`;
};

const lostLine = (lost: LostPrice): string =>
  `${changeLine(lost)}; ${lost.aboveTokens === null ? 'it has no price now, and policy.unpriced decides' : 'long inputs cost what others do now'}: import a row for it to keep it`;

const warningsOf = ({ lost, left, unknown }: PriceImportReport): readonly string[] => [
  ...lost.map(lostLine),
  ...left.map((name) => `${name} keeps the price that the lists of the configuration have`),
  ...unknown.map((name) => `${name} has no price there`),
];

export const pricesImport: Command = {
  name: 'prices import',
  summary: 'Take prices over into a list of the configuration, as new rows from a day on',
  arguments: '[sheet or api.json]',
  positionalsMin: 0,
  positionalsMax: 1,
  options: { ...offerOptions, list: { type: 'string' }, from: { type: 'string' }, 'dry-run': { type: 'boolean' } },
  optionHelp: {
    list: 'list to write to, as the configuration names it (default: the only one)',
    from: 'first day of the prices, UTC (default today)',
    'dry-run': 'say what would be written, and write nothing',
    ...offerHelp,
  },
  run: async (invocation) => {
    const { options, positionals, terminal } = invocation;
    const [file] = positionals;
    const imported = await importPrices({
      config: textOption(options, 'config'),
      env: terminal.env,
      cwd: terminal.cwd,
      offer: file === undefined ? { kind: 'shipped' } : readPriceOffer(invocation, file),
      list: textOption(options, 'list'),
      vendor: textOption(options, 'vendor'),
      model: textOption(options, 'model'),
      all: options['all'] === true,
      fromMs: dayOptionMs(options, 'from') ?? today(),
      dryRun: options['dry-run'] === true,
    });
    if (!imported.ok) {
      for (const fault of imported.fault) terminal.err(`${printableLine(fault)}\n`);
      return exitCodes.usage;
    }
    const report = imported.value;
    const lines = [...report.changes.map(importedLine), endLine(report)].map(printableLine);
    terminal.out(`${options['json'] === true ? JSON.stringify(report) : lines.join('\n')}\n`);
    for (const warning of warningsOf(report)) terminal.err(`warning: ${printableLine(warning)}\n`);
    return exitCodes.ok;
  },
};
