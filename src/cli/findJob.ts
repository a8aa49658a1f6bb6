import { isUuidV7 } from '../kernel/index.ts';
import type { AdminAnswer } from './AdminClient.ts';
import { UsageError } from './Command.ts';
import { record, records, text } from './record.ts';

const namesShown = 3;

/** The id that a beginning stands for, or the answer to give where there is none. */
export type FoundJob =
  | { readonly kind: 'job'; readonly id: string }
  | { readonly kind: 'fault'; readonly answer: AdminAnswer };

const noJob = (written: string): FoundJob => ({
  kind: 'fault',
  answer: {
    status: 404,
    body: {
      error: {
        message: `There is no job whose id begins with ${written}; "archipel jobs list" shows them.`,
      },
    },
  },
});

/**
 * Finds a job by its id, or by a beginning of it that no other has. Ids that were made together begin alike.
 * @param get Asks the control plane.
 * @throws UsageError where it is none, or the beginning of several.
 */
export const findJob = async (written: string, get: (path: string) => Promise<AdminAnswer>): Promise<FoundJob> => {
  const beginning = written.toLowerCase();
  if (isUuidV7(beginning)) return { kind: 'job', id: beginning };
  if (!/^[0-9a-f][0-9a-f-]{0,35}$/.test(beginning))
    throw new UsageError(`${written} is no id of a job: "archipel jobs list" shows them`);
  const answer = await get(`/admin/v1/jobs?idPrefix=${beginning}&limit=${namesShown + 1}`);
  if (answer.status >= 400) return { kind: 'fault', answer };
  const ids = records(record(answer.body)['jobs']).map((job) => text(job['id']));
  const [id] = ids;
  if (id === undefined) return noJob(written);
  if (ids.length === 1) return { kind: 'job', id };
  const shown = ids.slice(0, namesShown).join(', ');
  const many = ids.length > namesShown ? `more than ${namesShown}` : ids.length;
  throw new UsageError(`${many} jobs begin with ${written}, such as ${shown}: write more of the id`);
};

/** Asks about one job, named by its id or the beginning of it. */
export const askAboutJob = async (
  written: string,
  get: (path: string) => Promise<AdminAnswer>,
  ask: (id: string) => Promise<AdminAnswer>,
): Promise<AdminAnswer> => {
  const found = await findJob(written, get);
  return found.kind === 'job' ? ask(found.id) : found.answer;
};
