import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { formatFault, type ConfigurationFault } from '../../config/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { AdminClient } from '../AdminClient.ts';
import {
  exitCodes,
  textOption,
  UsageError,
  wordOption,
  type Command,
  type Invocation,
  type OptionValues,
} from '../Command.ts';
import { connect, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import {
  type UsageReading,
  gatherUsage,
  portfolioFromUsage,
  readPortfolio,
  readUsageCsv,
  readUsageReports,
  usageCounts,
  vendorLabel,
} from '../../planner/index.ts';

/** Most files of one call. */
const filesMax = 16;
const monthsMax = 120;

const wholeOption = (options: OptionValues, name: string, otherwise: number, max: number): number => {
  const written = textOption(options, name);
  if (written === undefined) return otherwise;
  if (!/^[1-9]\d{0,2}$/.test(written) || Number(written) > max)
    throw new UsageError(`--${name} takes a whole number from 1 to ${max}, not ${written}`);
  return Number(written);
};

const firstOfMonth = (now: Date, monthsLater: number): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + monthsLater));

const vendorOption = (options: OptionValues): string | null => {
  const written = textOption(options, 'vendor');
  if (written === undefined) return null;
  const vendor = vendorLabel(written);
  if (vendor === '' || vendor !== written)
    throw new UsageError(`--vendor takes a short name, such as north, not ${written}`);
  return vendor;
};

const readFile = (cwd: string, file: string): string => {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** @throws UsageError where nothing can be made of a file. */
const read = (reading: Result<UsageReading, ConfigurationFault>): UsageReading => {
  if (!reading.ok) throw new UsageError(formatFault(reading.fault));
  return reading.value;
};

const fileReadings = ({ options, positionals, terminal }: Invocation): readonly UsageReading[] => {
  const vendor = vendorOption(options);
  const csv = [textOption(options, 'csv') ?? [], ...positionals].flat();
  const reports = [textOption(options, 'usage') ?? []].flat();
  return [
    ...csv.map((file) => read(readUsageCsv(readFile(terminal.cwd, file), file, { vendor }))),
    ...reports.map((file) => read(readUsageReports(readFile(terminal.cwd, file), file, { vendor }))),
  ];
};

const ask = async (client: AdminClient, query: Readonly<Record<string, string>>): Promise<unknown> => {
  const { status, body } = await client.get(`/admin/v1/usage?${new URLSearchParams(query).toString()}`);
  if (status < 400) return body;
  const { message } = record(record(body)['error']);
  throw new UsageError(typeof message === 'string' ? message : `the control plane answered ${status}`);
};

/** The ledger does not say which vendor served which model: where there are several, they are told apart and the models are not. */
const groupingOf = async (
  client: AdminClient,
  invocation: Invocation,
): Promise<{ readonly by: 'model' | 'vendor'; readonly vendor: string | null }> => {
  const { options, terminal } = invocation;
  const by = wordOption(options, 'by', ['model', 'vendor']);
  const told = vendorOption(options);
  if (by === 'vendor' || told !== null) return { by: by ?? 'model', vendor: told };
  const vendors = records(record(await ask(client, { groupBy: 'vendor', fresh: 'true' }))['rows']).map((row) =>
    text(row['group']),
  );
  const [only] = vendors;
  if (vendors.length === 1 && only !== undefined) return { by: 'model', vendor: vendorLabel(only) || null };
  if (by === 'model')
    throw new UsageError(
      `models of several vendors (${vendors.join(', ')}): say --by vendor, or whose they are with --vendor NAME`,
    );
  if (vendors.length > 1)
    terminal.err(
      'the ledger tells vendors or models, not which model was whose: classes are not told apart (--by model --vendor NAME does)\n',
    );
  return { by: 'vendor', vendor: null };
};

/** Whole months before this one, and its days before today. */
const spansOf = (now: Date, months: number): readonly { readonly from: Date; readonly to: Date }[] => {
  const today = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  const whole = Array.from({ length: months }, (_, index) => ({
    from: firstOfMonth(now, index - months),
    to: firstOfMonth(now, index - months + 1),
  }));
  const [first] = [firstOfMonth(now, 0)];
  return today > first ? [...whole, { from: first, to: today }] : whole;
};

const serverReading = async (invocation: Invocation, now: Date): Promise<UsageReading> => {
  const months = wholeOption(invocation.options, 'months', 12, monthsMax);
  const connection = await connect(invocation, true);
  try {
    const { client } = connection;
    const { by, vendor } = await groupingOf(client, invocation);
    const reports: string[] = [];
    for (const { from, to } of spansOf(now, months)) {
      const report = await ask(client, { groupBy: by, from: from.toISOString(), to: to.toISOString() });
      reports.push(JSON.stringify(report));
    }
    return read(readUsageReports(reports.join('\n'), client.url, { vendor }));
  } finally {
    await connection.close();
  }
};

/** Tells the bad rows. Nothing is made of a part of them unless that is asked for. */
const isReadable = ({ options, terminal }: Invocation, readings: readonly UsageReading[]): boolean => {
  for (const { file, faults, badRows } of readings) {
    for (const fault of faults) terminal.err(`${formatFault(fault)}\n`);
    if (badRows > faults.length) terminal.err(`${file}: ${badRows - faults.length} more bad rows\n`);
  }
  if (readings.every(({ badRows }) => badRows === 0) || options['skip-bad-rows'] === true) return true;
  terminal.err('nothing was written: mend these rows, or leave them out with --skip-bad-rows\n');
  return false;
};

const write = ({ options, terminal }: Invocation, portfolio: string, notes: readonly string[]): void => {
  const out = textOption(options, 'out');
  if (out !== undefined) {
    try {
      writeFileSync(resolve(terminal.cwd, out), portfolio, { flag: 'wx' });
    } catch (error) {
      throw new UsageError(`${out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (options['json'] === true)
    terminal.out(`${JSON.stringify({ ...(out === undefined ? { portfolio } : { file: out }), notes })}\n`);
  else
    terminal.out(out === undefined ? portfolio : `${out} is written; complete it, then: archipel plan check ${out}\n`);
};

export const planFromUsage: Command = {
  name: 'plan from-usage',
  summary: 'Write a portfolio file from what was used: exports of vendors, or the ledger',
  arguments: '[export.csv...]',
  positionalsMin: 0,
  positionalsMax: filesMax,
  options: {
    ...connectOptions,
    csv: { type: 'string' },
    usage: { type: 'string' },
    vendor: { type: 'string' },
    by: { type: 'string' },
    months: { type: 'string' },
    currency: { type: 'string' },
    from: { type: 'string' },
    years: { type: 'string' },
    out: { type: 'string' },
    'skip-bad-rows': { type: 'boolean' },
  },
  optionHelp: {
    csv: "a vendor's export of usage or costs",
    usage: 'what "archipel usage --json" printed, by day or one report for each month, instead of a running server',
    vendor: 'who bills, where an export does not say',
    by: 'with a server: classes by model, or vendors apart (default what the ledger can tell)',
    months: 'with a server: how many months (default 12)',
    currency: 'three letters, where an export does not say (default USD)',
    from: 'first day that is planned, the first of a month (default the next one)',
    years: 'how many years are planned (default 2)',
    out: 'file to write, which must not be there yet (default stdout)',
    'skip-bad-rows': 'leave out rows that cannot be read',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, terminal } = invocation;
    const now = new Date();
    const files = fileReadings(invocation);
    const readings = files.length > 0 ? files : [await serverReading(invocation, now)];
    for (const line of readings.flatMap(usageCounts)) terminal.err(`${line}\n`);
    if (!isReadable(invocation, readings)) return exitCodes.usage;
    const gathered = gatherUsage(readings);
    if (!gathered.ok) throw new UsageError(gathered.fault);
    const built = portfolioFromUsage(gathered.value, {
      source: readings.map(({ file }) => file).join(', '),
      from: textOption(options, 'from') ?? firstOfMonth(now, 1).toISOString().slice(0, 10),
      years: wholeOption(options, 'years', 2, 20),
      currency: textOption(options, 'currency') ?? 'USD',
    });
    if (!built.ok) throw new UsageError(built.fault);
    const portfolio = built.value;
    // What is written must be readable: what fits nowhere is told in the words of the file.
    const reading = readPortfolio(portfolio.text, 'portfolio.yaml');
    if (!reading.ok) throw new UsageError(reading.fault.map(formatFault).join('\n'));
    for (const note of portfolio.notes) terminal.err(`note: ${note}\n`);
    write(invocation, portfolio.text, portfolio.notes);
    return exitCodes.ok;
  },
};
