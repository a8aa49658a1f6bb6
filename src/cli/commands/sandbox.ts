import { textOption, UsageError, type Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { count } from '../text/count.ts';
import { dollars } from '../text/dollars.ts';
import { table } from '../text/table.ts';

const faultName = (value: unknown): string => {
  const fault = record(value);
  const share = typeof fault['share'] === 'number' && fault['share'] < 1 ? ` (${fault['share'] * 100} %)` : '';
  return `${text(fault['fault'])}${share}`;
};

const vendorsTable = (body: unknown): string =>
  table(
    [
      { head: 'VENDOR' },
      { head: 'HOST' },
      { head: 'WIRE' },
      { head: 'FAULT' },
      { head: 'REQUESTS', right: true },
      { head: 'BILL', right: true },
    ],
    records(record(body)['vendors']).map((vendor) => [
      text(vendor['vendor']),
      text(vendor['host']),
      text(vendor['wire']),
      faultName(vendor['fault']),
      count(vendor['requests']),
      dollars(vendor['billNanoUsd']),
    ]),
  );

const numberOption = (options: Parameters<typeof textOption>[0], name: string): number | undefined => {
  const written = textOption(options, name);
  if (written === undefined) return undefined;
  const value = Number(written);
  if (written.trim() === '' || !Number.isFinite(value))
    throw new UsageError(`--${name} takes a number, not ${written}`);
  return value;
};

export const sandboxShow: Command = {
  name: 'sandbox show',
  summary: 'The simulated vendors as they count themselves',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, false, (client) => client.get('/sandbox/vendors'), vendorsTable),
};

export const sandboxFault: Command = {
  name: 'sandbox fault',
  summary: 'Break a simulated vendor, or all on a host; "none" mends it',
  arguments: '<vendor|host> <fault>',
  positionalsMin: 2,
  positionalsMax: 2,
  options: {
    ...connectOptions,
    share: { type: 'string' },
    seed: { type: 'string' },
    'after-events': { type: 'string' },
    'latency-ms': { type: 'string' },
    'retry-after-s': { type: 'string' },
  },
  optionHelp: {
    share: 'share of requests that meet the fault, 0 to 1 (default 1)',
    seed: 'seed of the draw',
    'after-events': 'content events before a fault inside a stream (default 0)',
    'latency-ms': 'latency of the fault slow',
    'retry-after-s': 'Retry-After of rate-limit',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, positionals } = invocation;
    const [name = '', fault = ''] = positionals;
    const body = {
      fault,
      share: numberOption(options, 'share'),
      seed: numberOption(options, 'seed'),
      afterEvents: numberOption(options, 'after-events'),
      latencyMs: numberOption(options, 'latency-ms'),
      retryAfterS: numberOption(options, 'retry-after-s'),
    };
    return askAndPrint(
      invocation,
      false,
      async (client) => {
        const known = records(record((await client.get('/sandbox/vendors')).body)['vendors']);
        const kind = known.some((vendor) => vendor['host'] === name) ? 'hosts' : 'vendors';
        return client.put(`/sandbox/${kind}/${encodeURIComponent(name)}`, body);
      },
      vendorsTable,
    );
  },
};
