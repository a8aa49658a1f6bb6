import type { AdminAnswer } from '../AdminClient.ts';
import {
  exitCodes,
  textOption,
  UsageError,
  wordOption,
  type Command,
  type Invocation,
  type OptionValues,
} from '../Command.ts';
import { connectHelp, connectOptions, NoServerError, tellFault } from '../connect.ts';
import { findJob } from '../findJob.ts';
import { PatientConnection } from '../PatientConnection.ts';
import { pause } from '../pause.ts';
import { record, text } from '../record.ts';
import { newestEvidence } from '../text/jobText.ts';
import { printableLine } from '../text/printable.ts';

const goals = ['running', 'succeeded', 'serving'] as const;

type Goal = (typeof goals)[number];

/** States in which a goal is reached. */
const reachedIn: Readonly<Record<Goal, readonly string[]>> = {
  running: ['running', 'serving', 'succeeded'],
  succeeded: ['succeeded'],
  serving: ['serving'],
};

const ends: readonly string[] = ['succeeded', 'failed', 'cancelled'];

const pollMs = 500;

/** Nobody waits longer; beyond it timers overflow. */
const timeoutSecondsMax = 2_000_000;

/** How long an answer may take beyond the time: the first look and the last one are made however short that is. */
const lastAnswerMs = 1_000;

const timeoutOption = (options: OptionValues): number | null => {
  const written = textOption(options, 'timeout');
  if (written === undefined) return null;
  const seconds = /^\d{1,7}(\.\d{1,3})?$/.test(written) ? Number(written) : Number.NaN;
  if (!(seconds <= timeoutSecondsMax))
    throw new UsageError(`--timeout takes seconds from 0 to ${timeoutSecondsMax}, not ${written}`);
  return seconds * 1_000;
};

/** Why a job of a kind never reaches a goal; null where it can. A server that nobody asks to end is started again, and one that is asked is cancelled. */
const neverText = (kind: unknown, goal: Goal): string | null => {
  if (goal === 'serving' && kind !== 'serve') return `never serving, being of kind ${text(kind)}`;
  if (goal === 'succeeded' && kind === 'serve') return 'will never have succeeded, being of kind serve';
  return null;
};

/** How a look at the job ends the wait; null where it goes on. */
type Verdict = 'reached' | 'hopeless' | null;

const verdictOn = (body: unknown, goal: Goal): Verdict => {
  const { state, kind } = record(body);
  if (reachedIn[goal].includes(text(state))) return 'reached';
  return ends.includes(text(state)) || neverText(kind, goal) !== null ? 'hopeless' : null;
};

/** What the wait came to. */
type Outcome =
  | { readonly kind: 'reached' | 'hopeless' | 'late'; readonly job: unknown }
  | { readonly kind: 'fault'; readonly answer: AdminAnswer };

const watch = async (
  connection: PatientConnection,
  id: string,
  goal: Goal,
  timeoutMs: number | null,
): Promise<Outcome> => {
  const startedMs = performance.now();
  const deadline = timeoutMs === null ? null : AbortSignal.timeout(timeoutMs + lastAnswerMs);
  const options = deadline === null ? {} : { signal: deadline };
  let job: unknown = null;
  try {
    for (;;) {
      const answer = await connection.get(`/admin/v1/jobs/${id}`, options);
      if (answer.status >= 400) return { kind: 'fault', answer };
      job = answer.body;
      const verdict = verdictOn(job, goal);
      if (verdict !== null) return { kind: verdict, job };
      if (timeoutMs !== null && performance.now() - startedMs >= timeoutMs) return { kind: 'late', job };
      const leftMs = timeoutMs === null ? pollMs : timeoutMs - (performance.now() - startedMs);
      await pause(Math.max(0, Math.min(pollMs, leftMs)));
    }
  } catch (error) {
    if (deadline?.aborted !== true) throw error;
    return { kind: 'late', job };
  }
};

/** "train is running", "train has failed". */
const standsText = (job: unknown): string => {
  const { name, state } = record(job);
  return `${text(name)} ${state === 'succeeded' || state === 'failed' ? 'has' : 'is'} ${text(state)}`;
};

/** In one line: how it stands, and what was last seen of it. */
const missedText = (job: unknown, id: string, goal: Goal, late: string): string => {
  if (job === null) return `job ${id} is not known to be ${goal}${late}: the server did not answer`;
  const never = neverText(record(job)['kind'], goal);
  const missed = never === null ? `, not ${goal}` : ` and ${never}`;
  return printableLine(`${standsText(job)}${missed}${late}: ${newestEvidence(job) ?? 'nothing was seen of it'}`);
};

/** Scripts tell two ends of a wait apart: a server that is not there is no wrong use, it is one more reason why the goal is not reached. */
const openOrTell = async (invocation: Invocation): Promise<PatientConnection | null> => {
  try {
    return await PatientConnection.open(invocation);
  } catch (error) {
    if (!(error instanceof NoServerError)) throw error;
    invocation.terminal.err(`archipel jobs wait: ${error.message}\n`);
    return null;
  }
};

export const jobsWait: Command = {
  name: 'jobs wait',
  summary: 'Wait until a job is running, has succeeded or serves; ends with 1 where it no longer can',
  arguments: '<job id>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: { ...connectOptions, for: { type: 'string' }, timeout: { type: 'string' } },
  optionHelp: {
    for: `one of ${goals.join(', ')} (needed)`,
    timeout: 'seconds to wait at most (default: until it is reached, or cannot be any more)',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, positionals, terminal } = invocation;
    const goal = wordOption(options, 'for', goals);
    if (goal === undefined) throw new UsageError(`say what to wait for: --for ${goals.join('|')}`);
    const timeoutMs = timeoutOption(options);
    const connection = await openOrTell(invocation);
    if (connection === null) return exitCodes.failed;
    try {
      const found = await findJob(positionals[0] ?? '', (path) => connection.get(path));
      if (found.kind === 'fault') return tellFault(terminal, found.answer);
      const outcome = await watch(connection, found.id, goal, timeoutMs);
      if (outcome.kind === 'fault') return tellFault(terminal, outcome.answer);
      const { state } = record(outcome.job);
      const reached = outcome.kind === 'reached';
      if (options['json'] === true)
        terminal.out(`${JSON.stringify({ id: found.id, state: typeof state === 'string' ? state : null, reached })}\n`);
      else if (reached) terminal.out(`${printableLine(standsText(outcome.job))}\n`);
      if (reached) return exitCodes.ok;
      const late = outcome.kind === 'late' ? ` after ${(timeoutMs ?? 0) / 1_000} s` : '';
      terminal.err(`archipel jobs wait: ${missedText(outcome.job, found.id, goal, late)}\n`);
      return exitCodes.failed;
    } finally {
      await connection.close();
    }
  },
};
