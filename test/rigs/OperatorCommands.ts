import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import { runArchipel, type Ended, type Server } from './startServer.ts';

/** Between two looks at a job. */
const lookMs = 100;

/** A job as `archipel jobs show --json` tells it. */
export interface ShownJob {
  readonly id: string;
  readonly state: string;
  readonly site: string | null;
  readonly attempts: readonly {
    readonly attempt: number;
    readonly site: string;
    readonly state: string;
    readonly step: number | null;
    readonly checkpoint: string | null;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
    readonly evidence: readonly { readonly what: string; readonly detail: string }[];
    readonly lostSeconds: number;
    readonly lostNanoUsd: string;
    readonly costNanoUsd: string;
    readonly acceleratorSeconds: number;
  }[];
  readonly costNanoUsd: string;
  readonly acceleratorSeconds: number;
}

/** The command line beside a running server, as an operator types it. */
export class OperatorCommands {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return runArchipel([...args, '--data-dir', this.#server.dataDir]);
  }

  /** What a command answers as JSON. @throws Error where it does not exit 0. */
  async ask<Answer>(...args: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await this.run(...args, '--json');
    if (code !== 0) throw new Error(`archipel ${args.join(' ')} ended with ${code}: ${stderr}`);
    const answer: Answer = JSON.parse(stdout);
    return answer;
  }

  /** @returns the id of the job that the file became. */
  async submit(file: string): Promise<string> {
    return (await this.ask<{ readonly id: string }>('jobs', 'submit', file)).id;
  }

  show(id: string): Promise<ShownJob> {
    return this.ask<ShownJob>('jobs', 'show', id);
  }

  /** @throws Error with the job's evidence where it does not get there in time. */
  async waitFor(id: string, state: 'running' | 'serving' | 'succeeded', seconds = 90): Promise<void> {
    const { code, stderr } = await this.run('jobs', 'wait', id, '--for', state, '--timeout', String(seconds));
    if (code === 0) return;
    throw new Error(`job ${id} is not ${state}: ${stderr}\n${JSON.stringify(await this.show(id), null, 1)}`);
  }

  /** Looks at a job until it is as wanted. @throws Error where it is not within the time. */
  async until(id: string, isSo: (job: ShownJob) => boolean, seconds = 60): Promise<ShownJob> {
    const admin = new AdminPlane(this.#server);
    const endMs = performance.now() + seconds * 1_000;
    for (;;) {
      // Over the API: a command that starts a hundred times would take the processor from what it looks at.
      const job = await admin.ask<ShownJob>('GET', `/admin/v1/jobs/${id}`);
      if (isSo(job)) return job;
      if (performance.now() > endMs) throw new Error(`job ${id} stays as it is: ${JSON.stringify(job, null, 1)}`);
      await pause(lookMs);
    }
  }

  /** All that rank 0 of an attempt has printed. */
  async logs(id: string, attempt: number): Promise<string> {
    const { code, stdout, stderr } = await this.run('jobs', 'logs', id, '--attempt', String(attempt));
    if (code !== 0) throw new Error(`jobs logs ended with ${code}: ${stderr}`);
    return stdout;
  }

  async breakSite(site: string, fault: 'none' | 'down' | 'unreachable' | 'preempt'): Promise<void> {
    await this.ask('sandbox', 'fault', site, fault);
  }
}
