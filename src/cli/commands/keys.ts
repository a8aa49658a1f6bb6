import { textOption, UsageError, wordOption, type Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { rateNames } from '../../vocabulary/index.ts';
import { table } from '../text/table.ts';

const budgetWindows = ['hour', 'day', 'week', 'month', 'year', 'total'] as const;

const common = { positionalsMin: 1, positionalsMax: 1, arguments: '<name>' } as const;

/** "$5 a day", "$2 in any 24h for chat-* (soft)". */
const budgetText = (value: unknown): string => {
  const budget = record(value);
  const { rolling } = record(budget['window']);
  const over = typeof rolling === 'string' ? `in any ${rolling}` : `a ${text(budget['window'])}`;
  const models = Array.isArray(budget['models']) ? ` for ${budget['models'].join(', ')}` : '';
  return `$${text(budget['usd'])} ${over}${models}${budget['hard'] === true ? '' : ' (soft)'}`;
};

const budgetsText = (key: Readonly<Record<string, unknown>>): string => {
  const all = [...(key['budget'] ? [key['budget']] : []), ...records(key['budgets'])];
  return all.length === 0 ? '-' : all.map(budgetText).join(', ');
};

/** A window as a body has it: a word of the calendar, or the length of a rolling one. */
const windowOf = (options: Parameters<typeof textOption>[0]): string | { readonly rolling: string } | undefined => {
  const written = textOption(options, 'window');
  return written !== undefined && /^[1-9]\d{0,5}[mhd]$/.test(written)
    ? { rolling: written }
    : wordOption(options, 'window', budgetWindows);
};

/** Limits as they stand in the file: "rpm 60, streams 4". */
const limitsText = (value: unknown): string => {
  const limits = record(value);
  const set = rateNames.filter((name) => typeof limits[name] === 'number');
  return set.length === 0 ? '-' : set.map((name) => `${name} ${text(limits[name])}`).join(', ');
};

const listText = (body: unknown): string =>
  table(
    [
      { head: 'KEY' },
      { head: 'TEAM' },
      { head: 'MODELS' },
      { head: 'EXPIRES' },
      { head: 'BUDGET' },
      { head: 'LIMITS' },
      { head: 'STATE' },
      { head: 'MANAGED BY' },
    ],
    records(record(body)['keys']).map((key) => [
      text(key['name']),
      text(key['team']),
      Array.isArray(key['models']) ? key['models'].join(', ') : 'all',
      text(key['expires']).replace(/:00\.000Z$/, 'Z'),
      budgetsText(key),
      limitsText(key['limits']),
      text(key['state']),
      text(key['managedBy']),
    ]),
  );

const uncapped = (team: string): string =>
  `Nothing caps what it can spend: neither it, nor the team ${team}, nor its organisation has a hard budget. Make keys with --budget, or give the team one in the file.`;

const keyText = (body: unknown): string => {
  const key = record(body);
  const shown = `${text(key['key'])}\n\nThis is the only time the key ${text(key['name'])} is shown. It spends for the team ${text(key['team'])}.`;
  return Array.isArray(key['cappedBy']) && key['cappedBy'].length === 0
    ? `${shown}\n${uncapped(text(key['team']))}`
    : shown;
};

const rateOf = (options: Parameters<typeof textOption>[0], name: string): number | null => {
  const written = textOption(options, name);
  if (written === undefined) return null;
  if (!/^[1-9]\d{0,11}$/.test(written)) throw new UsageError(`--${name} takes a whole number above 0, not ${written}`);
  return Number(written);
};

export const keysList: Command = {
  name: 'keys list',
  summary: 'Keys of clients, without the keys themselves',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, true, (client) => client.get('/admin/v1/keys'), listText),
};

export const keysCreate: Command = {
  ...common,
  name: 'keys create',
  summary: 'Make a key and show it once',
  options: {
    ...connectOptions,
    team: { type: 'string' },
    models: { type: 'string' },
    expires: { type: 'string' },
    budget: { type: 'string' },
    window: { type: 'string' },
    soft: { type: 'boolean' },
    rpm: { type: 'string' },
    tpm: { type: 'string' },
    'input-tpm': { type: 'string' },
    'output-tpm': { type: 'string' },
    streams: { type: 'string' },
  },
  optionHelp: {
    team: 'team that it spends for (needed)',
    models: 'models that it may use, by commas (default all)',
    expires: 'first day on which it is no longer valid, such as 2027-01-31',
    budget: 'most US dollars that it may spend in a window, such as 5 or 0.50',
    window: `one of ${budgetWindows.join(', ')}, or the length of a rolling one, such as 24h (default month)`,
    soft: 'report spend beyond the budget instead of refusing it',
    rpm: 'most requests a minute',
    tpm: 'most tokens a minute, in and out together',
    'input-tpm': 'most tokens a minute that go in',
    'output-tpm': 'most tokens a minute that come out',
    streams: 'most requests under way at a time',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, positionals } = invocation;
    const team = textOption(options, 'team');
    if (team === undefined) throw new UsageError('say which team the key spends for: --team NAME');
    const usd = textOption(options, 'budget');
    const window = windowOf(options);
    if (usd === undefined && (window !== undefined || options['soft'] === true))
      throw new UsageError('--window and --soft are about a budget: add --budget USD');
    const body = {
      name: positionals[0],
      team,
      models:
        textOption(options, 'models')
          ?.split(',')
          .map((name) => name.trim()) ?? null,
      expires: textOption(options, 'expires') ?? null,
      budget: usd === undefined ? null : { usd, window: window ?? 'month', hard: options['soft'] !== true },
      limits: {
        rpm: rateOf(options, 'rpm'),
        tpm: rateOf(options, 'tpm'),
        inputTpm: rateOf(options, 'input-tpm'),
        outputTpm: rateOf(options, 'output-tpm'),
        streams: rateOf(options, 'streams'),
      },
    };
    return askAndPrint(invocation, true, (client) => client.post('/admin/v1/keys', body), keyText);
  },
};

export const keysRotate: Command = {
  ...common,
  name: 'keys rotate',
  summary: 'Replace a key by a new one and show it once; the old one ends',
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) =>
    askAndPrint(
      invocation,
      false,
      (client) => client.post(`/admin/v1/keys/${encodeURIComponent(invocation.positionals[0] ?? '')}/rotate`),
      keyText,
    ),
};

export const keysRotateAdmin: Command = {
  name: 'keys rotate-admin',
  summary: 'Replace the admin key of <data dir>/control.json and show it once; the old one ends',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) =>
    askAndPrint(
      invocation,
      true,
      (client) => client.post('/admin/v1/operators/control/rotate'),
      (body) =>
        `${text(record(body)['key'])}\n\nThis is the new admin key. It stands in the control file, where commands find it; whoever had the old one is out.`,
    ),
};

export const keysRevoke: Command = {
  ...common,
  name: 'keys revoke',
  summary: 'End a key at once',
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) =>
    askAndPrint(
      invocation,
      false,
      (client) => client.delete(`/admin/v1/keys/${encodeURIComponent(invocation.positionals[0] ?? '')}`),
      (body) => `The key ${text(record(body)['name'])} is revoked.`,
    ),
};
