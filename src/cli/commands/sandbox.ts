import type { AdminAnswer, AdminClient } from '../AdminClient.ts';
import { textOption, UsageError, type Command, type OptionValues } from '../Command.ts';
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

const sitesTable = (sites: ReturnType<typeof records>): string =>
  table(
    [{ head: 'SITE' }, { head: 'VENDOR' }, { head: 'FAULT' }],
    sites.map((site) => [text(site['name']), text(site['vendor']), text(site['fault'])]),
  );

/** Vendors as a table, and sites as another where there are any. */
const sandboxText = (body: unknown): string => {
  const { vendors, sites } = record(body);
  const shownSites = records(sites);
  return [
    ...(vendors === undefined ? [] : [vendorsTable(body)]),
    ...(shownSites.length === 0 ? [] : [sitesTable(shownSites)]),
  ].join('\n\n');
};

/** Vendors and sites in one answer. */
const all = async (client: AdminClient): Promise<AdminAnswer> => {
  const vendors = await client.get('/sandbox/vendors');
  if (vendors.status >= 400) return vendors;
  const sites = await client.get('/sandbox/sites');
  return sites.status >= 400 ? sites : { status: 200, body: { ...record(vendors.body), ...record(sites.body) } };
};

const numberOption = (options: OptionValues, name: string): number | undefined => {
  const written = textOption(options, name);
  if (written === undefined) return undefined;
  const value = Number(written);
  if (written.trim() === '' || !Number.isFinite(value))
    throw new UsageError(`--${name} takes a number, not ${written}`);
  return value;
};

export const sandboxShow: Command = {
  name: 'sandbox show',
  summary: 'The simulated vendors as they count themselves, and the simulated sites',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, false, all, sandboxText),
};

/** What of the options only vendors know. */
interface VendorFault {
  readonly share: number | undefined;
  readonly seed: number | undefined;
  readonly afterEvents: number | undefined;
  readonly latencyMs: number | undefined;
  readonly retryAfterS: number | undefined;
}

const vendorFault = (options: OptionValues): VendorFault => ({
  share: numberOption(options, 'share'),
  seed: numberOption(options, 'seed'),
  afterEvents: numberOption(options, 'after-events'),
  latencyMs: numberOption(options, 'latency-ms'),
  retryAfterS: numberOption(options, 'retry-after-s'),
});

/** Breaks what has this name: a vendor or a host, and a site only where none of these is called so. */
const breakNamed = async (
  client: AdminClient,
  name: string,
  fault: string,
  details: VendorFault,
): Promise<AdminAnswer> => {
  const known = await all(client);
  if (known.status >= 400) return known;
  const { vendors, sites } = record(known.body);
  const path = encodeURIComponent(name);
  if (records(vendors).some((one) => one['host'] === name))
    return client.put(`/sandbox/hosts/${path}`, { fault, ...details });
  const isSite = records(sites).some((one) => one['name'] === name);
  if (!isSite || records(vendors).some((one) => one['vendor'] === name))
    return client.put(`/sandbox/vendors/${path}`, { fault, ...details });
  if (Object.values(details).some((detail) => detail !== undefined))
    throw new UsageError(`${name} is a site: it is broken whole, and takes the name of the fault alone`);
  return client.put(`/sandbox/sites/${path}`, { fault });
};

export const sandboxFault: Command = {
  name: 'sandbox fault',
  summary: 'Break a simulated vendor, all on a host, or a site; "none" mends it',
  arguments: '<vendor|host|site> <fault>',
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
    const details = vendorFault(options);
    return askAndPrint(invocation, false, (client) => breakNamed(client, name, fault, details), sandboxText);
  },
};
