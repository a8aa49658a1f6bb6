import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';

const faultsOf = (body: unknown): readonly unknown[] => {
  const { faults } = record(body);
  return Array.isArray(faults) ? faults : [];
};

const render = (body: unknown): string => {
  const faults = faultsOf(body);
  const checked = record(record(body)['checked']);
  const counts = Object.entries(checked).map(([name, value]) => `${text(value)} ${name}`);
  const { gone } = record(body);
  if (typeof gone === 'number' && gone > 0) counts.push(`${gone} records of months that are gone left out`);
  const head = `checked ${counts.join(', ')}: ${faults.length === 0 ? 'the ledger is whole' : `${faults.length} faults`}`;
  const told = records(faults).map(
    (fault) => `  ${text(fault['kind'])} ${text(fault['id'])}: ${text(fault['detail'])}`,
  );
  return [head, ...told].join('\n');
};

const isWhole = (body: unknown): boolean => faultsOf(body).length === 0;

export const ledgerVerify: Command = {
  name: 'ledger verify',
  summary: 'Prove the ledger against the spool',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) =>
    askAndPrint(invocation, true, (client) => client.post('/admin/v1/ledger/verify'), render, isWhole),
};
