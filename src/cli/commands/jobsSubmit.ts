import { resolve } from 'node:path';
import { UnreachableError, type AdminAnswer, type AdminClient } from '../AdminClient.ts';
import { exitCodes, type Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { readJobFile, type WrittenJob } from '../readJobFile.ts';
import { record, text } from '../record.ts';

/** Sends a job. Where the answer is lost it is sent once more: under the same key it stays one job. */
const submit = async (client: AdminClient, job: WrittenJob): Promise<AdminAnswer> => {
  const options = { headers: { 'idempotency-key': crypto.randomUUID() } };
  try {
    return await client.post('/admin/v1/jobs', job, options);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return client.post('/admin/v1/jobs', job, options);
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
    const { positionals, terminal } = invocation;
    const [file = ''] = positionals;
    const reading = await readJobFile(resolve(terminal.cwd, file), file);
    if (!reading.ok) {
      for (const fault of reading.fault) terminal.err(`${fault}\n`);
      return exitCodes.usage;
    }
    return askAndPrint(
      invocation,
      false,
      (client) => submit(client, reading.value),
      (body) => `${text(record(body)['id'])} ${text(record(body)['state'])}`,
    );
  },
};
