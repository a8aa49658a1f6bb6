import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { errorMessage } from '../../kernel/index.ts';
import { offerLimits } from '../../placement/index.ts';
import { textOption, UsageError, type Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { count } from '../text/count.ts';
import { dollars } from '../text/dollars.ts';
import { table } from '../text/table.ts';

/** @throws UsageError where it cannot be read. */
const listOfFile = (cwd: string, file: string): string => {
  const path = resolve(cwd, file);
  try {
    const { size } = statSync(path);
    if (size > offerLimits.listBytes)
      throw new UsageError(`${file} has ${size} bytes: a list has at most ${offerLimits.listBytes}`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read: ${errorMessage(error)}`);
  }
};

const warningLines = (warnings: unknown): readonly string[] =>
  Array.isArray(warnings) ? warnings.map((warning) => `warning: ${text(warning)}`) : [];

const datedName = (list: ReturnType<typeof record>): string =>
  typeof list['date'] === 'string' ? `${text(list['name'])} ${list['date']}` : text(list['name']);

const importedText = (body: unknown): string => {
  const list = record(body);
  const said = `imported ${datedName(list)}: ${count(list['rows'])} offers, ${count(list['priced'])} of them with a price`;
  return [...warningLines(list['warnings']), said].join('\n');
};

const listsTable = (lists: ReturnType<typeof records>): string =>
  table(
    [
      { head: 'LIST' },
      { head: 'PRICES OF' },
      { head: 'IMPORTED' },
      { head: 'OFFERS', right: true },
      { head: 'PRICED', right: true },
    ],
    lists.map((list) => [
      text(list['name']),
      text(list['date']),
      text(list['importedAt']).slice(0, 10),
      count(list['rows']),
      count(list['priced']),
    ]),
  );

const spotText = (offer: ReturnType<typeof record>): string =>
  `${dollars(offer['spotHourNanoUsd'])}${offer['spotEstimated'] === true ? ' (estimated)' : ''}`;

const offersTable = (offers: ReturnType<typeof records>): string =>
  table(
    [
      { head: 'ACCELERATOR' },
      { head: 'CLOUD' },
      { head: 'REGION' },
      { head: 'INSTANCE' },
      { head: 'COUNT', right: true },
      { head: 'PER ACCELERATOR-HOUR', right: true },
      { head: 'SPOT', right: true },
      { head: 'SOURCE' },
    ],
    offers.map((offer) => [
      text(offer['accelerator']),
      text(offer['cloud']),
      text(offer['region']),
      text(offer['instance']),
      count(offer['count']),
      dollars(offer['hourNanoUsd']),
      spotText(offer),
      text(offer['source']),
    ]),
  );

const listedText = (body: unknown): string => {
  const { lists, offers, matched } = record(body);
  const known = records(lists);
  if (known.length === 0) return 'none; import a list with "archipel offers import <file>"';
  const shown = records(offers);
  const more = typeof matched === 'number' ? matched - shown.length : 0;
  return [
    listsTable(known),
    shown.length === 0 ? 'no offer of this kind' : offersTable(shown),
    ...(more > 0 ? [`and ${count(more)} more; ask for one kind with --accelerator`] : []),
  ].join('\n\n');
};

export const offersImport: Command = {
  name: 'offers import',
  summary: 'Take over a list of what accelerators cost; one of the same name is replaced',
  arguments: '<file>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: { ...connectOptions, name: { type: 'string' }, date: { type: 'string' } },
  optionHelp: {
    name: "name of the list (default the file's name)",
    date: 'day of the prices, such as 2026-07-02',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, positionals, terminal } = invocation;
    const [file = ''] = positionals;
    const body = {
      name: textOption(options, 'name') ?? basename(file).replace(/\.csv$/i, ''),
      date: textOption(options, 'date') ?? null,
      csv: listOfFile(terminal.cwd, file),
    };
    return askAndPrint(invocation, true, (client) => client.put('/admin/v1/offers', body), importedText);
  },
};

export const offersList: Command = {
  name: 'offers list',
  summary: 'Imported offers, the cheapest first',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: { ...connectOptions, accelerator: { type: 'string' } },
  optionHelp: { accelerator: 'only this kind, such as H100', ...connectHelp },
  run: (invocation) => {
    const kind = textOption(invocation.options, 'accelerator');
    const query = kind === undefined ? '' : `?accelerator=${encodeURIComponent(kind)}`;
    return askAndPrint(invocation, true, (client) => client.get(`/admin/v1/offers${query}`), listedText);
  },
};
