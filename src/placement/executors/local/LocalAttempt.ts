import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '../../../kernel/index.ts';
import type { Clock, Log } from '../../../kernel/index.ts';
import { evidenceWords } from '../evidenceWords.ts';
import type { Observation, RankObservation, SubmitFault } from '../Executor.ts';
import type { AttemptFolder } from './AttemptFolder.ts';
import type { LocalLimits } from './limits.ts';
import { processesUnder } from './processesUnder.ts';
import type { ProcessIdentity, ProcessTable } from './ProcessTable.ts';
import type { RankFolder } from './RankFolder.ts';
import type { RankClaim } from './rankRecords.ts';
import type { StartedSupervisor, StartSupervisor } from './startSupervisor.ts';

/** What an attempt works with. */
export interface LocalAttemptPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly processes: ProcessTable;
  readonly limits: LocalLimits;
  readonly startSupervisor: StartSupervisor;
}

type Present = Extract<Observation, { readonly kind: 'present' }>;

/** What is told of a rank whatever its state. */
type Seen = Pick<RankObservation, 'rank' | 'heartbeat' | 'exitCode' | 'endedAtMs'>;

export const wordsOf = (error: unknown): string => evidenceWords(errorMessage(error));

const send = (pid: number, signal: 'SIGTERM' | 'SIGKILL' | 'SIGUSR1'): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended, which the next look will tell.
  }
};

/** The boot of the machine that an identity is of; null where the machine does not tell. */
const bootOf = ({ started }: ProcessIdentity): string | null => started?.split('/')[0] ?? null;

/** One attempt in this process's hands: what its files say, held against the processes that there are. One call at a time. */
export class LocalAttempt {
  readonly folder: AttemptFolder;
  readonly #ports: LocalAttemptPorts;
  /** Supervisors that this process started and that may not have taken their rank yet. */
  readonly #starting = new Map<RankFolder, StartedSupervisor>();
  /** How often this process started each rank. */
  readonly #starts = new Map<RankFolder, number>();

  constructor(folder: AttemptFolder, ports: LocalAttemptPorts) {
    this.folder = folder;
    this.#ports = ports;
  }

  get #nowMs(): number {
    return this.#ports.clock.nowMs();
  }

  // ---- starting

  /** Starts every rank. @returns why one cannot be; the others have begun by then, and `refuse` takes them back. */
  async startAll(): Promise<SubmitFault | null> {
    for (const rank of this.folder.ranks) {
      try {
        await this.#start(rank);
      } catch (error) {
        return { class: 'capacity', message: `rank ${rank.rank} cannot be started: ${wordsOf(error)}` };
      }
    }
    return null;
  }

  async #start(rank: RankFolder): Promise<void> {
    this.#starts.set(rank, (this.#starts.get(rank) ?? 0) + 1);
    this.#starting.set(rank, await this.#ports.startSupervisor(rank.path));
  }

  /** Takes a gang back that could not be started whole. What does not end at once is ended by whoever looks at it next. */
  async refuse(): Promise<void> {
    await this.folder.markEnding({ killAtMs: this.#nowMs, isRefused: true });
    await this.end();
  }

  /**
   * Starts ranks that nobody has taken and nobody is on the way to: the server died between the first and the last of them, or a supervisor
   * ended before it began. They are given up where the gang cannot be whole any more.
   * @param closed Why the site starts nothing now; null where it does.
   */
  async completeStart(closed: string | null): Promise<void> {
    for (const rank of this.folder.ranks) {
      if (await this.#wasTaken(rank)) continue;
      if (!(this.#starting.get(rank)?.hasEnded() ?? true)) continue;
      const why = closed ?? (await this.#whyNotToStart(rank));
      if (why !== null) await this.#withdraw(rank, why);
      else await this.#startLater(rank);
    }
  }

  async #startLater(rank: RankFolder): Promise<void> {
    try {
      await this.#start(rank);
    } catch (error) {
      this.#ports.log.warn('a rank cannot be started', { rank: rank.path, error: wordsOf(error) });
    }
  }

  async #wasTaken(rank: RankFolder): Promise<boolean> {
    if ((await rank.claim()) === null) return rank.isOver();
    this.#starting.delete(rank);
    return true;
  }

  async #whyNotToStart(rank: RankFolder): Promise<string | null> {
    if (this.folder.ending !== null) return 'it was asked to end before it began';
    const starts = this.#starts.get(rank) ?? 0;
    if (starts >= this.#ports.limits.starts)
      return `its supervisor ended ${starts} times before it began; its log may say why`;
    for (const other of this.folder.ranks)
      if (await this.#isLost(other)) return `rank ${other.rank} of its gang is lost already`;
    return null;
  }

  async #isLost(rank: RankFolder): Promise<boolean> {
    const claim = await rank.claim();
    if (claim?.kind === 'supervised' && this.#ports.processes.lives(claim.supervisor)) return false;
    // Its last word may have come after the first look.
    const ended = (await rank.exit()) !== null;
    return !ended && (claim !== null || (await rank.loss()) !== null);
  }

  /** Sees to it that a rank never starts which has not. @returns who has the right to it now. */
  async #withdraw(rank: RankFolder, why: string): Promise<RankClaim | null> {
    const claim = (await rank.claim()) ?? (await rank.withdraw(why, this.#nowMs));
    if (claim === null) await this.#loseWhenGone(rank, 'who runs it cannot be read any more; what there was is ended');
    return claim;
  }

  // ---- observing

  async observe(): Promise<Present> {
    const ranks: RankObservation[] = [];
    for (const rank of this.folder.ranks) ranks.push(await this.#observeRank(rank));
    const { isPreempted, intent } = this.folder;
    return { kind: 'present', ranks, preempted: isPreempted, billableSinceMs: intent.acceptedAtMs };
  }

  async #observeRank(rank: RankFolder): Promise<RankObservation> {
    const heartbeat = await rank.heartbeat(this.#nowMs);
    const seen: Seen = { rank: rank.rank, heartbeat, exitCode: null, endedAtMs: null };
    const over = await overObservation(rank, seen);
    if (over !== null) return over;
    const claim = await rank.claim();
    if (claim?.kind !== 'supervised') return { ...seen, state: 'starting', evidence: 'its supervisor starts' };
    const { supervisor } = claim;
    if (this.#ports.processes.lives(supervisor)) {
      const start = await rank.start();
      return start
        ? { ...seen, state: 'running', evidence: `process ${start.child.pid} runs` }
        : { ...seen, state: 'starting', evidence: `supervisor ${supervisor.pid} starts it` };
    }
    // It may have written down how the rank ended just before it went.
    const last = await overObservation(rank, seen);
    if (last !== null) return last;
    const evidence = `supervisor ${supervisor.pid} is gone and left no exit code; nothing of the rank runs`;
    return (
      (await this.#loseWhenGone(rank, evidence, seen)) ?? {
        ...seen,
        state: 'running',
        evidence: `supervisor ${supervisor.pid} is gone; what it left is being ended`,
      }
    );
  }

  /** Ends what is left of a rank and writes it down as lost. @returns null while something of it still runs: then it is not. */
  async #loseWhenGone(rank: RankFolder, evidence: string, seen?: Seen): Promise<RankObservation | null> {
    if (!(await this.#killUnder(rank.path, [rank]))) return null;
    const loss = await rank.lose(evidence, this.#nowMs);
    const base = seen ?? { rank: rank.rank, heartbeat: null, exitCode: null };
    return { ...base, state: 'lost', endedAtMs: loss.atMs, evidence };
  }

  // ---- ending

  /** SIGTERM to all that runs, SIGKILL after the grace; what has not begun never will. */
  async terminate(why: string): Promise<void> {
    for (const rank of this.folder.ranks) {
      if (await rank.isOver()) continue;
      const claim = await this.#withdraw(rank, why);
      if (claim?.kind === 'supervised' && this.#ports.processes.lives(claim.supervisor))
        send(claim.supervisor.pid, 'SIGTERM');
    }
  }

  /** Tells the ranks that their capacity is taken away; nothing where they have ended. */
  async giveNotice(why: string): Promise<void> {
    if (await this.#isOver()) return;
    await this.folder.markPreempted(this.#nowMs);
    await this.terminate(why);
  }

  /**
   * Asks for a checkpoint. A rank that has not written a heartbeat yet is left alone: the signal ends a program that does not listen for it,
   * and none listens from its first moment on.
   */
  async askForCheckpoint(): Promise<void> {
    for (const rank of this.folder.ranks) {
      if ((await rank.isOver()) || (await rank.heartbeat(this.#nowMs)) === null) continue;
      const claim = await rank.claim();
      if (claim?.kind === 'supervised' && this.#ports.processes.lives(claim.supervisor))
        send(claim.supervisor.pid, 'SIGUSR1');
    }
  }

  /** Everything is gone at once, supervisors first: they get no chance to tell how it ended. */
  async losePower(evidence: string): Promise<void> {
    if (await this.#isOver()) return;
    for (const rank of this.folder.ranks) if (!(await rank.isOver())) await this.#withdraw(rank, evidence);
    if (!(await this.#killAll())) return;
    for (const rank of this.folder.ranks) if (!(await rank.isOver())) await rank.lose(evidence, this.#nowMs);
  }

  /** Ends it and puts it away. @returns whether nothing of it is left. */
  async end(): Promise<boolean> {
    const { folder } = this;
    const { limits } = this.#ports;
    const ending = await folder.markEnding({
      killAtMs: this.#nowMs + folder.intent.graceMs + limits.overtimeMs,
      isRefused: false,
    });
    await this.terminate('it was asked to end before it began');
    if (this.#nowMs < ending.killAtMs && (await this.#isSupervised())) return false;
    if (!(await this.#killAll())) return false;
    await folder.putAway(limits.endedAttempts);
    return true;
  }

  async #isOver(): Promise<boolean> {
    for (const rank of this.folder.ranks) if (!(await rank.isOver())) return false;
    return true;
  }

  async #isSupervised(): Promise<boolean> {
    for (const rank of this.folder.ranks) {
      const claim = await rank.claim();
      if (claim?.kind === 'supervised' && this.#ports.processes.lives(claim.supervisor)) return true;
    }
    return false;
  }

  async #killAll(): Promise<boolean> {
    for (const supervisor of this.#starting.values()) if (!supervisor.hasEnded()) send(supervisor.pid, 'SIGKILL');
    for (const rank of this.folder.ranks) {
      const claim = await rank.claim();
      if (claim?.kind === 'supervised' && this.#ports.processes.lives(claim.supervisor))
        send(claim.supervisor.pid, 'SIGKILL');
    }
    return this.#killUnder(this.folder.path, this.folder.ranks);
  }

  /** SIGKILL until nothing is found. @returns whether that was reached. */
  async #killUnder(path: string, ranks: readonly RankFolder[]): Promise<boolean> {
    const { sweeps, sweepPauseMs } = this.#ports.limits;
    const leaders = await this.#leadersOf(ranks);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const found = await processesUnder(path, leaders);
      if (found.length === 0) return true;
      for (const pid of found) send(pid, 'SIGKILL');
      await pause(sweepPauseMs);
    }
    return false;
  }

  /** Numbers of the ranks' programs, less those that may be somebody else's by now. */
  async #leadersOf(ranks: readonly RankFolder[]): Promise<ReadonlySet<number>> {
    const { processes } = this.#ports;
    const boot = bootOf(processes.identityOf(process.pid));
    const leaders = new Set<number>();
    for (const rank of ranks) {
      const child = (await rank.start())?.child;
      if (!child || bootOf(child) !== boot) continue;
      const now = processes.identityOf(child.pid);
      // A number is not given again while a group has it; where it is given again, our group is gone.
      if (now.started === null || now.started === child.started) leaders.add(child.pid);
    }
    return leaders;
  }
}

const overObservation = async (rank: RankFolder, seen: Seen): Promise<RankObservation | null> => {
  const exit = await rank.exit();
  if (exit) {
    const evidence = exit.cause ?? `exit file says ${exit.code}`;
    return { ...seen, state: 'exited', exitCode: exit.code, endedAtMs: exit.atMs, evidence };
  }
  const loss = await rank.loss();
  if (loss) return { ...seen, state: 'lost', endedAtMs: loss.atMs, evidence: loss.evidence };
  const claim = await rank.claim();
  return claim?.kind === 'withdrawn' ? { ...seen, state: 'lost', endedAtMs: claim.atMs, evidence: claim.why } : null;
};
