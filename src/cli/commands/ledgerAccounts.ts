import { parseNanoUsd } from '../../kernel/index.ts';
import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { exactDollars } from '../text/dollars.ts';
import { table } from '../text/table.ts';

const figures = (row: ReturnType<typeof record>): readonly string[] =>
  ['debitNanoUsd', 'creditNanoUsd', 'balanceNanoUsd'].map((name) => exactDollars(parseNanoUsd(text(row[name]))));

/** The trial balance of the API as a table, its totals last. */
export const accountsTable = (body: unknown): string => {
  const { accounts, totals } = record(body);
  return table(
    [
      { head: 'ORGANISATION' },
      { head: 'ACCOUNT' },
      { head: 'DEBIT', right: true },
      { head: 'CREDIT', right: true },
      { head: 'BALANCE', right: true },
    ],
    [
      ...records(accounts).map((row) => [text(row['organisation']), text(row['account']), ...figures(row)]),
      ['', 'all', ...figures(record(totals))],
    ],
  );
};

const isBalanced = (body: unknown): boolean => record(record(body)['totals'])['balanceNanoUsd'] === '0';

export const ledgerAccounts: Command = {
  name: 'ledger accounts',
  summary: 'The trial balance of the ledger',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) =>
    askAndPrint(invocation, true, (client) => client.get('/admin/v1/ledger/accounts'), accountsTable, isBalanced),
};
