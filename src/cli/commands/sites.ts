import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { sitesTable } from '../text/sitesTable.ts';

export const sites: Command = {
  name: 'sites',
  summary: 'Where jobs can run, and what is taken there',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, false, (client) => client.get('/admin/v1/sites'), sitesTable),
};
