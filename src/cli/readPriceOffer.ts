import { sheetCurrency, type PriceOffer } from '../app/index.ts';
import { textOption, UsageError, type Invocation } from './Command.ts';
import { readNamedFile } from './readNamedFile.ts';

/** Largest file of prices that is read; `api.json` of models.dev has two and a half million bytes. */
const bytesMax = 64 * 1024 * 1024;

/** A sheet of prices, or `api.json`, that was named on the command line. @throws UsageError where it cannot be read. */
export const readPriceOffer = (
  { options, terminal }: Invocation,
  file: string,
): Extract<PriceOffer, { kind: 'file' }> => {
  const bytes = readNamedFile(terminal.cwd, file);
  if (bytes.length > bytesMax)
    throw new UsageError(`${file} has ${bytes.length} bytes: prices have at most ${bytesMax}`);
  const currency = textOption(options, 'currency') ?? sheetCurrency;
  if (!/^[A-Z]{3}$/.test(currency))
    throw new UsageError(`--currency takes three capital letters, such as EUR, not ${currency}`);
  try {
    return { kind: 'file', file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), currency };
  } catch {
    throw new UsageError(`${file} is no text in UTF-8`);
  }
};

/** Options of every command that reads one, and what they are for. */
export const offerOptions = {
  config: { type: 'string' },
  currency: { type: 'string' },
  vendor: { type: 'string' },
  model: { type: 'string' },
  all: { type: 'boolean' },
} as const;

export const offerHelp: Readonly<Record<string, string>> = {
  config: 'configuration file (else ARCHIPEL_CONFIG, else ./archipel.yaml)',
  currency: 'currency of rows of a sheet that name none (default USD)',
  vendor: 'only what this vendor sells',
  model: "only this model, by the vendor's name",
  all: 'of models.dev also models that the configuration does not buy',
};
