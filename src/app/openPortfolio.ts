import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readConfiguration, type ConfigurationFault } from '../config/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import type { PortfolioReading, ReadShared, ReadText } from '../planner/index.ts';
import { defaultBaseUrl } from '../providers/index.ts';
import { wires } from '../wire/index.ts';
import { checkConfiguration } from './checkConfiguration.ts';
import { configurationSchema } from './configurationSchema.ts';
import { machineClock } from './machine.ts';

/** A portfolio file by the name that messages call it, and the folder that the name is told from. */
export interface PortfolioPlace {
  readonly file: string;
  readonly cwd: string;
}

/** What a portfolio is read with: CSV files by where the program runs, the file of `from` by where the portfolio lies. */
export interface PortfolioFiles {
  readonly readText: ReadText;
  readonly readShared: ReadShared;
}

/** Secrets are not looked for: what is planned needs none. Prices neither. */
const readShared =
  ({ file, cwd }: PortfolioPlace): ReadShared =>
  (path) => {
    const named = isAbsolute(path) ? path : join(dirname(file), path);
    const text = readFileSync(resolve(cwd, named), 'utf8');
    const known = { wires: [...wires.keys()], nowMs: machineClock.nowMs(), defaultBaseUrl };
    const reading = readConfiguration({
      text,
      file: named,
      schema: configurationSchema,
      check: (configuration) => checkConfiguration(configuration, known),
    });
    if (!reading.ok) return reading;
    return success({ file: named, text, hash: reading.value.hash, pieces: reading.value.value });
  };

export const portfolioFiles = (place: PortfolioPlace): PortfolioFiles => ({
  readText: (path) => readFileSync(resolve(place.cwd, path), 'utf8'),
  readShared: readShared(place),
});

/** Reads a portfolio from the disk, with all that it refers to; what is found carries the names of the files as they were given. */
export const openPortfolio = async (
  place: PortfolioPlace,
): Promise<Result<PortfolioReading, readonly ConfigurationFault[]>> => {
  const path = resolve(place.cwd, place.file);
  const { readText, readShared: readOther } = portfolioFiles(place);
  const named = (faults: readonly ConfigurationFault[]): readonly ConfigurationFault[] =>
    faults.map((fault) => (fault.file === path ? { ...fault, file: place.file } : fault));
  // Loaded here: a gateway that serves has no use for it.
  const { readPortfolioFile } = await import('../planner/index.ts');
  const reading = await readPortfolioFile(path, readText, readOther);
  if (!reading.ok) return failure(named(reading.fault));
  return success({ ...reading.value, warnings: named(reading.value.warnings) });
};
