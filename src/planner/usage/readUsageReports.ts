import type { ConfigurationFault } from '../../config/index.ts';
import { divideHalfEven, failure, picoPerNano, success, utcDay } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { inputBuckets, outputBuckets, type UsageBucket } from '../../vocabulary/index.ts';
import { z } from 'zod';
import { calendarDay, lastOfMonth } from './calendarDay.ts';
import { picoPerOne, type Pico } from './readDecimal.ts';
import { usageLimits } from './limits.ts';
import { modelClass } from './meterClass.ts';
import { vendorLabel, type UsageCsvOptions } from './readUsageCsv.ts';
import type { Measure, UsageLine, UsageReading } from './UsageLine.ts';
import { UsageTally } from './UsageTally.ts';

const unitsField = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,38}$/)]);
const moneyField = z.string().regex(/^-?\d{1,38}$/);

const groups = ['model', 'vendor', 'provider', 'contract', 'day'] as const;
type Group = (typeof groups)[number];

const rowSchema = z.object({
  group: z.string(),
  /** Where several groups are told together: the name in each, null for none. */
  groups: z.record(z.string(), z.string().nullable()).optional(),
  usage: z.record(z.string(), unitsField),
  amountNanoUsd: moneyField,
  listNanoUsd: moneyField,
  /** What of both is for the accelerators of jobs. */
  capacityNanoUsd: moneyField.prefault('0'),
  capacityListNanoUsd: moneyField.prefault('0'),
});

/** One group, or several with commas between. */
const groupByField = z.string().transform((text, context): readonly Group[] => {
  const words = text.split(',');
  const known = groups.filter((group) => words.includes(group));
  if (known.length === words.length) return known;
  context.addIssue({ code: 'custom', message: 'groups that cannot be read' });
  return z.NEVER;
});

/** What `archipel usage --json` and the control plane answer, as far as it is read. */
const reportSchema = z.object({
  groupBy: groupByField,
  from: z.string().nullable(),
  to: z.string().nullable(),
  rows: z.array(rowSchema).max(usageLimits.rows),
});

type UsageReport = z.output<typeof reportSchema>;
type ReportRow = z.output<typeof rowSchema>;

const picoMTokPerToken = 1_000_000n;
const secondsPerHour = 3_600n;

/** All models together, where a report does not tell them apart. */
const anyModel = 'all-models';

/** The name of a row in a group; null where it has none, or was not asked for it. */
const nameIn = ({ groupBy }: UsageReport, { group, groups: several }: ReportRow, wanted: Group): string | null => {
  if (!groupBy.includes(wanted)) return null;
  if (several !== undefined) return several[wanted] ?? null;
  return groupBy.length === 1 && group !== 'none' ? group : null;
};

const unitsOf = ({ usage }: ReportRow, buckets: readonly UsageBucket[]): bigint =>
  buckets.reduce((sum, bucket) => sum + BigInt(usage[bucket] ?? 0), 0n);

const tokensOf = (row: ReportRow, buckets: readonly UsageBucket[]): Pico => unitsOf(row, buckets) * picoMTokPerToken;

const hoursOf = (row: ReportRow): Pico =>
  divideHalfEven(unitsOf(row, ['acceleratorSeconds']) * picoPerOne, secondsPerHour);

interface Money {
  readonly cost: Pico;
  readonly listCost: Pico;
}

/** What a row costs, jobs and the rest of it apart. */
const moneyOf = (row: ReportRow): { readonly jobs: Money; readonly others: Money } => {
  const pico = (nanoUsd: string): Pico => BigInt(nanoUsd) * picoPerNano;
  const jobs = { cost: pico(row.capacityNanoUsd), listCost: pico(row.capacityListNanoUsd) };
  const others = { cost: pico(row.amountNanoUsd) - jobs.cost, listCost: pico(row.listNanoUsd) - jobs.listCost };
  return { jobs, others };
};

/** First and last day of a report's time; null where it is open or cuts through days. */
const daysTold = ({ from, to }: UsageReport): { readonly day: string; readonly lastDay: string } | null => {
  if (from === null || to === null) return null;
  const [first, end] = [Date.parse(from), Date.parse(to)];
  if (Number.isNaN(first) || Number.isNaN(end) || end <= first) return null;
  return { day: utcDay(first), lastDay: utcDay(end - 1) };
};

/** Why a report cannot be told month by month, and how it could. */
const timeFault = (report: UsageReport): readonly [what: string, mend: string] | null => {
  if (report.groupBy.includes('day')) return null;
  const days = daysTold(report);
  if (days === null) return ['a report of open time', 'ask for one month at a time, with --from and --to'];
  return days.lastDay <= lastOfMonth(days.day)
    ? null
    : ['a report of more than one month', 'ask for one month at a time, with --from and --to, or --by day'];
};

const linesOf = (report: UsageReport, row: ReportRow, vendor: string): readonly UsageLine[] => {
  const named = nameIn(report, row, 'day');
  const day = named === null ? null : calendarDay(named);
  const days = day === null ? daysTold(report) : { day, lastDay: day };
  if (days === null) return [];
  const frame = {
    vendor,
    class: report.groupBy.includes('model') ? modelClass(nameIn(report, row, 'model') ?? '') || 'model' : anyModel,
    ...days,
    currency: 'USD',
    booked: { contract: nameIn(report, row, 'contract') },
  };
  const counted = (measure: Measure, quantity: Pico): readonly UsageLine[] =>
    quantity === 0n ? [] : [{ ...frame, measure, quantity, cost: null, listCost: null }];
  const hours = hoursOf(row);
  const { jobs, others } = moneyOf(row);
  const tokens: readonly UsageLine[] = [
    ...counted('input', tokensOf(row, inputBuckets)),
    ...counted('output', tokensOf(row, outputBuckets)),
  ];
  if (hours === 0n && jobs.cost === 0n) return [...tokens, { ...frame, measure: 'tokens', quantity: null, ...others }];
  const worked: UsageLine = { ...frame, measure: 'gpuHour', quantity: hours, ...jobs };
  return tokens.length === 0 && others.cost === 0n
    ? [worked]
    : [worked, ...tokens, { ...frame, measure: 'tokens', quantity: null, ...others }];
};

/** Values of a text of JSON: one, a list of them, or one a line. */
const valuesOf = (
  text: string,
  file: string,
): Result<readonly (readonly [value: unknown, line: number])[], ConfigurationFault> => {
  try {
    const whole: unknown = JSON.parse(text);
    return success((Array.isArray(whole) ? whole : [whole]).map((value: unknown) => [value, 1] as const));
  } catch {
    const values: (readonly [unknown, number])[] = [];
    for (const [index, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      try {
        values.push([JSON.parse(line), index + 1]);
      } catch {
        return failure({
          file,
          line: index + 1,
          column: 1,
          what: 'no JSON',
          mend: 'write what "archipel usage --json" prints',
        });
      }
    }
    return success(values);
  }
};

const reportFault = (file: string, line: number, error: z.ZodError): ConfigurationFault => {
  const [issue] = error.issues;
  const path = issue === undefined || issue.path.length === 0 ? 'the value' : issue.path.join('.');
  return {
    file,
    line,
    column: 1,
    what: `no report of usage: ${path} is not as it should be`,
    mend: `write what "archipel usage --json --by ${groups.join('|')}" prints, or --by vendor,model`,
  };
};

const takeReport = (
  tally: UsageTally,
  report: UsageReport,
  place: Pick<ConfigurationFault, 'file' | 'line'>,
  options: UsageCsvOptions,
): void => {
  for (const row of report.rows) {
    const bad = (what: string, mend: string): void =>
      tally.take({ kind: 'bad', fault: { ...place, column: 1, what, mend } });
    const named = vendorLabel(nameIn(report, row, 'vendor') ?? nameIn(report, row, 'provider') ?? '');
    const vendor = named === '' ? options.vendor : named;
    const day = nameIn(report, row, 'day');
    if (vendor === null) bad(`the report of "${row.group}" does not say who bills`, 'say so with --vendor NAME');
    else if (report.groupBy.includes('day') && (day === null || calendarDay(day) === null))
      bad(`"${row.group}" is no day`, 'ask for it again');
    else tally.take({ kind: 'lines', lines: linesOf(report, row, vendor) });
  }
};

/** Reads reports of `archipel usage`: by day, or one for each month; best of all by vendor and model together. */
export const readUsageReports = (
  text: string,
  file: string,
  options: UsageCsvOptions,
): Result<UsageReading, ConfigurationFault> => {
  const values = valuesOf(text, file);
  if (!values.ok) return values;
  const tally = new UsageTally(file, 'reports of the ledger');
  for (const [value, line] of values.value) {
    const report = reportSchema.safeParse(value);
    if (!report.success) return failure(reportFault(file, line, report.error));
    const fault = timeFault(report.data);
    if (fault !== null) return failure({ file, line, column: 1, what: fault[0], mend: fault[1] });
    takeReport(tally, report.data, { file, line }, options);
  }
  return success(tally.reading());
};
