import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, text } from '../record.ts';

export const reload: Command = {
  name: 'reload',
  summary: 'Take the configuration file anew, whole or not at all',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: { ...connectOptions, force: { type: 'boolean' } },
  optionHelp: {
    ...connectHelp,
    force: 'also where the file takes away most targets, all keys, or all that serves a model',
  },
  run: (invocation) =>
    askAndPrint(
      invocation,
      false,
      (client) => client.post('/admin/v1/reload', { force: invocation.options['force'] === true }),
      (body) => `The configuration ${text(record(body)['hash']).slice(0, 12)} is in force.`,
    ),
};
