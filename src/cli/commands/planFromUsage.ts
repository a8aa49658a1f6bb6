import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage } from '../../kernel/index.ts';
import { formatFault } from '../../config/index.ts';
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
import {
  type UsageReading,
  gatherUsage,
  portfolioFromUsage,
  readPortfolio,
  readUsageCsv,
  readUsageReports,
  usageCounts,
} from '../../planner/index.ts';
import { areReadable, askUsage, usableReading, usageText, vendorOption } from './usageReadings.ts';

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

const fileReadings = ({ options, positionals, terminal }: Invocation): readonly UsageReading[] => {
  const vendor = vendorOption(options);
  const csv = [textOption(options, 'csv') ?? [], ...positionals].flat();
  const reports = [textOption(options, 'usage') ?? []].flat();
  return [
    ...csv.map((file) => usableReading(readUsageCsv(usageText(terminal.cwd, file), file, { vendor }))),
    ...reports.map((file) => usableReading(readUsageReports(usageText(terminal.cwd, file), file, { vendor }))),
  ];
};

const groupings = ['vendor,model', 'model', 'vendor'] as const;

/** Each vendor's each model, unless something else was asked for, or all of it is one vendor's. */
const groupingOf = ({
  options,
}: Invocation): { readonly by: (typeof groupings)[number]; readonly vendor: string | null } => {
  const vendor = vendorOption(options);
  return { by: wordOption(options, 'by', groupings) ?? (vendor === null ? 'vendor,model' : 'model'), vendor };
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
    const { by, vendor } = groupingOf(invocation);
    const reports: string[] = [];
    for (const { from, to } of spansOf(now, months)) {
      const span = { from: from.toISOString(), to: to.toISOString() };
      // What is still on its way to the ledger is waited for once.
      const fresh: Readonly<Record<string, string>> = reports.length === 0 ? { fresh: 'true' } : {};
      reports.push(JSON.stringify(await askUsage(client, { groupBy: by, ...span, ...fresh })));
    }
    return usableReading(readUsageReports(reports.join('\n'), client.url, { vendor }));
  } finally {
    await connection.close();
  }
};

const write = ({ options, terminal }: Invocation, portfolio: string, notes: readonly string[]): void => {
  const out = textOption(options, 'out');
  if (out !== undefined) {
    try {
      writeFileSync(resolve(terminal.cwd, out), portfolio, { flag: 'wx' });
    } catch (error) {
      throw new UsageError(`${out} cannot be written: ${errorMessage(error)}`);
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
    by: "with a server: vendor,model, model or vendor (default each vendor's each model)",
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
    if (!areReadable(invocation, readings, 'nothing was written')) return exitCodes.usage;
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
