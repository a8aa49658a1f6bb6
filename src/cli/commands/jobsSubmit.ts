import { resolve } from 'node:path';
import { UnreachableError, type AdminAnswer } from '../AdminClient.ts';
import { exitCodes, type Command, type Invocation } from '../Command.ts';
import { connectHelp, connectOptions, tellFault } from '../connect.ts';
import { PatientConnection } from '../PatientConnection.ts';
import { readJobFile } from '../readJobFile.ts';
import type { WrittenFile } from '../writtenGrammar.ts';
import { record, text } from '../record.ts';

const mayBeTaken =
  'The job may have been taken all the same: look at "archipel jobs list" before it is submitted again.\n';

/** Sends a job, under a key of its own: where an answer is lost, or it is "not now", it is sent again and stays one job. */
const submit = async (invocation: Invocation, job: WrittenFile): Promise<AdminAnswer> => {
  const connection = await PatientConnection.open(invocation);
  try {
    return await connection.postOnce('/admin/v1/jobs', job, crypto.randomUUID());
  } catch (error) {
    if (error instanceof UnreachableError) invocation.terminal.err(mayBeTaken);
    throw error;
  } finally {
    await connection.close();
  }
};

export const jobsSubmit: Command = {
  name: 'jobs submit',
  summary: 'Submit a job file',
  arguments: '<file>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: connectOptions,
  optionHelp: connectHelp,
  run: async (invocation) => {
    const { positionals, options, terminal } = invocation;
    const [file = ''] = positionals;
    const reading = await readJobFile(resolve(terminal.cwd, file), file);
    if (!reading.ok) {
      for (const fault of reading.fault) terminal.err(`${fault}\n`);
      return exitCodes.usage;
    }
    const answer = await submit(invocation, reading.value);
    if (answer.status >= 400) {
      const code = tellFault(terminal, answer);
      if (answer.status === 503) terminal.err(mayBeTaken);
      return code;
    }
    const { id, state } = record(answer.body);
    terminal.out(`${options['json'] === true ? JSON.stringify(answer.body) : `${text(id)} ${text(state)}`}\n`);
    return exitCodes.ok;
  },
};
