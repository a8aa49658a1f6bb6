import { failure, success, type Result } from '../../kernel/index.ts';
import type {
  AttemptTag,
  Executor,
  Heartbeat,
  LogPiece,
  Observation,
  RankObservation,
  SubmitFault,
  Submission,
} from '../executors/Executor.ts';

interface Held {
  readonly submission: Submission;
  ranks: RankObservation[];
  preempted: boolean;
  terminated: boolean;
  readonly billableSinceMs: number;
}

const keyOf = (site: string, { jobId, attempt }: AttemptTag): string => `${site} ${jobId} ${attempt}`;

/** An engine that does what a test says, and keeps count of what it was asked. */
export class ScriptedExecutor implements Executor {
  readonly held = new Map<string, Held>();
  readonly unreachable = new Set<string>();
  readonly faults = new Map<string, SubmitFault>();
  readonly submissions: Submission[] = [];
  /** Whether ranks end at once when they are told to. */
  obedient = true;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  submit(submission: Submission): Promise<Result<null, SubmitFault>> {
    const { site, tag, ranks } = submission;
    if (this.unreachable.has(site)) return Promise.resolve(failure(unreachableFault));
    this.submissions.push(submission);
    const fault = this.faults.get(site);
    if (fault) return Promise.resolve(failure(fault));
    if (!this.held.has(keyOf(site, tag)))
      this.held.set(keyOf(site, tag), {
        submission,
        ranks: Array.from({ length: ranks }, (_, rank) => runningRank(rank)),
        preempted: false,
        terminated: false,
        billableSinceMs: this.#nowMs(),
      });
    return Promise.resolve(success(null));
  }

  observe(site: string, tag: AttemptTag): Promise<Observation> {
    if (this.unreachable.has(site)) return Promise.resolve({ kind: 'unreachable', evidence: `${site} times out` });
    const held = this.held.get(keyOf(site, tag));
    return Promise.resolve(
      held === undefined
        ? { kind: 'absent', evidence: `${site} knows nothing of it` }
        : { kind: 'present', ranks: held.ranks, preempted: held.preempted, billableSinceMs: held.billableSinceMs },
    );
  }

  signal(site: string, tag: AttemptTag, signal: 'checkpoint' | 'terminate'): Promise<Result<null, SubmitFault>> {
    if (this.unreachable.has(site)) return Promise.resolve(failure(unreachableFault));
    const held = this.held.get(keyOf(site, tag));
    if (held && signal === 'terminate') {
      held.terminated = true;
      if (this.obedient)
        held.ranks = held.ranks.map((rank) => (rank.state === 'running' ? exited(rank, 143, this.#nowMs()) : rank));
    }
    return Promise.resolve(success(null));
  }

  cancel(site: string, tag: AttemptTag): Promise<boolean> {
    if (this.unreachable.has(site)) return Promise.resolve(false);
    this.held.delete(keyOf(site, tag));
    return Promise.resolve(true);
  }

  logs(): Promise<LogPiece | null> {
    return Promise.resolve(null);
  }

  list(site: string): Promise<readonly AttemptTag[] | null> {
    if (this.unreachable.has(site)) return Promise.resolve(null);
    return Promise.resolve(
      [...this.held.values()].flatMap(({ submission }) => (submission.site === site ? [submission.tag] : [])),
    );
  }

  readonly ranksMax = 64;
  identity = 'this machine';

  owner(): Promise<string> {
    return Promise.resolve(this.identity);
  }

  hostOf(): string {
    return '127.0.0.1';
  }

  /** What runs on a site; the test has exactly one attempt there. */
  on(site: string): Held {
    const [held, ...more] = [...this.held.values()].filter(({ submission }) => submission.site === site);
    if (held === undefined || more.length > 0)
      throw new Error(`${site} holds ${more.length + (held ? 1 : 0)} attempts`);
    return held;
  }

  exit(site: string, code: number, rank = 0): void {
    const held = this.on(site);
    held.ranks = held.ranks.map((one) => (one.rank === rank ? exited(one, code, this.#nowMs()) : one));
  }

  lose(site: string): void {
    const held = this.on(site);
    held.ranks = held.ranks.map((one) => ({
      ...one,
      state: 'lost',
      endedAtMs: this.#nowMs(),
      evidence: `${site} is down`,
    }));
  }

  beat(site: string, heartbeat: Partial<Heartbeat>, rank = 0): void {
    const held = this.on(site);
    const whole = {
      atMs: this.#nowMs(),
      step: null,
      checkpoint: null,
      checkpointAtMs: null,
      port: null,
      metrics: {},
      ...heartbeat,
    };
    held.ranks = held.ranks.map((one) => (one.rank === rank ? { ...one, heartbeat: whole } : one));
  }
}

const unreachableFault: SubmitFault = { class: 'unreachable', message: 'no answer' };

const runningRank = (rank: number): RankObservation => ({
  rank,
  state: 'running',
  exitCode: null,
  endedAtMs: null,
  evidence: 'it runs',
  heartbeat: null,
});

const exited = (rank: RankObservation, code: number, atMs: number): RankObservation => ({
  ...rank,
  state: 'exited',
  exitCode: code,
  endedAtMs: atMs,
  evidence: `exit file says ${code}`,
});
