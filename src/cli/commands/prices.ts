import { listPrices, type ShownPrice } from '../../app/index.ts';
import { divideHalfEven, formatUsd, isUuidV7, parseNanoUsd, parseRatio } from '../../kernel/index.ts';
import { exitCodes, textOption, UsageError, type Command } from '../Command.ts';
import { connect, connectHelp, connectOptions, tellFault } from '../connect.ts';
import { dayOptionMs } from '../dayOption.ts';
import { record, records, text } from '../record.ts';
import { perMillion, pricesText } from '../text/pricesText.ts';
import { printable } from '../text/printable.ts';
import { table } from '../text/table.ts';
import { correctionsUnknown } from './why.ts';

/** An amount to the last nano-dollar. */
const exact = (nanoUsd: bigint): string => (nanoUsd < 0n ? `-$${formatUsd(-nanoUsd, 9)}` : `$${formatUsd(nanoUsd, 9)}`);

const million = 1_000_000n;

/** What a line comes to by its own figures. */
const lineSum = (line: ReturnType<typeof record>): bigint => {
  const { numerator, denominator } = parseRatio(text(line['discount']));
  const product = BigInt(text(line['units'])) * parseNanoUsd(text(line['priceNanoUsdPerMillion']));
  return divideHalfEven(product * (denominator - numerator), million * denominator);
};

const sumOf = (amounts: readonly ReturnType<typeof record>[]): bigint =>
  amounts.reduce((total, one) => total + parseNanoUsd(text(one['amountNanoUsd'])), 0n);

interface Explained {
  readonly lines: readonly string[];
  /** What does not add up. */
  readonly faults: readonly string[];
}

const columns = [
  { head: '  BUCKET' },
  { head: 'UNITS', right: true },
  { head: '$ PER MILLION', right: true },
  { head: 'DISCOUNT', right: true },
  { head: 'AMOUNT', right: true },
  { head: 'PRICE OF' },
];

/** The lines of an attempt, or of a correction of one, added up. */
const explainLines = (of: ReturnType<typeof record>, name: string): Explained => {
  const faults: string[] = [];
  let sum = 0n;
  const rows = records(of['lines']).map((line) => {
    const amount = parseNanoUsd(text(line['amountNanoUsd']));
    sum += amount;
    const own = lineSum(line);
    if (own !== amount)
      faults.push(`${name}: ${text(line['bucket'])} says ${amount}, its figures come to ${own} nano-USD`);
    return [
      `  ${text(line['bucket'])}`,
      text(line['units']),
      perMillion(text(line['priceNanoUsdPerMillion'])),
      text(line['discount']),
      exact(amount),
      text(line['source']),
    ];
  });
  const total = parseNanoUsd(text(of['amountNanoUsd']));
  if (sum !== total) faults.push(`${name} says ${total}, its lines come to ${sum} nano-USD`);
  return { lines: rows.length === 0 ? [] : [table(columns, rows)], faults };
};

const explainCorrection = (correction: ReturnType<typeof record>, name: string): Explained => {
  const amount = exact(parseNanoUsd(text(correction['amountNanoUsd'])));
  const head = `  correction ${text(correction['revision'])}: ${amount} (${text(correction['reason'])})`;
  // What a bill came to has no units: its lines are only added up.
  const sum = sumOf(records(correction['lines']));
  const total = parseNanoUsd(text(correction['amountNanoUsd']));
  const fault = `a correction of ${name} says ${total}, its lines come to ${sum} nano-USD`;
  return { lines: [head], faults: sum === total ? [] : [fault] };
};

const explainAttempt = (
  attempt: ReturnType<typeof record>,
  corrections: readonly ReturnType<typeof record>[],
): Explained => {
  const name = `attempt ${text(attempt['attempt'])}`;
  const parts = [
    explainLines(attempt, name),
    ...corrections
      .filter(({ attemptId }) => attemptId === attempt['attemptId'])
      .map((correction) => explainCorrection(correction, name)),
  ];
  const total = parseNanoUsd(text(attempt['amountNanoUsd']));
  const [low, high] = Array.isArray(attempt['rangeNanoUsd']) ? attempt['rangeNanoUsd'].map(text) : [];
  const range =
    low === high || low === undefined || high === undefined
      ? ''
      : `, between ${exact(parseNanoUsd(low))} and ${exact(parseNanoUsd(high))}`;
  const tier = typeof attempt['servedTier'] === 'string' ? `, served as ${attempt['servedTier']}` : '';
  const head = `${name} at ${text(attempt['provider'])}/${text(attempt['targetModel'])}${tier}: ${exact(total)} (${text(attempt['basis'])}${range})`;
  return { lines: [head, ...parts.flatMap(({ lines }) => lines)], faults: parts.flatMap(({ faults }) => faults) };
};

export const pricesExplain: Command = {
  name: 'prices explain',
  summary: 'What a request cost, line by line, added up anew',
  arguments: '<request id>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: connectOptions,
  optionHelp: connectHelp,
  run: async (invocation) => {
    const [id = ''] = invocation.positionals;
    const { terminal, options } = invocation;
    if (!isUuidV7(id))
      throw new UsageError(`${id} is no request id: it stands in the header x-archipel-request-id of each answer`);
    const connection = await connect(invocation, true);
    try {
      const { status, body } = await connection.client.get(`/admin/v1/requests/${id}`);
      if (status >= 400) return tellFault(terminal, { status, body });
      const shown = record(printable(body));
      const [attempts, corrections] = [records(shown['attempts']), records(shown['corrections'])];
      const explained = attempts.map((attempt) => explainAttempt(attempt, corrections));
      const faults = explained.flatMap((one) => one.faults);
      const sum = sumOf([...attempts, ...corrections]);
      const isCorrected = corrections.length > 0 || shown['corrections'] === null;
      const corrected = isCorrected ? { corrections: shown['corrections'] } : {};
      const said = {
        requestId: id,
        amountNanoUsd: sum.toString(),
        addsUp: faults.length === 0,
        faults,
        attempts,
        ...corrected,
      };
      const lines = [...explained.flatMap((one) => [...one.lines, '']), `request ${id}: ${exact(sum)}`];
      terminal.out(`${options['json'] === true ? JSON.stringify(said) : lines.join('\n')}\n`);
      const notes = shown['corrections'] === null ? [correctionsUnknown] : [];
      for (const note of [...faults, ...notes]) terminal.err(`archipel: ${note}\n`);
      return faults.length === 0 ? exitCodes.ok : exitCodes.failed;
    } finally {
      await connection.close();
    }
  },
};

const priceRow = ({
  vendor,
  model,
  region,
  tier,
  aboveTokens,
  from,
  until,
  nanoUsdPerMillion,
  source,
}: ShownPrice): readonly string[] => [
  vendor,
  model,
  region ?? '',
  tier ?? '',
  aboveTokens === null ? '' : `> ${aboveTokens}`,
  `${from ?? ''}${until === null ? '' : ` until ${until}`}`,
  pricesText(nanoUsdPerMillion),
  source,
];

const priceColumns = ['VENDOR', 'MODEL', 'REGION', 'TIER', 'TOKENS IN', 'FROM', '$ PER MILLION', 'SOURCE'].map(
  (head) => ({ head }),
);

export const pricesList: Command = {
  name: 'prices list',
  summary: 'Prices in force: of the file, of its lists, and those that the program ships with',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    config: { type: 'string' },
    vendor: { type: 'string' },
    model: { type: 'string' },
    at: { type: 'string' },
  },
  optionHelp: {
    config: 'configuration file (else ARCHIPEL_CONFIG, else ./archipel.yaml)',
    vendor: 'only what this vendor sells',
    model: "only this model, by the vendor's name",
    at: 'prices of this day, UTC (default now)',
  },
  run: async ({ options, terminal }) => {
    const prices = await listPrices({
      config: textOption(options, 'config'),
      env: terminal.env,
      cwd: terminal.cwd,
      vendor: textOption(options, 'vendor'),
      model: textOption(options, 'model'),
      atMs: dayOptionMs(options, 'at') ?? Date.now(),
    });
    if (!prices.ok) {
      for (const fault of prices.fault) terminal.err(`${fault}\n`);
      return exitCodes.usage;
    }
    const { value } = prices;
    const shown =
      value.length === 0 ? 'none; what has no price goes by policy.unpriced' : table(priceColumns, value.map(priceRow));
    terminal.out(`${options['json'] === true ? JSON.stringify({ prices: value }) : shown}\n`);
    return exitCodes.ok;
  },
};
