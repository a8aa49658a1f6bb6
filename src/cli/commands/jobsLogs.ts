import type { AdminAnswer } from '../AdminClient.ts';
import {
  exitCodes,
  textOption,
  UsageError,
  type Command,
  type ExitCode,
  type Invocation,
  type OptionValues,
} from '../Command.ts';
import { connectHelp, connectOptions, tellFault } from '../connect.ts';
import { findJob } from '../findJob.ts';
import { PatientConnection } from '../PatientConnection.ts';
import { pause } from '../pause.ts';
import { record, records, text } from '../record.ts';

const pollMs = 500;

const numberOption = (options: OptionValues, name: string, least: number): number | null => {
  const written = textOption(options, name);
  if (written === undefined) return null;
  const value = /^\d{1,4}$/.test(written) ? Number(written) : -1;
  if (value < least) throw new UsageError(`--${name} takes a whole number from ${least} on, not ${written}`);
  return value;
};

/** What of a job's output is wanted. */
interface Wanted {
  readonly id: string;
  readonly rank: number;
  /** Null for the newest, and with `follow` for each that comes after it. */
  readonly attempt: number | null;
}

/** Prints what one rank wrote, from where the last piece ended. */
class LogReader {
  readonly #connection: PatientConnection;
  readonly #invocation: Invocation;
  readonly #wanted: Wanted;
  /** Null until it is known which attempt is the newest. */
  #attempt: number | null;
  #fromByte = 0;

  constructor(connection: PatientConnection, invocation: Invocation, wanted: Wanted) {
    this.#connection = connection;
    this.#invocation = invocation;
    this.#wanted = wanted;
    this.#attempt = wanted.attempt;
  }

  get attempt(): number | null {
    return this.#attempt;
  }

  /** Goes over to another attempt, from its beginning. */
  begin(attempt: number): void {
    this.#attempt = attempt;
    this.#fromByte = 0;
  }

  /** Prints all that there is now. @returns the answer that says why there is nothing, or null. */
  async drain(): Promise<AdminAnswer | null> {
    for (;;) {
      const answer = await this.#connection.get(this.#path());
      if (answer.status >= 400) return answer;
      const piece = record(answer.body);
      const written = typeof piece['text'] === 'string' ? piece['text'] : '';
      const { nextByte, attempt } = piece;
      if (typeof attempt === 'number') this.#attempt = attempt;
      if (written === '' || typeof nextByte !== 'number' || nextByte <= this.#fromByte) return null;
      this.#print(answer.body, written);
      this.#fromByte = nextByte;
    }
  }

  #print(body: unknown, written: string): void {
    const { options, terminal } = this.#invocation;
    terminal.out(options['json'] === true ? `${JSON.stringify(body)}\n` : written);
  }

  #path(): string {
    const query = new URLSearchParams({
      rank: String(this.#wanted.rank),
      fromByte: String(this.#fromByte),
      ...(this.#attempt === null ? {} : { attempt: String(this.#attempt) }),
    });
    return `/admin/v1/jobs/${this.#wanted.id}/logs?${query.toString()}`;
  }
}

/** What a follower must know of a job: which attempts there are, and whether more can come. */
const progressOf = (body: unknown) => {
  const job = record(body);
  const attempts = records(job['attempts']);
  return {
    hasEnded: job['endedAt'] !== null,
    attempts: attempts.flatMap(({ attempt }) => (typeof attempt === 'number' ? [attempt] : [])),
    siteOf: (number: number): string => text(attempts.find(({ attempt }) => attempt === number)?.['site']),
    attemptHasEnded: (number: number): boolean =>
      attempts.some(({ attempt, endedAt }) => attempt === number && endedAt !== null),
  };
};

/** Prints what is written until nothing more can come: the job has ended, or the one attempt that was asked for. */
const follow = async (
  connection: PatientConnection,
  { terminal }: Invocation,
  reader: LogReader,
  { id, attempt: only }: Wanted,
): Promise<ExitCode> => {
  for (;;) {
    // Asked before the output: what is written after a job has ended there is nobody to write.
    const answer = await connection.get(`/admin/v1/jobs/${id}`);
    if (answer.status >= 400) return tellFault(terminal, answer);
    const job = progressOf(answer.body);
    const missing = await reader.drain();
    // Before it has begun, and while its site cannot be reached, there is no output; that is no reason to stop.
    if (missing !== null && missing.status !== 404) return tellFault(terminal, missing);
    const { attempt } = reader;
    const next = only === null ? job.attempts.find((number) => number > (attempt ?? 0)) : undefined;
    if (next !== undefined) {
      if (attempt !== null) terminal.err(`-- attempt ${next} at ${job.siteOf(next)} --\n`);
      reader.begin(next);
    } else if (job.hasEnded || (only !== null && job.attemptHasEnded(only))) return exitCodes.ok;
    else await pause(pollMs);
  }
};

export const jobsLogs: Command = {
  name: 'jobs logs',
  summary: 'What a rank of a job wrote',
  arguments: '<job id>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: {
    ...connectOptions,
    follow: { type: 'boolean', short: 'f' },
    rank: { type: 'string' },
    attempt: { type: 'string' },
  },
  optionHelp: {
    follow: 'or -f: go on until the job has ended, over all its attempts from the newest on',
    rank: 'rank within the job (default 0)',
    attempt: 'attempt, from 1 on (default the newest)',
    ...connectHelp,
  },
  run: async (invocation) => {
    const { options, positionals, terminal } = invocation;
    const rank = numberOption(options, 'rank', 0) ?? 0;
    const attempt = numberOption(options, 'attempt', 1);
    const connection = await PatientConnection.open(invocation);
    try {
      const found = await findJob(positionals[0] ?? '', (path) => connection.get(path));
      if (found.kind === 'fault') return tellFault(terminal, found.answer);
      const wanted = { id: found.id, rank, attempt };
      const reader = new LogReader(connection, invocation, wanted);
      if (options['follow'] === true) return await follow(connection, invocation, reader, wanted);
      const missing = await reader.drain();
      return missing === null ? exitCodes.ok : tellFault(terminal, missing);
    } finally {
      await connection.close();
    }
  },
};
