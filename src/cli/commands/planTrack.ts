import { openPortfolio } from '../../app/index.ts';
import { formatFault } from '../../config/index.ts';
import { parseRatio, type Ratio } from '../../kernel/index.ts';
import {
  nextDay,
  planTrack as trackOf,
  readUsageCsv,
  readUsageReports,
  spanOf,
  trackSpans,
  usageCounts,
  type PortfolioReading,
  type SavedPlan,
  type UsageReading,
} from '../../planner/index.ts';
import { exitCodes, textOption, UsageError, type Command, type Invocation, type OptionValues } from '../Command.ts';
import { connect, connectHelp, connectOptions } from '../connect.ts';
import { dayOption } from '../dayOption.ts';
import { pairsOption } from '../pairsOption.ts';
import { trackTables } from '../text/trackTables.ts';
import { planOfFile } from './planDiff.ts';
import { areReadable, askUsage, usableReading, usageText, vendorOption } from './usageReadings.ts';

/** Most files of one call. */
const filesMax = 16;
const monthsOutsideDefault = 3;
const monthsOutsideMax = 24;

/** The first day that is left out: tomorrow takes in what there is of today. */
const asOfOption = (options: OptionValues, today: string): string | null => {
  const day = dayOption(options, 'as-of');
  if (day !== null && day > nextDay(today))
    throw new UsageError(`--as-of takes no day after tomorrow, of which nothing can be told yet, not ${day}`);
  return day;
};

const monthsOption = (options: OptionValues): number => {
  const written = textOption(options, 'months');
  if (written === undefined) return monthsOutsideDefault;
  if (!/^[1-9]\d?$/.test(written) || Number(written) > monthsOutsideMax)
    throw new UsageError(`--months takes a whole number from 1 to ${monthsOutsideMax}, not ${written}`);
  return Number(written);
};

const rateOption = (options: OptionValues): Ratio | null => {
  const written = textOption(options, 'rate');
  if (written === undefined) return null;
  const rate = /^\d{1,9}(?:\.\d{1,9})?$/.test(written) ? parseRatio(written) : null;
  if (rate === null || rate.numerator === 0n)
    throw new UsageError(
      `--rate takes what one unit of the usage's currency is in the plan's, such as 0.9, not ${written}`,
    );
  return rate;
};

/** Reports of our own ledger are JSON, exports of vendors CSV. */
const readingOf = (cwd: string, file: string, vendor: string | null): UsageReading => {
  const text = usageText(cwd, file);
  const read = /^\s*[[{]/.test(text) ? readUsageReports : readUsageCsv;
  return usableReading(read(text, file, { vendor }));
};

const fileReadings = ({ options, positionals, terminal }: Invocation): readonly UsageReading[] => {
  const vendor = vendorOption(options);
  return [textOption(options, 'usage') ?? [], ...positionals]
    .flat()
    .map((file) => readingOf(terminal.cwd, file, vendor));
};

const ledgerReading = async (
  invocation: Invocation,
  plan: SavedPlan,
  { portfolio }: PortfolioReading,
  asOf: string,
): Promise<UsageReading> => {
  const connection = await connect(invocation, true);
  try {
    const reports: string[] = [];
    for (const { from, until } of trackSpans(plan, portfolio, asOf)) {
      const span = { from: `${from}T00:00:00.000Z`, to: `${until}T00:00:00.000Z` };
      // What is still on its way to the ledger is waited for once.
      const fresh: Readonly<Record<string, string>> = reports.length === 0 ? { fresh: 'true' } : {};
      const report = await askUsage(connection.client, { groupBy: 'vendor,model,contract', ...span, ...fresh });
      reports.push(JSON.stringify(report));
    }
    return usableReading(readUsageReports(reports.join('\n'), connection.client.url, { vendor: null }));
  } finally {
    await connection.close();
  }
};

const portfolioOf = async ({ terminal }: Invocation, file: string, plan: SavedPlan): Promise<PortfolioReading> => {
  const reading = await openPortfolio({ file, cwd: terminal.cwd });
  if (!reading.ok) throw new UsageError(reading.fault.map(formatFault).join('\n'));
  const { hash, from } = reading.value;
  if (hash !== plan.inputs.sha256)
    terminal.err(`note: ${file} was changed since it was planned; contracts are told as it has them now\n`);
  if (from?.hash !== plan.inputs.from?.sha256)
    terminal.err(`note: ${from?.file ?? 'the file that it took over from'} was changed since it was planned\n`);
  return reading.value;
};

/** Until when exports tell: the end of their last day, or of today where a month is told that is not over. */
const endOf = (readings: readonly UsageReading[], today: string): string => {
  const lines = readings.flatMap((reading) => reading.lines);
  if (lines.length === 0) return today;
  const end = nextDay(spanOf(lines).lastDay);
  return end < today ? end : today;
};

/** Days that exports do not tell of are no days without usage: they are not tracked, whatever was asked for. */
const asOfFor = (
  { terminal }: Invocation,
  files: readonly UsageReading[],
  asked: string | null,
  today: string,
): string => {
  if (asked === null) return endOf(files, today);
  if (files.every(({ lines }) => lines.length === 0)) return asked;
  const end = endOf(files, nextDay(today));
  if (asked <= end) return asked;
  terminal.err(`note: usage is told until ${end} only; the plan is tracked until then\n`);
  return end;
};

export const planTrack: Command = {
  name: 'plan track',
  summary: 'Actual demand, spend and commitments against a saved plan, from the ledger or exports of vendors',
  arguments: '[export.csv...]',
  positionalsMin: 0,
  positionalsMax: filesMax,
  options: {
    ...connectOptions,
    plan: { type: 'string' },
    portfolio: { type: 'string' },
    usage: { type: 'string' },
    vendor: { type: 'string' },
    map: { type: 'string' },
    'as-of': { type: 'string' },
    months: { type: 'string' },
    rate: { type: 'string' },
    'skip-bad-rows': { type: 'boolean' },
    'require-on-track': { type: 'boolean' },
  },
  optionHelp: {
    plan: 'what "archipel plan --json" printed',
    portfolio: 'the portfolio that was planned, with what was signed since (default ./portfolio.yaml)',
    usage: 'a vendor\'s export of usage or costs, or what "archipel usage --json" printed, instead of the ledger',
    vendor: 'who bills, where an export does not say',
    map: 'classes of the plan by what usage calls them: large-4=chat,small=search',
    'as-of': 'first day that is left out (default today, or the day after the last of an export)',
    months: `months running outside of the planned range after which to plan again (default ${monthsOutsideDefault})`,
    rate: "what one unit of the usage's currency is in the plan's, where they are two: 0.9",
    'skip-bad-rows': 'leave out rows of an export that cannot be read',
    'require-on-track': 'end with 5 if something is off',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, terminal } = invocation;
    const planFile = textOption(options, 'plan');
    if (planFile === undefined)
      throw new UsageError('--plan takes the file of a plan: save what "archipel plan --json" prints');
    const asked = {
      monthsOutside: monthsOption(options),
      rate: rateOption(options),
      classOf: pairsOption(options, 'map', 'what usage calls a model and its class in the plan, such as large-4=chat'),
    };
    const today = new Date().toISOString().slice(0, 10);
    const until = asOfOption(options, today);
    const plan = planOfFile(terminal.cwd, planFile);
    const portfolio = await portfolioOf(invocation, textOption(options, 'portfolio') ?? 'portfolio.yaml', plan);
    const files = fileReadings(invocation);
    for (const line of files.flatMap(usageCounts)) terminal.err(`${line}\n`);
    const asOf = asOfFor(invocation, files, until, today);
    const readings = files.length > 0 ? files : [await ledgerReading(invocation, plan, portfolio, asOf)];
    if (!areReadable(invocation, readings, 'nothing is tracked')) return exitCodes.usage;
    const lines = readings.flatMap((reading) => reading.lines);
    const tracked = trackOf({ plan, portfolio: portfolio.portfolio, lines, asOf, ...asked });
    if (!tracked.ok) throw new UsageError(tracked.fault);
    terminal.out(`${options['json'] === true ? JSON.stringify(tracked.value) : trackTables(tracked.value)}\n`);
    if (options['require-on-track'] !== true || tracked.value.onTrack) return exitCodes.ok;
    terminal.err('archipel plan track: the plan is off its track, and that it is on it was required\n');
    return exitCodes.limitMissed;
  },
};
