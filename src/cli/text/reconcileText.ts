import { divideHalfEven, picoPerNano } from '../../kernel/index.ts';
import type { ComparedDay, ComparedTokens, Reconciliation, Verdict } from '../../ledger/index.ts';
import type { UsageReading } from '../../planner/index.ts';
import { exactDollars } from './dollars.ts';
import { printableLine } from './printable.ts';
import { table, type Column } from './table.ts';

/** A day of a model whose cost the ledger still knows within bounds only after a bill was to settle it, and why. */
export interface Unsettled {
  readonly day: string;
  /** As in what is compared. */
  readonly model: string;
  readonly targets: readonly string[];
  readonly why: keyof typeof unsettledWhys;
}

/** A bill that was held against the ledger. */
export interface ReconciledBill {
  readonly providers: readonly string[];
  /** Days, the second left out. */
  readonly from: string;
  readonly until: string;
  readonly readings: readonly UsageReading[];
  readonly reconciliation: Reconciliation;
  /** Null where that was not asked for. */
  readonly settled: {
    /** Attempts whose cost is known by it from now on. */
    readonly attempts: number;
    readonly unsettled: readonly Unsettled[];
  } | null;
}

/** What a bill has beside the use of models: taxes, credits, support, storage. */
interface Apart {
  readonly why: string;
  readonly rows: number;
  readonly billedNanoUsd: bigint;
}

const apartOf = ({ leftOut }: UsageReading): readonly Apart[] =>
  leftOut.map(({ why, rows, cost }) => ({ why, rows, billedNanoUsd: divideHalfEven(cost, picoPerNano) }));

const tokensJson = ({ billed, booked }: ComparedTokens) => ({
  billed: billed?.toString() ?? null,
  booked: booked.toString(),
});

const dayJson = (one: ComparedDay) => ({
  day: one.day,
  model: one.model,
  billedAs: one.billedAs,
  targets: one.targets,
  attempts: one.attempts,
  unreported: one.unreported,
  billedNanoUsd: one.billedNanoUsd?.toString() ?? null,
  bookedNanoUsd: one.bookedNanoUsd.toString(),
  rangeLowNanoUsd: one.lowNanoUsd.toString(),
  rangeHighNanoUsd: one.highNanoUsd.toString(),
  differenceNanoUsd: one.differenceNanoUsd?.toString() ?? null,
  inputTokens: tokensJson(one.input),
  outputTokens: tokensJson(one.output),
  verdict: one.verdict,
});

/** The answer as JSON: every model and day, and every figure to the last digit. */
export const reconcileJson = ({ providers, from, until, readings, reconciliation: sums, settled }: ReconciledBill) => ({
  providers,
  from,
  to: until,
  invoices: readings.map((reading) => ({
    file: reading.file,
    format: reading.format,
    rows: reading.rows,
    badRows: reading.badRows,
    apart: apartOf(reading).map((one) => ({ ...one, billedNanoUsd: one.billedNanoUsd.toString() })),
  })),
  days: sums.days.map(dayJson),
  billedNanoUsd: sums.billedNanoUsd.toString(),
  bookedNanoUsd: sums.bookedNanoUsd.toString(),
  rangeLowNanoUsd: sums.lowNanoUsd.toString(),
  rangeHighNanoUsd: sums.highNanoUsd.toString(),
  differenceNanoUsd: sums.differenceNanoUsd.toString(),
  differing: sums.apart,
  ...(settled === null ? {} : { settledAttempts: settled.attempts, unsettled: settled.unsettled }),
});

const unsettledWhys = {
  notOnBill: 'the bill does not name it; if it is there under another name, say so with --map',
  noMoney: 'the bill tells no money of it',
  beyondBounds: 'the bill is beyond its bounds',
  rowsLeftOut: 'rows of it on the bill were left out',
  strangeOnBill: 'the bill has what the ledger does not know that day; name it with --map, or take it out of the file',
  mayGrow: 'the bill may not be whole yet that day; name its end with --to if it is',
  tooMany: 'it has more attempts than can be settled at once',
} as const;

const unsettledTable = (unsettled: readonly Unsettled[]): string =>
  table(
    [{ head: 'NOT SETTLED' }, { head: 'MODEL' }, { head: 'BECAUSE' }],
    unsettled.map(({ day, model, why }) => [day, printableLine(model), unsettledWhys[why]]),
  );

const right = (head: string): Column => ({ head, right: true });

const moneyText = (amount: bigint | null): string => (amount === null ? '-' : exactDollars(amount));
const changeText = (amount: bigint | null): string =>
  amount === null || amount <= 0n ? moneyText(amount) : `+${exactDollars(amount)}`;
const boundsText = (low: bigint, high: bigint): string =>
  low === high ? '-' : `${exactDollars(low)} to ${exactDollars(high)}`;
const tokensText = (tokens: bigint | null): string => (tokens === null ? '-' : tokens.toLocaleString('en-US'));

const verdicts: Readonly<Record<Verdict, string>> = {
  equal: 'equal',
  tolerated: 'tolerated',
  differs: 'differs',
  onlyOnBill: 'only on the bill',
  onlyInLedger: 'only in the ledger',
};

const tokenColumns = [right('IN BILLED'), right('IN BOOKED'), right('OUT BILLED'), right('OUT BOOKED')];

const daysTable = (days: readonly ComparedDay[]): string => {
  const hasTokens = days.some(({ input, output }) => input.billed !== null || output.billed !== null);
  return table(
    [
      { head: 'DAY' },
      { head: 'MODEL' },
      right('BILLED'),
      right('BOOKED'),
      right('BOUNDS'),
      right('DIFFERENCE'),
      ...(hasTokens ? tokenColumns : []),
      { head: '' },
    ],
    days.map((one) => [
      one.day,
      printableLine(one.model),
      moneyText(one.billedNanoUsd),
      moneyText(one.bookedNanoUsd),
      boundsText(one.lowNanoUsd, one.highNanoUsd),
      changeText(one.differenceNanoUsd),
      ...(hasTokens ? [one.input.billed, one.input.booked, one.output.billed, one.output.booked].map(tokensText) : []),
      verdicts[one.verdict],
    ]),
  );
};

const apartTable = (apart: readonly Apart[]): string =>
  table(
    [{ head: 'APART FROM MODELS' }, right('ROWS'), right('BILLED')],
    apart.map(({ why, rows, billedNanoUsd }) => [
      printableLine(why),
      rows.toLocaleString('en-US'),
      exactDollars(billedNanoUsd),
    ]),
  );

/** The answer for people. @param all Whether what agrees is shown too. */
export const reconcileText = (
  { providers, from, until, readings, reconciliation: sums, settled }: ReconciledBill,
  all: boolean,
): string => {
  const shown = all ? sums.days : sums.days.filter(({ verdict }) => verdict !== 'equal' && verdict !== 'tolerated');
  const apart = readings.flatMap(apartOf);
  const ofAll = sums.days.length.toLocaleString('en-US');
  const bounds = sums.lowNanoUsd === sums.highNanoUsd ? '' : ` (${boundsText(sums.lowNanoUsd, sums.highNanoUsd)})`;
  return [
    `${providers.join(', ')}, from ${from} until ${until}, that day left out`,
    ...(shown.length === 0 ? [] : [daysTable(shown)]),
    ...(apart.length === 0 ? [] : [apartTable(apart)]),
    ...(settled === null || settled.unsettled.length === 0 ? [] : [unsettledTable(settled.unsettled)]),
    [
      ...(settled === null ? [] : [`settled by the bill: ${settled.attempts.toLocaleString('en-US')} attempts`]),
      `models: billed ${exactDollars(sums.billedNanoUsd)}, booked ${exactDollars(sums.bookedNanoUsd)}${bounds}, difference ${changeText(sums.differenceNanoUsd)}`,
      sums.apart === 0
        ? `the bill and the ledger agree: ${ofAll} models by days`
        : `${sums.apart.toLocaleString('en-US')} of ${ofAll} models by days differ by more than is tolerated`,
    ].join('\n'),
  ].join('\n\n');
};
