import { jobStates, readJobStates } from '../../http/index.ts';
import { textOption, UsageError, type Command, type OptionValues } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { askAboutJob } from '../findJob.ts';
import { record, records, text } from '../record.ts';
import { explanationText } from '../text/explanationText.ts';
import { jobsTable, jobText } from '../text/jobText.ts';

const jobsDefault = 50;
const jobsMax = 1_000;

const oneJob = {
  arguments: '<job id>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: connectOptions,
  optionHelp: connectHelp,
} as const;

const limitOption = (options: OptionValues): number => {
  const written = textOption(options, 'limit') ?? String(jobsDefault);
  const limit = /^\d{1,4}$/.test(written) ? Number(written) : 0;
  if (limit < 1 || limit > jobsMax) throw new UsageError(`--limit takes a number from 1 to ${jobsMax}, not ${written}`);
  return limit;
};

const stateOption = (options: OptionValues): string | undefined => {
  const written = textOption(options, 'state');
  if (written !== undefined && readJobStates(written) === null)
    throw new UsageError(`--state takes ${jobStates.join(', ')}, or several of them with commas, not ${written}`);
  return written;
};

const listText = (body: unknown, limit: number): string => {
  const jobs = records(record(body)['jobs']);
  const shown = jobsTable(jobs);
  return jobs.length < limit ? shown : `${shown}\n\nthe newest ${limit}; see more with --limit`;
};

export const jobsList: Command = {
  name: 'jobs list',
  summary: 'Jobs, the newest first',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: { ...connectOptions, state: { type: 'string' }, limit: { type: 'string' } },
  optionHelp: {
    state: `only those that are ${jobStates.join(', ')}; several with commas`,
    limit: `how many at most, up to ${jobsMax} (default ${jobsDefault})`,
    ...connectHelp,
  },
  run: async (invocation) => {
    const state = stateOption(invocation.options);
    const limit = limitOption(invocation.options);
    const query = new URLSearchParams({ limit: String(limit), ...(state === undefined ? {} : { state }) });
    return askAndPrint(
      invocation,
      true,
      (client) => client.get(`/admin/v1/jobs?${query.toString()}`),
      (body) => listText(body, limit),
    );
  },
};

export const jobsShow: Command = {
  ...oneJob,
  name: 'jobs show',
  summary: 'One job: its attempts, what was seen of them, what was lost and what it cost',
  run: (invocation) =>
    askAndPrint(
      invocation,
      true,
      (client) =>
        askAboutJob(
          invocation.positionals[0] ?? '',
          (path) => client.get(path),
          (id) => client.get(`/admin/v1/jobs/${id}`),
        ),
      jobText,
    ),
};

export const jobsExplain: Command = {
  ...oneJob,
  name: 'jobs explain',
  summary: 'Where a job was placed and why, and why not elsewhere',
  run: (invocation) =>
    askAndPrint(
      invocation,
      true,
      (client) =>
        askAboutJob(
          invocation.positionals[0] ?? '',
          (path) => client.get(path),
          (id) => client.get(`/admin/v1/jobs/${id}/explain`),
        ),
      explanationText,
    ),
};

export const jobsCancel: Command = {
  ...oneJob,
  name: 'jobs cancel',
  summary: 'End a job: its ranks are asked to, and have their grace',
  run: (invocation) =>
    askAndPrint(
      invocation,
      false,
      (client) =>
        askAboutJob(
          invocation.positionals[0] ?? '',
          (path) => client.get(path),
          (id) => client.post(`/admin/v1/jobs/${id}/cancel`),
        ),
      (body) => `${text(record(body)['id'])} ${text(record(body)['state'])}`,
    ),
};
