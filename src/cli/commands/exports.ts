import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { chargePeriodNames } from '../../exports/index.ts';
import type { ExportDataset } from '../../http/index.ts';
import {
  exitCodes,
  textOption,
  UsageError,
  wordOption,
  type Command,
  type ExitCode,
  type Invocation,
  type OptionValues,
} from '../Command.ts';
import { instantsIn } from '../instantsIn.ts';
import { connect, connectHelp, connectOptions, tellFault } from '../connect.ts';

const queryOf = (options: OptionValues): string => {
  const by = wordOption(options, 'by', chargePeriodNames);
  const query = new URLSearchParams({ ...(by === undefined ? {} : { by }), ...instantsIn(options) });
  return query.size === 0 ? '' : `?${query.toString()}`;
};

/** A file that is there whole or not at all. */
class WholeFile {
  readonly #path: string;
  readonly #partPath: string;
  readonly #file: number;
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#partPath = `${path}.part`;
    this.#file = openSync(this.#partPath, 'w');
  }

  get bytes(): number {
    return this.#bytes;
  }

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) at += writeSync(this.#file, chunk, at);
    this.#bytes += chunk.length;
  }

  end(isWhole: boolean): void {
    closeSync(this.#file);
    if (isWhole) renameSync(this.#partPath, this.#path);
    else rmSync(this.#partPath, { force: true });
  }
}

const runExport = async (invocation: Invocation, dataset: ExportDataset): Promise<ExitCode> => {
  const { options, terminal } = invocation;
  const path = textOption(options, 'out');
  const isJson = options['json'] === true;
  if (isJson && path === undefined)
    throw new UsageError('--json tells what was written, and the rows are no JSON: add --out FILE');
  const query = queryOf(options);
  const connection = await connect(invocation, true);
  const file = path === undefined ? null : new WholeFile(resolve(terminal.cwd, path));
  let isWhole = false;
  try {
    const letters = new StringDecoder('utf8');
    const take = (chunk: Buffer): void => (file === null ? terminal.out(letters.write(chunk)) : file.write(chunk));
    const answer = await connection.client.download(`/admin/v1/exports/${dataset}${query}`, take);
    if (answer.status >= 400) return tellFault(terminal, answer);
    isWhole = true;
  } finally {
    file?.end(isWhole);
    await connection.close();
  }
  if (file !== null && isJson) terminal.out(`${JSON.stringify({ path, bytes: file.bytes })}\n`);
  return exitCodes.ok;
};

const options = {
  ...connectOptions,
  by: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
} as const;

const optionHelp = {
  by: `period of one row: ${chargePeriodNames.join(', ')} (default day)`,
  from: 'first day or instant (default: the first day of this month), UTC',
  to: 'first day or instant after (default: now)',
  out: 'file to write (default: standard output); it is there whole or not at all',
  ...connectHelp,
};

const common = { arguments: '', positionalsMin: 0, positionalsMax: 0, options, optionHelp };

export const exportCosts: Command = {
  ...common,
  name: 'export costs',
  summary: 'Use and cost as FOCUS 1.2 rows (CSV), with commitments bought, used and unused',
  run: (invocation) => runExport(invocation, 'cost-and-usage'),
};

export const exportContracts: Command = {
  ...common,
  name: 'export contracts',
  summary: 'Contracts as FOCUS 1.3 Contract Commitment rows (CSV)',
  run: (invocation) => runExport(invocation, 'contract-commitment'),
};
