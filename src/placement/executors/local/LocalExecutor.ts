import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { assert, failure, success } from '../../../kernel/index.ts';
import type { Clock, Log, Result } from '../../../kernel/index.ts';
import { evidenceWords } from '../evidenceWords.ts';
import type { AttemptTag, Executor, LogPiece, Observation, Submission, SubmitFault } from '../Executor.ts';
import { AttemptFolder, attemptName, tagOfName } from './AttemptFolder.ts';
import { checkSubmission } from './checkSubmission.ts';
import { identityOfProcess } from './identityOfProcess.ts';
import { localLimits, type LocalLimits } from './limits.ts';
import { LocalAttempt, wordsOf, type LocalAttemptPorts } from './LocalAttempt.ts';
import { codeOf } from './openPlainFile.ts';
import { ownerOf } from './ownerOf.ts';
import type { ProcessTable } from './ProcessTable.ts';
import { baseEnvironment, rankEnvironment } from './rankEnvironment.ts';
import { heartbeatFileOf, RankFolder } from './RankFolder.ts';
import type { SiteCondition } from './SiteCondition.ts';
import { supervisorStarter, type StartSupervisor } from './startSupervisor.ts';
import { Turns } from './Turns.ts';

export interface LocalExecutorOptions {
  /** Where sites keep their attempts. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The server's own; only what a program needs to run is passed on to jobs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of the sites that it runs, as the file has them now. */
  readonly sites: () => readonly string[];
  readonly processes: ProcessTable;
  readonly limits?: Partial<LocalLimits>;
  /** By default a process of this machine. */
  readonly startSupervisor?: StartSupervisor;
}

const sitePattern = /^\w[\w.-]*$/;

const fault = (faultClass: SubmitFault['class'], message: string): Result<null, SubmitFault> =>
  failure({ class: faultClass, message: evidenceWords(message) });

const silent = (site: string): string => `site ${site} does not answer`;

/** Why a site starts nothing now; null where it does. */
const closedBy = (site: string, condition: SiteCondition): string | null => {
  if (condition === 'down') return `site ${site} is down: its machines are gone`;
  if (condition === 'preempt') return `site ${site} is taking its capacity away`;
  return null;
};

/**
 * Runs jobs as processes of this machine, on sites that are folders: `<folder>/<site>/<job id>.<attempt>/rank-<n>/`.
 * Each rank has a supervisor of its own that outlives the server, so all that is known stands in files and in the table of processes;
 * this object can be dropped and made again at any moment.
 *
 * What happens first decides: an attempt's folder appears whole before any process of it, and a rank is started by whoever takes its claim.
 * A gang that was half started when the server died is completed by the next `submit` or `observe`, or, where a rank of it is lost already,
 * given up. A tag that was cancelled is not started again.
 */
export class LocalExecutor implements Executor {
  readonly #folder: string;
  readonly #base: Readonly<Record<string, string>>;
  readonly #sites: () => readonly string[];
  readonly #ports: LocalAttemptPorts;
  readonly #conditions = new Map<string, SiteCondition>();
  readonly #held = new Map<string, LocalAttempt>();
  readonly #turns = new Turns();
  #owner: string | null = null;

  constructor({ folder, clock, log, environment, sites, processes, limits, startSupervisor }: LocalExecutorOptions) {
    const { pid } = process;
    // Supervisors write who they are, and the table says whether they live: in another form every rank would be lost.
    assert(identityOfProcess(pid).started === processes.identityOf(pid).started, 'one form of identity for processes');
    this.#folder = resolve(folder);
    this.#base = baseEnvironment(environment);
    this.#sites = sites;
    this.#ports = {
      clock,
      log,
      processes,
      limits: { ...localLimits, ...limits },
      startSupervisor: startSupervisor ?? supervisorStarter(this.#base, join(this.#folder, '.compiled')),
    };
  }

  get ranksMax(): number {
    return this.#ports.limits.ranks;
  }

  async owner(): Promise<string> {
    return (this.#owner ??= await ownerOf(this.#folder, this.#ports.limits.recordBytes));
  }

  async submit(submission: Submission, mayStart = (): boolean => true): Promise<Result<null, SubmitFault>> {
    const { site, tag } = submission;
    if (this.conditionOf(site) === 'unreachable') return fault('unreachable', silent(site));
    const wrong = await checkSubmission(submission, this.#sites(), this.#ports.limits);
    if (wrong !== null) return fault('invalid', wrong);
    const path = this.#pathOf(site, tag);
    try {
      return await this.#inTurn(path, (attempt) =>
        attempt ? this.#submitAgain(site, attempt) : this.#submitNew(submission, path, mayStart),
      );
    } catch (error) {
      return fault('unreachable', `${site} cannot tell whether it was taken: ${wordsOf(error)}`);
    }
  }

  async observe(site: string, tag: AttemptTag): Promise<Observation> {
    if (this.conditionOf(site) === 'unreachable') return { kind: 'unreachable', evidence: silent(site) };
    const path = this.#pathOf(site, tag);
    try {
      return await this.#inTurn(path, async (attempt) =>
        attempt ? this.#observe(site, attempt) : { kind: 'absent', evidence: `${site} holds nothing under this tag` },
      );
    } catch (error) {
      // Too many open files, a broken disk: nothing is known, least of all that it failed.
      return { kind: 'unreachable', evidence: `${site} cannot be read: ${wordsOf(error)}` };
    }
  }

  async signal(site: string, tag: AttemptTag, signal: 'checkpoint' | 'terminate'): Promise<Result<null, SubmitFault>> {
    if (this.conditionOf(site) === 'unreachable') return fault('unreachable', silent(site));
    const path = this.#pathOf(site, tag);
    try {
      return await this.#inTurn(path, async (attempt) => {
        if (attempt === null) return fault('invalid', `${site} holds nothing under this tag`);
        if (signal === 'checkpoint') await attempt.askForCheckpoint();
        else await attempt.terminate('it was asked to end before it began');
        return success(null);
      });
    } catch (error) {
      return fault('unreachable', `${site} cannot be read: ${wordsOf(error)}`);
    }
  }

  async cancel(site: string, tag: AttemptTag): Promise<boolean> {
    if (this.conditionOf(site) === 'unreachable') return false;
    const path = this.#pathOf(site, tag);
    try {
      return await this.#inTurn(path, async (attempt) => attempt === null || attempt.end());
    } catch (error) {
      this.#ports.log.warn('an attempt cannot be ended', { site, attempt: attemptName(tag), error: wordsOf(error) });
      return false;
    }
  }

  async logs(site: string, tag: AttemptTag, rank: number, fromByte: number): Promise<LogPiece | null> {
    if (this.conditionOf(site) === 'unreachable') return null;
    const path = this.#pathOf(site, tag);
    const { limits, log } = this.#ports;
    try {
      const live = new RankFolder(path, rank, limits);
      const ended = new RankFolder(AttemptFolder.endedPathOf(path), rank, limits);
      return (await live.logPiece(fromByte, await live.isOver())) ?? (await ended.logPiece(fromByte, true));
    } catch (error) {
      log.warn('a log cannot be read', { site, attempt: attemptName(tag), error: wordsOf(error) });
      return null;
    }
  }

  async list(site: string): Promise<readonly AttemptTag[] | null> {
    if (this.conditionOf(site) === 'unreachable') return null;
    try {
      return (await this.#namesAt(site)).flatMap((name) => tagOfName(name) ?? []);
    } catch (error) {
      this.#ports.log.warn('a site cannot be read', { site, error: wordsOf(error) });
      return null;
    }
  }

  hostOf(): string {
    return '127.0.0.1';
  }

  conditionOf(site: string): SiteCondition {
    return this.#conditions.get(site) ?? 'none';
  }

  /**
   * Changes a site's weather. It is forgotten when this process ends; what it did to attempts is not.
   * @returns once what it does to the attempts there is done.
   */
  async setCondition(site: string, condition: SiteCondition): Promise<void> {
    assert(this.#sites().includes(site), 'weather is of sites that are run here');
    // Set before anything is listed: what is written from now on sees it, and what was written before is in the list.
    this.#conditions.set(site, condition);
    const closed = closedBy(site, condition);
    if (closed === null) return;
    const tags = (await this.#namesAt(site)).flatMap((name) => tagOfName(name) ?? []);
    const strike = (tag: AttemptTag): Promise<void> =>
      this.#inTurn(this.#pathOf(site, tag), async (attempt) => {
        await (condition === 'down' ? attempt?.losePower(closed) : attempt?.giveNotice(closed));
      });
    await Promise.all(tags.map(strike));
  }

  async #namesAt(site: string): Promise<readonly string[]> {
    try {
      return await readdir(this.#siteFolder(site));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #siteFolder(site: string): string {
    assert(sitePattern.test(site), 'a site is called by a plain name');
    return join(this.#folder, site);
  }

  #pathOf(site: string, tag: AttemptTag): string {
    const name = attemptName(tag);
    assert(tagOfName(name) !== null, 'an attempt is named by a UUIDv7 and a number');
    return join(this.#siteFolder(site), name);
  }

  /** Does something with an attempt, or with the place where there is none, while nobody else here does. */
  #inTurn<Answer>(path: string, work: (attempt: LocalAttempt | null) => Promise<Answer>): Promise<Answer> {
    return this.#turns.take(path, async () => {
      const attempt = await this.#hold(path);
      const answer = await work(attempt);
      if (this.#held.get(path)?.folder.isPutAway) this.#held.delete(path);
      return answer;
    });
  }

  async #hold(path: string): Promise<LocalAttempt | null> {
    const known = this.#held.get(path);
    if (known && (await known.folder.isThere())) return known;
    this.#held.delete(path);
    const folder = await AttemptFolder.open(path, this.#ports.limits, this.#ports.clock.nowMs());
    return folder && this.#keep(folder);
  }

  #keep(folder: AttemptFolder): LocalAttempt {
    const attempt = new LocalAttempt(folder, this.#ports);
    this.#held.set(folder.path, attempt);
    return attempt;
  }

  async #submitAgain(site: string, attempt: LocalAttempt): Promise<Result<null, SubmitFault>> {
    if (attempt.folder.ending !== null)
      return fault('invalid', `this attempt is being ended on ${site}: the job's next try needs a new number`);
    await attempt.completeStart(closedBy(site, this.conditionOf(site)));
    return success(null);
  }

  async #submitNew(submission: Submission, path: string, mayStart: () => boolean): Promise<Result<null, SubmitFault>> {
    const { site } = submission;
    if (await AttemptFolder.wasPutAway(path))
      return fault('invalid', `this attempt was ended on ${site}: the job's next try needs a new number`);
    const closed = closedBy(site, this.conditionOf(site));
    if (closed !== null) return fault('capacity', closed);
    let folder;
    try {
      folder = await this.#writeIntent(submission, path);
    } catch (error) {
      // It may have become visible just before the fault; nobody must find it and go on.
      await AttemptFolder.discard(path);
      return fault('capacity', `${site} cannot write it down, and has started nothing: ${wordsOf(error)}`);
    }
    const attempt = this.#keep(folder);
    // The weather may have changed since, before this attempt was there to be struck by it.
    const struck = closedBy(site, this.conditionOf(site));
    const refusal: SubmitFault | null = struck
      ? { class: 'capacity', message: struck }
      : mayStart()
        ? await attempt.startAll()
        : { class: 'unreachable', message: 'whoever submitted it has lost the right to meanwhile' };
    if (refusal === null) return success(null);
    await attempt.refuse();
    return fault(refusal.class, refusal.message);
  }

  async #writeIntent(submission: Submission, path: string): Promise<AttemptFolder> {
    const { site, command, directory, ranks, graceMs } = submission;
    const { limits, clock } = this.#ports;
    await mkdir(this.#siteFolder(site), { recursive: true, mode: 0o700 });
    return AttemptFolder.make(
      path,
      { ranks, graceMs },
      (rank) => ({
        command,
        directory,
        environment: rankEnvironment(this.#base, submission, rank.rank, heartbeatFileOf(rank.path)),
        graceMs,
        folderLookMs: limits.folderLookMs,
        logBytes: limits.logBytes,
      }),
      limits,
      clock,
    );
  }

  async #observe(site: string, attempt: LocalAttempt): Promise<Observation> {
    const condition = this.conditionOf(site);
    const closed = closedBy(site, condition);
    if (closed !== null && condition === 'down') await attempt.losePower(closed);
    else if (attempt.folder.ending?.isRefused) {
      if (await attempt.end()) return { kind: 'absent', evidence: `${site} could not start it whole and took it back` };
    } else await attempt.completeStart(closed);
    return attempt.observe();
  }
}
