import { parseRatio, parseUsd } from '../../kernel/index.ts';
import {
  BillSums,
  billedDaysMax,
  reconcileBill,
  type BillLine,
  type BookedDay,
  type Tolerance,
} from '../../ledger/index.ts';
import {
  exportFormats,
  nextDay,
  usageCounts,
  UsageCsvStream,
  type UsageLine,
  type UsageReading,
} from '../../planner/index.ts';
import { formatFault } from '../../config/index.ts';
import { inputBuckets, outputBuckets, type UsageBucket } from '../../vocabulary/index.ts';
import {
  exitCodes,
  listOption,
  textOption,
  UsageError,
  wordOption,
  type Command,
  type Invocation,
  type OptionValues,
} from '../Command.ts';
import type { AdminClient } from '../AdminClient.ts';
import { connect, connectHelp, connectOptions, tellFault } from '../connect.ts';
import { dayOption } from '../dayOption.ts';
import { pairsOption } from '../pairsOption.ts';
import { readNamedPieces } from '../readNamedPieces.ts';
import { record, records, text } from '../record.ts';
import { printableLine } from '../text/printable.ts';
import { reconcileJson, reconcileText, type ReconciledBill } from '../text/reconcileText.ts';
import { settleByBill } from './settleByBill.ts';
import { areReadable, askUsage } from './usageReadings.ts';

/** Vendors write cents, and round each line: a cent, or a thousandth, of a model on a day. */
const toleranceDefault = '0.01,0.1%';
const ppmPerPercent = 10_000n;

const toleranceOf = (part: string): Tolerance => {
  const percent = /^(\d{1,3}(?:\.\d{1,4})?)\s*%$/.exec(part)?.[1];
  if (percent !== undefined) {
    const { numerator, denominator } = parseRatio(percent);
    return { nanoUsd: 0n, sharePpm: (numerator * ppmPerPercent) / denominator };
  }
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(part)) return { nanoUsd: parseUsd(part), sharePpm: 0n };
  throw new UsageError(`--tolerance takes dollars, a share or both, such as 0.01,0.1%, not ${part}`);
};

const toleranceOption = (options: OptionValues): Tolerance => {
  const parts = (textOption(options, 'tolerance') ?? toleranceDefault)
    .split(',')
    .map((part) => toleranceOf(part.trim()));
  if (parts.length > 2) throw new UsageError('--tolerance takes dollars, a share or both, and no more');
  return {
    nanoUsd: parts.reduce((most, { nanoUsd }) => (nanoUsd > most ? nanoUsd : most), 0n),
    sharePpm: parts.reduce((most, { sharePpm }) => (sharePpm > most ? sharePpm : most), 0n),
  };
};

interface Days {
  readonly from: string | null;
  /** Left out. */
  readonly until: string | null;
}

const daysOption = (options: OptionValues): Days => {
  const [from, until] = [dayOption(options, 'from'), dayOption(options, 'to')];
  if (from !== null && until !== null && from >= until)
    throw new UsageError('--from must be before --to: no day lies between them');
  return { from, until };
};

/** A millionth of a million tokens' millionth is a millionth of a token: quantities need no arithmetic. */
const tokensOf = ({ measure, quantity }: UsageLine): BillLine['tokens'] => {
  if (measure === 'money') return 'uncounted';
  if (quantity === null || measure === 'gpuHour') return null;
  return { side: measure === 'tokens' ? 'either' : measure, millionths: quantity };
};

const billLineOf = (line: UsageLine): BillLine => ({
  model: line.class,
  day: line.day,
  cost: line.cost,
  tokens: tokensOf(line),
});

const outsideWhy = 'days that were not asked for';

/** Reads a bill into the sums. @throws UsageError where nothing can be made of it. */
const readInvoice = async (
  { options, terminal }: Invocation,
  file: string,
  sums: BillSums,
  days: Days,
): Promise<UsageReading> => {
  const format = wordOption(
    options,
    'format',
    exportFormats.map(({ key }) => key),
  );
  const isOutside = ({ day }: UsageLine): boolean =>
    (days.from !== null && day < days.from) || (days.until !== null && day >= days.until);
  // Who bills was said by naming the provider.
  const asked = { vendor: 'bill', asBill: true, ...(format === undefined ? {} : { format }) };
  const take = (lines: readonly UsageLine[]): string | null => {
    if (lines.some(isOutside)) return outsideWhy;
    if (!lines.every((line) => sums.add(billLineOf(line))))
      throw new UsageError(`${file} has more than ${billedDaysMax} models by days: export fewer months at a time`);
    return null;
  };
  const leaveOut = (name: string): void => {
    if (!sums.leaveOut(name))
      throw new UsageError(
        `${file} has more than ${billedDaysMax} names in rows that are no use of a model: leave --settle out, or export fewer services`,
      );
  };
  const stream = new UsageCsvStream(file, asked, take, options['settle'] === true ? leaveOut : null);
  for await (const piece of readNamedPieces(terminal.cwd, file)) {
    const fault = stream.push(piece);
    if (fault !== null) throw new UsageError(formatFault(fault));
  }
  const fault = stream.end();
  if (fault !== null) throw new UsageError(formatFault(fault));
  return stream.reading();
};

const unitsIn = (usage: ReturnType<typeof record>, buckets: readonly UsageBucket[]): bigint =>
  buckets.reduce((sum, bucket) => sum + BigInt(text(usage[bucket] ?? 0)), 0n);

/** A row of the report of use by target and day. */
const bookedDayOf = (row: ReturnType<typeof record>): BookedDay => {
  const { target, day } = record(row['groups']);
  const name = text(target);
  const cut = name.indexOf('/');
  const usage = record(row['usage']);
  return {
    provider: name.slice(0, cut),
    model: name.slice(cut + 1),
    day: text(day),
    attempts: Number(row['attempts']),
    unreported: Number(row['estimated']) + Number(row['unknown']),
    amountNanoUsd: BigInt(text(row['amountNanoUsd'])),
    lowNanoUsd: BigInt(text(row['rangeLowNanoUsd'])),
    highNanoUsd: BigInt(text(row['rangeHighNanoUsd'])),
    inputTokens: unitsIn(usage, inputBuckets),
    outputTokens: unitsIn(usage, outputBuckets),
  };
};

interface Span {
  readonly from: string;
  readonly until: string;
}

/** What is on its way to the ledger is waited for: a bill knows of it. */
const bookedDays = async (client: AdminClient, { from, until }: Span): Promise<readonly BookedDay[]> => {
  const span = { from: `${from}T00:00:00.000Z`, to: `${until}T00:00:00.000Z` };
  const report = await askUsage(client, { groupBy: 'target,day', ...span, fresh: 'true' });
  return records(record(report)['rows']).map(bookedDayOf);
};

/** Those that the bill is of: as was said, or the only one that has anything booked. */
const providersOf = ({ options, terminal }: Invocation, booked: readonly BookedDay[]): readonly string[] => {
  const known = [...new Set(booked.map(({ provider }) => provider))].toSorted();
  const said = listOption(options, 'provider');
  if (said.length === 0 && known.length > 1)
    throw new UsageError(
      `the ledger has several providers in these days (${known.join(', ')}): name the one that the bill is of with --provider, or each of them that it is of`,
    );
  for (const name of said)
    if (!known.includes(name))
      terminal.err(
        `note: the ledger has nothing of ${name} in these days; it has ${known.join(', ') || 'nothing at all'}\n`,
      );
  return said.length === 0 ? known : said;
};

export const reconcile: Command = {
  name: 'reconcile',
  summary: "A vendor's bill against the ledger: what differs by model and day, in money and tokens",
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    ...connectOptions,
    invoice: { type: 'string', multiple: true },
    provider: { type: 'string', multiple: true },
    format: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    tolerance: { type: 'string' },
    map: { type: 'string' },
    all: { type: 'boolean' },
    settle: { type: 'boolean' },
    'skip-bad-rows': { type: 'boolean' },
  },
  optionHelp: {
    invoice: "a vendor's export of usage or costs, or its bill (CSV); several of one bill are added up",
    provider: 'provider that the bill is of, as the ledger calls it; several where they share an account',
    format: `format of the bill, where its columns leave a doubt: ${exportFormats.map(({ key }) => key).join(', ')}`,
    from: 'first day, UTC (default the first of the bill)',
    to: 'first day after; it also says that the bill is whole until then (default the day after the last of the bill)',
    tolerance: `how far a model may be apart on a day: dollars, a share of the bill, or the larger of both (default ${toleranceDefault})`,
    map: 'models by what the bill calls them: "Large 4.5"=large-4-5',
    all: 'show what agrees, too',
    settle:
      'have the ledger take over what the bill says of attempts that were not reported, by corrections that cannot be undone; the last day of the bill only with --to',
    'skip-bad-rows': 'leave out rows of the bill that cannot be read',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, terminal } = invocation;
    const files = listOption(options, 'invoice');
    if (files.length === 0) throw new UsageError("--invoice takes the file of a vendor's bill");
    const tolerance = toleranceOption(options);
    const days = daysOption(options);
    const renamed = pairsOption(
      options,
      'map',
      'what the bill calls a model and what its provider does, such as big=large-4',
    );
    const sums = new BillSums();
    const readings: UsageReading[] = [];
    for (const file of files) readings.push(await readInvoice(invocation, file, sums, days));
    for (const line of readings.flatMap(usageCounts)) terminal.err(`${printableLine(line)}\n`);
    if (!areReadable(invocation, readings, 'nothing is reconciled')) return exitCodes.usage;
    if (options['settle'] === true && readings.some(({ badRows }) => badRows > 0)) {
      terminal.err('nothing is settled: --settle takes a whole bill; mend these rows, or leave --settle out\n');
      return exitCodes.usage;
    }
    if (sums.days.length === 0 && (days.from === null || days.until === null))
      throw new UsageError('there is no use of a model on the bill: name the days with --from and --to');
    const span = { from: days.from ?? sums.span.first, until: days.until ?? nextDay(sums.span.last) };
    const connection = await connect(invocation, true);
    try {
      const { client } = connection;
      const compare = async (): Promise<ReconciledBill> => {
        const booked = await bookedDays(client, span);
        const providers = providersOf(invocation, booked);
        const ours = booked.filter(({ provider }) => providers.includes(provider));
        const reconciliation = reconcileBill({ days: sums.days, leftOut: sums.leftOut, renamed }, ours, tolerance);
        return { providers, ...span, readings, reconciliation, settled: null };
      };
      let bill = await compare();
      if (options['settle'] === true) {
        const last = sums.days.length === 0 ? null : sums.span.last;
        const ours = { files, last, isEndNamed: days.until !== null };
        const settled = await settleByBill(client, ours, bill.reconciliation.days);
        if (!settled.ok) {
          const { answer, attempts } = settled.fault;
          if (attempts > 0) terminal.err(`note: ${attempts} attempts were settled; run it again for the rest\n`);
          return tellFault(terminal, answer);
        }
        bill = { ...(await compare()), settled: settled.value };
      }
      const isJson = options['json'] === true;
      terminal.out(`${isJson ? JSON.stringify(reconcileJson(bill)) : reconcileText(bill, options['all'] === true)}\n`);
      return bill.reconciliation.apart === 0 ? exitCodes.ok : exitCodes.limitMissed;
    } finally {
      await connection.close();
    }
  },
};
