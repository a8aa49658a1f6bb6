import { exitCodes, type ExitCode } from './Command.ts';
import { record } from './record.ts';
import { count } from './text/count.ts';
import { percent } from './text/percent.ts';

/** Why a live drill did not last as long as was asked, and what the command that began it ends with. */
export interface CutShort {
  readonly why: string;
  readonly code: ExitCode;
}

/**
 * Null for a drill that lasted its time, or still runs.
 * @param body The drill, as the API tells of it.
 * @param brokenOff Whether the command that began it was.
 */
export const cutShort = (body: unknown, brokenOff: boolean): CutShort | null => {
  const { state, requests, served, errorBudget } = record(record(body)['report']);
  const failed = typeof requests === 'number' && typeof served === 'number' ? requests - served : null;
  switch (state) {
    case 'over-budget':
      return {
        why: `more requests failed than the error budget allows: ${count(failed)} of ${count(requests)}, and ${percent(errorBudget)} of them may, or of a hundred`,
        code: exitCodes.limitMissed,
      };
    case 'stopped':
      return {
        why: brokenOff ? 'this command was broken off' : 'somebody stopped it, or its server ended',
        code: exitCodes.failed,
      };
    case 'cut-off':
      return { why: 'its process is gone, and its figures with it', code: exitCodes.failed };
    default:
      return null;
  }
};
