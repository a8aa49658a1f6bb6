import { record, records, text } from '../record.ts';
import { count } from './count.ts';
import { dollars } from './dollars.ts';
import { percent } from './percent.ts';
import { table } from './table.ts';
import { takenForGranted } from './takenForGranted.ts';

type Fields = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : '-');

const milliseconds = (value: unknown): string => (typeof value === 'number' ? `${value.toFixed(0)} ms` : '-');

const addedShare = ({ amountNanoUsd, usualNanoUsd }: Fields): number | null =>
  typeof amountNanoUsd === 'string' && typeof usualNanoUsd === 'string' && usualNanoUsd !== '0'
    ? Number(amountNanoUsd) / Number(usualNanoUsd) - 1
    : null;

/** What of a report reads as one line after the other. */
const headLines = (report: Fields): readonly (readonly [string, string])[] => {
  const latency = record(report['addedLatency']);
  const unserved = record(report['unserved']);
  const caps = Object.entries(record(report['capsBroken']));
  return [
    ['without', listOf(report['without'])],
    ...(report['kind'] === 'replay'
      ? ([['scenario', text(report['scenario'])]] as const)
      : ([['state', text(report['state'])]] as const)),
    ['requests', count(report['requests'])],
    [
      'served',
      report['requests'] === 0 ? 'no requests' : `${count(report['served'])} (${percent(report['servedShare'])})`,
    ],
    ...(report['kind'] === 'replay'
      ? ([
          ['not served', `${count(unserved['nobody'])} nobody left, ${count(unserved['capacity'])} at limits`],
          ['moved', count(report['moved'])],
          [
            'cost',
            `${dollars(report['amountNanoUsd'])}, usually ${dollars(report['usualNanoUsd'])} (${percent(addedShare(report))} more)`,
          ],
          [
            'added latency',
            `${milliseconds(latency['meanFirstContentMs'])} to the first content, ${milliseconds(latency['meanDurationMs'])} to the end`,
          ],
          ['caps broken', caps.length === 0 ? 'none' : caps.map(([cap, times]) => `${cap}: ${text(times)}`).join('; ')],
        ] as const)
      : ([
          ['injected faults', `${count(report['faults'])} of ${count(report['attempts'])} attempts`],
          ['cost', dollars(report['amountNanoUsd'])],
        ] as const)),
  ];
};

const hurtTable = (head: string, value: unknown): string | null => {
  const rows = records(value).filter(
    ({ requests, served, moved }) => requests !== served || (typeof moved === 'number' && moved > 0),
  );
  if (rows.length === 0) return null;
  return table(
    [
      { head },
      { head: 'REQUESTS', right: true },
      { head: 'SERVED', right: true },
      { head: 'MOVED', right: true },
      { head: 'ADDED', right: true },
    ],
    rows.map((row) => [
      text(row['name']),
      count(row['requests']),
      percent(row['servedShare']),
      count(row['moved']),
      dollars(row['addedNanoUsd']),
    ]),
  );
};

/** A drill of the API for people. */
export const drillText = (body: unknown): string => {
  const drill = record(body);
  const report = record(drill['report']);
  const lines = [['drill', text(drill['id'])] as const, ...headLines(report)];
  const width = Math.max(...lines.map(([name]) => name.length));
  const assumptions: readonly unknown[] = Array.isArray(report['assumptions']) ? report['assumptions'] : [];
  const unmeasured =
    Array.isArray(report['unmeasuredDomains']) && report['unmeasuredDomains'].length > 0
      ? [`Never seen at a limit, and taken to take everything: ${listOf(report['unmeasuredDomains'])}.`]
      : [];
  return [
    lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n'),
    hurtTable('MODEL', report['models']),
    hurtTable('TEAM', report['teams']),
    hurtTable('KEY', report['keys']),
    hurtTable('HOUR', report['hours']),
    takenForGranted([...assumptions, ...unmeasured]),
  ]
    .filter((part) => part !== null)
    .join('\n\n');
};

/** Drills of the API, one a row. */
export const drillsTable = (body: unknown): string => {
  const rows = records(record(body)['drills']).map(({ id, startedAt, startedBy, report }) => {
    const { kind, state, without, requests, servedShare } = record(report);
    return [
      text(id),
      text(kind),
      text(state),
      text(startedAt),
      text(startedBy),
      listOf(without),
      count(requests),
      requests === 0 ? '-' : percent(servedShare),
    ];
  });
  if (rows.length === 0) return 'none';
  return table(
    [
      { head: 'DRILL' },
      { head: 'KIND' },
      { head: 'STATE' },
      { head: 'STARTED' },
      { head: 'BY' },
      { head: 'WITHOUT' },
      { head: 'REQUESTS', right: true },
      { head: 'SERVED', right: true },
    ],
    rows,
  );
};

/** What a served request cost on the average, in nano-USD; null where none was. */
const costEach = ({ amountNanoUsd, served }: Fields): number | null =>
  typeof amountNanoUsd === 'string' && typeof served === 'number' && served > 0 ? Number(amountNanoUsd) / served : null;

/** How far two reports are apart. */
export interface DrillDistance {
  /** Null where no request met the drill. */
  readonly servedShare: readonly [number | null, number | null];
  /** What a served request cost on the average. Nano-USD; null where none was served. */
  readonly costEachNanoUsd: readonly [number | null, number | null];
  /** Difference of the served shares, in points of 1. Null where one of them is not known. */
  readonly servedApart: number | null;
  /** Difference of the cost of a served request, as a share of the first. Null where one of them served none. */
  readonly costApart: number | null;
}

const servedShareOf = ({ requests, servedShare }: Fields): number | null =>
  typeof servedShare === 'number' && requests !== 0 ? servedShare : null;

export const distanceOf = (one: unknown, other: unknown): DrillDistance => {
  const [first, second] = [one, other].map((drill) => record(record(drill)['report']));
  const [servedFirst, servedSecond] = [servedShareOf(first ?? {}), servedShareOf(second ?? {})];
  const [costFirst, costSecond] = [costEach(first ?? {}), costEach(second ?? {})];
  return {
    servedShare: [servedFirst, servedSecond],
    costEachNanoUsd: [costFirst, costSecond],
    servedApart: servedFirst === null || servedSecond === null ? null : Math.abs(servedFirst - servedSecond),
    costApart: costFirst === null || costSecond === null ? null : Math.abs(costSecond / costFirst - 1),
  };
};

/** The distance as a table. */
export const distanceTable = ({ servedShare, costEachNanoUsd, servedApart, costApart }: DrillDistance): string => {
  const cost = (value: number | null): string => (value === null ? '-' : dollars(String(Math.round(value))));
  return table(
    [{ head: '' }, { head: 'FIRST', right: true }, { head: 'SECOND', right: true }, { head: 'APART', right: true }],
    [
      ['served', ...servedShare.map(percent), percent(servedApart)],
      ['cost of a served request', ...costEachNanoUsd.map(cost), percent(costApart)],
    ],
  );
};
