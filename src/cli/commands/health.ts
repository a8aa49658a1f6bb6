import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { count } from '../text/count.ts';
import { percent } from '../text/percent.ts';
import { table } from '../text/table.ts';

type Scope = Readonly<Record<string, unknown>>;

const nothing = '-';

/** "healthy", or "benched 0.8 s (server_error)". */
const stateOf = ({ state, leftMs, cause }: Scope): string => {
  if (state === 'healthy') return text(state);
  const left = typeof leftMs === 'number' && leftMs > 0 ? ` ${(leftMs / 1_000).toFixed(1)} s` : '';
  return `${text(state)}${left} (${text(cause)})`;
};

const whole = (value: unknown): string => (typeof value === 'number' ? count(Math.round(value)) : nothing);

const targetRow = (scope: Scope): readonly string[] => [
  text(scope['name']),
  stateOf(scope),
  percent(scope['failureRate']),
  whole(scope['firstContentMs']),
  typeof scope['slowness'] === 'number' ? `x ${scope['slowness'].toFixed(1)}` : nothing,
];

const domainRow = (scope: Scope): readonly string[] => {
  const { requestsPerMinute, tokensPerMinute, limited } = record(scope['capacity'] ?? {});
  const orMore = limited === true ? '' : '+';
  const measured = (value: unknown): string => (typeof value === 'number' ? `${count(value)}${orMore}` : nothing);
  return [
    text(scope['name']),
    stateOf(scope),
    whole(scope['inFlight']),
    whole(scope['concurrencyLimit']),
    measured(requestsPerMinute),
    measured(tokensPerMinute),
  ];
};

const targetColumns = [
  { head: 'TARGET' },
  { head: 'STATE' },
  { head: 'FAILURES', right: true },
  { head: 'FIRST CONTENT MS', right: true },
  { head: 'SLOWER', right: true },
];

const latencyRow = (latency: Scope): readonly string[] => {
  const [first, rate] = [record(latency['firstMs']), record(latency['tokensPerS'])];
  return [
    text(latency['target']),
    whole(latency['answers']),
    ...[first['p50'], first['p90'], rate['p50'], rate['p90']].map(whole),
  ];
};

const latencyColumns = [
  { head: 'TARGET' },
  { head: 'ANSWERS', right: true },
  { head: 'FIRST TOKEN MS, HALF', right: true },
  { head: '90 %', right: true },
  { head: 'TOKENS/S, HALF', right: true },
  { head: '90 %', right: true },
];

const domainColumns = [
  { head: 'QUOTA DOMAIN' },
  { head: 'STATE' },
  { head: 'UNDER WAY', right: true },
  { head: 'LIMIT', right: true },
  { head: 'REQUESTS/MIN', right: true },
  { head: 'TOKENS/MIN', right: true },
];

/** Health of the API as tables of targets, credentials and quota domains. */
export const healthTables = (body: unknown): string => {
  const scopes = records(record(body)['scopes']);
  const latencies = records(record(body)['latencies']);
  const of = (kind: string): readonly Scope[] => scopes.filter(({ scope }) => scope === kind);
  if (scopes.length === 0) return 'nothing was asked of any target yet';
  return [
    table(targetColumns, of('target').map(targetRow)),
    ...(latencies.length === 0 ? [] : [table(latencyColumns, latencies.map(latencyRow))]),
    table(
      [{ head: 'CREDENTIAL' }, { head: 'STATE' }],
      of('credential').map((one) => [text(one['name']), stateOf(one)]),
    ),
    `${table(domainColumns, of('quota').map(domainRow))}\n\nWhat a quota domain served in its busiest minute; + where its vendor never refused more.`,
  ].join('\n\n');
};

export const health: Command = {
  name: 'health',
  summary: 'What live traffic taught of targets, credentials and quota domains',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, true, (client) => client.get('/admin/v1/health'), healthTables),
};
