import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { dollars } from '../text/dollars.ts';
import { hours } from '../text/hours.ts';
import { percent } from '../text/percent.ts';
import { table } from '../text/table.ts';

/** Contracts of the API as a table. */
export const contractsTable = (body: unknown): string => {
  const contracts = records(record(body)['contracts']);
  return contracts.length === 0 ? 'none' : tableOf(contracts);
};

/** What was drawn, and what can still be: dollars, or a slot's accelerator-hours of those reserved so far, and those to come. */
const drawnAndLeft = (contract: ReturnType<typeof record>): readonly [drawn: string, left: string] =>
  typeof contract['drawnHours'] === 'number'
    ? [
        `${hours(contract['drawnHours'])} h of ${hours(contract['reservedHours'])} h`,
        `${hours(contract['remainingHours'])} h`,
      ]
    : [dollars(contract['drawnNanoUsd']), dollars(contract['remainingNanoUsd'])];

const tableOf = (rows: ReturnType<typeof records>): string =>
  table(
    [
      { head: 'CONTRACT' },
      { head: 'KIND' },
      { head: 'VENDOR' },
      { head: 'COMMITTED', right: true },
      { head: 'DUE NOW', right: true },
      { head: 'DRAWN', right: true },
      { head: 'LEFT', right: true },
      { head: 'ELAPSED', right: true },
      { head: 'UNTIL' },
    ],
    rows.map((contract) => [
      text(contract['id']),
      text(contract['kind']),
      text(contract['vendor']),
      contract['committedNanoUsd'] === null ? text(contract['commitment']) : dollars(contract['committedNanoUsd']),
      dollars(contract['dueNanoUsd']),
      ...drawnAndLeft(contract),
      percent(contract['elapsedShare']),
      text(contract['windowUntil']).slice(0, 10),
    ]),
  );

export const contracts: Command = {
  name: 'contracts',
  summary: 'Contracts and how far they are drawn down',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, true, (client) => client.get('/admin/v1/contracts'), contractsTable),
};
