import { isLost, LiveDrill, readLosses, targetsOf, type Loss, type Supply } from '../../drills/index.ts';
import { drillCause, type FaultPort, type MetDrill } from '../../gateway/index.ts';
import type { Answer, ControlFault, LiveQuestion, Operator } from '../../http/index.ts';
import {
  errorMessage,
  failure,
  success,
  type Clock,
  type Log,
  type Metrics,
  type UuidV7Maker,
} from '../../kernel/index.ts';
import { RetryBudget } from '../../router/index.ts';
import {
  beginLiveDrill,
  endLiveDrill,
  hasDrillEnded,
  keepAudit,
  saveDrill,
  type Database,
  type StoredDrill,
} from '../../store/index.ts';
import { targetName } from '../../vocabulary/index.ts';
import { drillJson } from './drillJson.ts';

export interface LiveDrillsParts {
  readonly database: Database;
  /** Whose requests there can be, by their keys. */
  readonly callers: () => Iterable<{ readonly team: string; readonly key: string }>;
  /** The same object until the configuration changes. */
  readonly supply: () => Supply;
  readonly ids: UuidV7Maker;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How often a report is tried to be kept again while the database is away. */
const keepAgainMs = 5_000;
/** How often it is looked whether somebody has ended the drill elsewhere. */
const lookMs = 5_000;

/** A drill under way and who asked for it. */
interface Running {
  readonly drill: LiveDrill;
  readonly stored: Omit<StoredDrill, 'endedAtMs' | 'report'>;
  readonly met: MetDrill;
  readonly timer: NodeJS.Timeout;
  readonly look: NodeJS.Timeout;
}

/** Live drills of this process, one at a time. Each ends at its time, whoever is there to see it, and as soon as more fails than may. */
export class LiveDrills implements FaultPort {
  readonly #parts: LiveDrillsParts;
  #running: Running | null = null;
  #starting = false;
  #isClosed = false;

  constructor(parts: LiveDrillsParts) {
    this.#parts = parts;
  }

  drillOf(request: Parameters<FaultPort['drillOf']>[0]): MetDrill | null {
    const running = this.#running;
    if (running === null) return null;
    if (this.#parts.clock.nowMs() >= running.drill.untilMs) {
      this.#end(running, 'ended');
      return null;
    }
    return running.drill.meets(request) ? running.met : null;
  }

  /** The one under way as it stands, or null. */
  get current(): StoredDrill | null {
    return this.#running === null ? null : storedNow(this.#running, null);
  }

  /** For readiness: nobody takes a drill for an outage. */
  get notice(): { readonly message: string; readonly sinceMs: number } | null {
    if (this.#running === null) return null;
    const { without, share, team, key, fromMs, untilMs } = this.#running.drill.report();
    const scope = [team === null ? '' : ` of team ${team}`, key === null ? '' : ` of key ${key}`].join('');
    const until = new Date(untilMs).toISOString();
    const message = `a live drill makes ${without.join(', ')} fail for ${share * 100} % of the requests${scope} until ${until}; it is no outage (${this.#running.drill.id})`;
    return { message, sinceMs: fromMs };
  }

  /** @throws CodedError `database_unavailable`: nothing is made to fail that the audit does not tell of. */
  async start(question: LiveQuestion, by: Operator): Promise<Answer> {
    if (this.#running !== null || this.#starting) return failure(underWay);
    if (this.#isClosed) return failure({ code: 'drill_running', message: 'This server ends: no drill begins here.' });
    this.#starting = true;
    try {
      return await this.#start(question, by);
    } finally {
      this.#starting = false;
    }
  }

  async #start(question: LiveQuestion, by: Operator): Promise<Answer> {
    const { database, ids, clock, log, metrics } = this.#parts;
    const losses = readLosses(question.without, targetsOf(this.#parts.supply()));
    if (!losses.ok) return failure({ code: 'bad_control_request', message: losses.fault });
    const nobody = this.#unmetBy(question);
    if (nobody !== null) return failure({ code: 'bad_control_request', message: nobody });
    const fromMs = clock.nowMs();
    const untilMs = fromMs + question.lengthMs;
    const id = ids.next(fromMs);
    const { share, team, key, errorBudget } = question;
    const lost = this.#lostBy(losses.value);
    const drill = new LiveDrill({ id, losses: losses.value, share, team, key, fromMs, untilMs, errorBudget, lost });
    const stored = { id, kind: 'live', startedBy: by.name, startedAtMs: fromMs, untilMs } as const;
    const detail = { without: question.without, share, team, key, lengthMs: question.lengthMs, errorBudget };
    const begins = await database.transaction(async (queries) => {
      const kept = { ...stored, endedAtMs: null, report: { ...drill.report() } };
      if (!(await beginLiveDrill(queries, kept))) return false;
      await keepAudit(queries, 'default', { actor: by.name, atMs: fromMs, action: 'drill.start', subject: id, detail });
      return true;
    });
    if (!begins) return failure(underWay);
    const running: Running = {
      drill,
      stored,
      met: this.#metBy(drill),
      timer: setTimeout(() => this.#end(running, 'ended'), question.lengthMs).unref(),
      look: setInterval(() => void this.#lookAtKept(running), lookMs).unref(),
    };
    this.#running = running;
    log.warn('a live drill begins', { drill: id, by: by.name, ...detail });
    metrics.gauge('archipel_drill_under_way', 1);
    if (this.#isClosed) return success(drillJson(this.#end(running, 'stopped'), clock.nowMs()));
    return success(drillJson(storedNow(running, null), fromMs));
  }

  /**
   * Ends the one under way before its time. One that another process runs has ended as soon as that sees it; one whose process is gone, at once.
   * @throws CodedError `database_unavailable`; one that runs here has ended all the same.
   */
  async stop(by: Operator): Promise<Answer> {
    const { database, clock } = this.#parts;
    const running = this.#running;
    const stored =
      running === null ? await endLiveDrill(database, clock.nowMs()) : this.#end(running, 'stopped', false);
    if (running !== null && stored !== null) await this.#keep(stored);
    if (stored === null) return failure({ code: 'no_such_thing', message: 'There is no live drill under way.' });
    const audited = { actor: by.name, atMs: clock.nowMs(), action: 'drill.stop', subject: stored.id, detail: {} };
    await keepAudit(database, 'default', audited);
    return success(drillJson(stored, clock.nowMs()));
  }

  /** The process ends, and with it what it makes up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = this.#running;
    if (running === null) return;
    const stored = this.#end(running, 'stopped', false);
    await saveDrill(this.#parts.database, stored).catch(() => {
      // Without its end it reads as over at its time.
    });
  }

  /** Why no request would meet it, in words; null where some may. */
  #unmetBy({ team, key }: LiveQuestion): string | null {
    if (team === null && key === null) return null;
    for (const caller of this.#parts.callers())
      if ((team === null || caller.team === team) && (key === null || caller.key === key)) return null;
    const named = [key === null ? '' : ` named ${key}`, team === null ? '' : ` of a team ${team}`].join('');
    return `No request would meet the drill: there is no key${named}. "archipel keys list" shows those there are.`;
  }

  /** Never rejects: while the database is away, the drill ends at its time. */
  async #lookAtKept(running: Running): Promise<void> {
    const isEnded = await hasDrillEnded(this.#parts.database, running.drill.id).catch(() => false);
    if (isEnded && running.drill.isRunning) this.#end(running, 'stopped');
  }

  #metBy(drill: LiveDrill): MetDrill {
    const { metrics } = this.#parts;
    return {
      id: drill.id,
      retryBudget: new RetryBudget(),
      restOf: (candidate, nowMs) => drill.restOf(candidate, nowMs),
      fault: (candidate, nowMs) => {
        if (!drill.fault(candidate, nowMs)) return null;
        metrics.count('archipel_drill_faults_total');
        return { class: 'transient', cause: drillCause, message: `out by the live drill ${drill.id}, not by itself` };
      },
      ended: (request, amount) => {
        const outcome = drill.ended(request, amount);
        if (outcome !== null) metrics.count('archipel_drill_requests_total', { outcome });
        if (drill.isRunning && drill.isOverBudget && this.#running?.drill === drill)
          this.#end(this.#running, 'over-budget');
      },
    };
  }

  /** Targets that are lost, found anew when the configuration has changed. */
  #lostBy(losses: readonly Loss[]): () => ReadonlySet<string> {
    let of: Supply | null = null;
    let names: ReadonlySet<string> = new Set();
    return () => {
      const supply = this.#parts.supply();
      if (supply === of) return names;
      of = supply;
      const lost = targetsOf(supply).filter((target) => losses.some((loss) => isLost(target, loss)));
      names = new Set(lost.map(({ target }) => targetName(target)));
      return names;
    };
  }

  /** @param keeps whether its report is kept here, again and again until the database has it. */
  #end(running: Running, state: 'ended' | 'stopped' | 'over-budget', keeps = true): StoredDrill {
    const { clock, log, metrics } = this.#parts;
    const nowMs = clock.nowMs();
    running.drill.end(state, nowMs);
    clearTimeout(running.timer);
    clearInterval(running.look);
    if (this.#running === running) this.#running = null;
    const stored = storedNow(running, nowMs);
    const { requests, served, faults } = running.drill.report();
    log.warn('a live drill ended', { drill: running.drill.id, state, requests, served, faults });
    metrics.gauge('archipel_drill_under_way', 0);
    if (keeps) void this.#keep(stored);
    return stored;
  }

  async #keep(stored: StoredDrill): Promise<void> {
    try {
      await saveDrill(this.#parts.database, stored);
    } catch (error) {
      this.#parts.log.warn('the report of a live drill is not kept yet', {
        drill: stored.id,
        message: errorMessage(error),
      });
      setTimeout(() => void this.#keep(stored), keepAgainMs).unref();
    }
  }
}

const underWay: ControlFault = {
  code: 'drill_running',
  message: 'A live drill is under way, and there is one at a time. Stop it with "archipel drill stop", or wait.',
};

const storedNow = ({ drill, stored }: Running, endedAtMs: number | null): StoredDrill => ({
  ...stored,
  endedAtMs,
  report: { ...drill.report() },
});
