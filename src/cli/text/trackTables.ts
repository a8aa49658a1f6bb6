import type { CommitmentTrack, PoolWindow, TrackedPlan } from '../../planner/index.ts';
import { table } from './table.ts';

const number = (value: number | null): string =>
  value === null
    ? '-'
    : value.toLocaleString(
        'en-US',
        Math.abs(value) >= 1_000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 },
      );

/** An exact decimal for people; the JSON has all of its digits. */
const decimal = (text: string | null): string => number(text === null ? null : Number(text));

const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(0)} %`);

const right = (head: string) => ({ head, right: true });

const monthText = ({ month, partial }: { readonly month: string; readonly partial: boolean }): string =>
  partial ? `${month} (so far)` : month;

type Row = TrackedPlan['demand'][number]['months'][number];

const placeText = ({ position, partial }: Row): string => (partial ? '' : (position ?? '?'));

const rangeColumns = [right('ACTUAL'), right('PLANNED'), right('LOW'), right('HIGH'), { head: '' }];

const rangeCells = (row: Row): readonly string[] => [
  decimal(row.actual),
  number(row.mean),
  number(row.low),
  number(row.high),
  placeText(row),
];

const demandTable = ({ demand }: TrackedPlan): string =>
  table(
    [{ head: 'DEMAND' }, { head: 'UNIT' }, { head: 'MONTH' }, ...rangeColumns],
    demand.flatMap(({ class: name, unit, months }) =>
      months.map((row) => [name, unit, monthText(row), ...rangeCells(row)]),
    ),
  );

const spendTable = ({ spend, currency }: TrackedPlan): string =>
  table(
    [{ head: `SPEND, ${currency}` }, { head: 'MONTH' }, ...rangeColumns],
    spend.flatMap(({ vendor, months, toDate }) => [
      ...months.map((row) => [vendor, monthText(row), ...rangeCells(row)]),
      [
        vendor,
        'to date',
        decimal(toDate.actual),
        number(toDate.planned),
        '',
        '',
        toDate.variance === null ? '' : `${toDate.variance > 0 ? '+' : ''}${percent(toDate.variance)}`,
      ],
    ]),
  );

const windowRow = ({ name, vendor, status }: CommitmentTrack, window: PoolWindow): readonly string[] => [
  name,
  vendor,
  status,
  window.until,
  decimal(window.due),
  decimal(window.drawn),
  number(window.planned),
  percent(window.pace),
  number(window.projected),
  number(window.shortfall),
];

const poolTable = ({ commitments, currency }: TrackedPlan): string | null => {
  const rows = commitments.flatMap((one) => one.windows.map((window) => windowRow(one, window)));
  if (rows.length === 0) return null;
  return table(
    [
      { head: `COMMITMENT, ${currency}` },
      { head: 'VENDOR' },
      { head: 'STATUS' },
      { head: 'TRUE-UP' },
      right('DUE'),
      right('DRAWN'),
      right('PLANNED'),
      right('PACE'),
      right('AT ITS END'),
      right('SHORTFALL'),
    ],
    rows,
  );
};

const capacityTable = ({ commitments, currency }: TrackedPlan): string | null => {
  const rows = commitments.flatMap(({ name, vendor, status, capacity }) =>
    capacity === null
      ? []
      : [
          [
            name,
            vendor,
            status,
            capacity.until,
            percent(capacity.utilization),
            percent(capacity.plannedUtilization),
            number(capacity.fees),
            number(capacity.idle),
            number(capacity.projectedIdle),
            number(capacity.plannedIdle),
          ],
        ],
  );
  if (rows.length === 0) return null;
  return table(
    [
      { head: `CAPACITY, ${currency}` },
      { head: 'VENDOR' },
      { head: 'STATUS' },
      { head: 'UNTIL' },
      right('USED'),
      right('PLANNED'),
      right('FEES'),
      right('IDLE'),
      right('IDLE AT ITS END'),
      right('PLANNED'),
    ],
    rows,
  );
};

const findingLines = ({ findings, onTrack }: TrackedPlan): string =>
  [
    onTrack ? 'On track: nothing to act upon.' : 'Off track:',
    ...findings.map(({ severity, sentence }) => `${severity === 'act' ? '!' : '-'} ${sentence}`),
  ].join('\n');

/** Actual figures against a plan, and what to do, as text that reads the same in a file. */
export const trackTables = (tracked: TrackedPlan): string => {
  if (tracked.months.length === 0) return `Nothing to track yet: on ${tracked.asOf} the plan has not begun.`;
  return [
    `Until ${tracked.asOf}, that day left out; planned: the mean of the scenarios, and their 10th to 90th percentile.`,
    demandTable(tracked),
    spendTable(tracked),
    poolTable(tracked),
    capacityTable(tracked),
    findingLines(tracked),
  ]
    .filter((part) => part !== null)
    .join('\n\n');
};
