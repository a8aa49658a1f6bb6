import { parseNanoUsd } from '../../kernel/index.ts';
import type { JobSummary } from '../control/JobStore.ts';
import type { Job } from './Job.ts';

const membersOf = (written: unknown): Readonly<Record<string, unknown>> =>
  typeof written === 'object' && written !== null ? Object.fromEntries(Object.entries(written)) : {};

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What a list shows of a job. */
export const summaryOf = (job: Job): JobSummary => {
  const { id, version, name, state, submittedAtMs, endedAtMs, attempts } = job;
  const { kind, team } = membersOf(job.written);
  return {
    id,
    version,
    name,
    kind: textOrNull(kind),
    team: textOrNull(team),
    state,
    site: attempts.at(-1)?.site ?? null,
    submittedAtMs,
    endedAtMs,
    attempts: attempts.length,
    costNanoUsd: attempts.reduce((sum, { costNanoUsd }) => sum + parseNanoUsd(costNanoUsd), 0n).toString(),
  };
};
