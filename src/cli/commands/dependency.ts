import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { dollars } from '../text/dollars.ts';
import { percent } from '../text/percent.ts';
import { table } from '../text/table.ts';

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

const measure = (body: unknown): string =>
  `Shares are measured against at least ${dollars(record(body)['measuredAtLeastNanoUsd'])} a window: of less, any request would be too large a share.`;

export const dependency: Command = {
  name: 'dependency',
  summary: 'Shares of vendors, hosts, jurisdictions and labs against the caps',
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
      (body) => `${dependencyTable(body) ?? 'nothing to depend on'}\n\n${measure(body)}`,
    ),
};
