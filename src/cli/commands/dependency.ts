import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { dollars } from '../text/dollars.ts';
import { percent } from '../text/percent.ts';
import { table } from '../text/table.ts';
import { takenForGranted } from '../text/takenForGranted.ts';

type Row = Readonly<Record<string, unknown>>;

/** Shares of the API as a table: one row a name, grouped by dimension; null where there is none. @param isShown Which rows. */
export const dependencyTable = (body: unknown, isShown: (row: Row) => boolean = () => true): string | null => {
  const dimensions = record(record(body)['dimensions']);
  const rows = Object.entries(dimensions).flatMap(([dimension, names]) =>
    records(names)
      .filter(isShown)
      .map((row) => [
        dimension,
        text(row['name']),
        dollars(row['spentNanoUsd']),
        percent(row['share']),
        row['cap'] === null ? '-' : percent(row['cap']),
        row['over'] === true ? 'over' : '',
      ]),
  );
  if (rows.length === 0) return null;
  return table(
    [
      { head: 'DIMENSION' },
      { head: 'NAME' },
      { head: 'SPENT', right: true },
      { head: 'SHARE', right: true },
      { head: 'CAP', right: true },
      { head: '' },
    ],
    rows,
  );
};

const figure = (value: unknown): string => (typeof value === 'number' ? value.toFixed(2) : '-');

/** How much of the last days each dimension's largest had, in all three measures, and how concentrated that is. */
const concentrationTable = (body: unknown): string | null => {
  const measured = record(record(body)['measured']);
  const hhi = record(measured['hhi']);
  const dimensions = record(measured['dimensions']);
  const rows = Object.entries(dimensions).flatMap(([dimension, names]) => {
    const [largest] = records(names);
    if (largest === undefined) return [];
    const of = record(hhi[dimension]);
    const { name, spendShare, tokensShare, requestsShare } = largest;
    return [
      [
        dimension,
        text(name),
        ...[spendShare, tokensShare, requestsShare].map(percent),
        `${figure(of['spend'])} / ${figure(of['tokens'])} / ${figure(of['requests'])}`,
      ],
    ];
  });
  if (rows.length === 0) return null;
  return table(
    [
      { head: 'LAST 7 DAYS' },
      { head: 'LARGEST' },
      { head: 'SPEND', right: true },
      { head: 'TOKENS', right: true },
      { head: 'REQUESTS', right: true },
      { head: 'HHI OF EACH', right: true },
    ],
    rows,
  );
};

/** What would still be served without each. */
const withoutTable = (body: unknown): string | null => {
  const outcomes = records(record(body)['without']).filter(
    ({ requests }) => typeof requests === 'number' && requests > 0,
  );
  if (outcomes.length === 0) return null;
  const rows = outcomes.map(({ lost, possibleShare, certainShare, unmeasured }) => [
    listOf(lost),
    percent(possibleShare),
    percent(certainShare),
    listOf(unmeasured),
  ]);
  return table(
    [
      { head: 'WITHOUT' },
      { head: 'AT MOST SERVED', right: true },
      { head: 'FOR CERTAIN', right: true },
      { head: 'NEVER MEASURED' },
    ],
    rows,
  );
};

const listOf = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : '');

const verdicts: Readonly<Record<string, string>> = {
  holds: 'holds',
  fails: 'does not hold',
  unknown: 'may hold: not all that is left was ever measured',
};

const resilienceLine = (body: unknown): string | null => {
  const { lostVendors, servedShare, verdict, worst } = record(record(body)['resilience']);
  if (typeof verdict !== 'string') return null;
  const at = worst === null ? '' : ` Worst is without ${listOf(record(worst)['lost'])}.`;
  return `policy.resilience (${percent(servedShare)} with ${text(lostVendors)} lost) ${verdicts[verdict] ?? verdict}.${at}`;
};

const unmeasuredLine = (body: unknown): string | null =>
  record(body)['measured'] === null
    ? 'The last 7 days are still being measured, or the database is away: ask again in a minute.'
    : null;

const measure = (body: unknown): string =>
  `Shares are measured against at least ${dollars(record(body)['measuredAtLeastNanoUsd'])} a window: of less, any request would be too large a share.`;

export const dependency: Command = {
  name: 'dependency',
  summary: 'Shares of vendors, hosts, jurisdictions and labs against the caps, and what is served without each',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) =>
    askAndPrint(
      invocation,
      true,
      (client) => client.get('/admin/v1/dependency'),
      (body) =>
        [
          dependencyTable(body) ?? 'nothing to depend on',
          measure(body),
          unmeasuredLine(body),
          concentrationTable(body),
          withoutTable(body),
          resilienceLine(body),
          takenForGranted(record(body)['assumptions']),
        ]
          .filter((part) => part !== null)
          .join('\n\n'),
    ),
};
