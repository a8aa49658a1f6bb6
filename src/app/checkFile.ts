import { readFileSync } from 'node:fs';
import { formatFault } from '../config/index.ts';
import { chooseConfiguration } from './chooseConfiguration.ts';
import { knownThings, readPriceBook } from './knownThings.ts';
import { loadConfigurationFile } from './loadConfiguration.ts';
import { machineClock } from './machine.ts';

/** What `archipel check` found. */
export interface CheckReport {
  readonly file: string;
  readonly valid: boolean;
  /** `file:line:column: what, how to mend it`, one each. */
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks a configuration file as a start would, and starts nothing. @throws CodedError `configuration_missing` */
export const checkFile = async (asked: {
  readonly config: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}): Promise<CheckReport> => {
  const source = chooseConfiguration({ ...asked, dataDir: undefined, tell: () => {} });
  if (source.kind === 'sandbox') return { file: 'sandbox', valid: true, faults: [], warnings: [] };
  const loaded = await loadConfigurationFile(source.path, {
    known: knownThings(readPriceBook(), machineClock),
    env: asked.env,
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (!loaded.ok) return { file: source.path, valid: false, faults: loaded.fault.map(formatFault), warnings: [] };
  return { file: source.path, valid: true, faults: [], warnings: loaded.value.warnings.map(formatFault) };
};
