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
import { keepAudit, listDrills, saveDrill, type Database, type StoredDrill } from '../../store/index.ts';
import { targetName } from '../../vocabulary/index.ts';
import { drillJson } from './drillJson.ts';

export interface LiveDrillsParts {
  readonly database: Database;
  /** The same object until the configuration changes. */
  readonly supply: () => Supply;
  readonly ids: UuidV7Maker;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How often a report is tried to be kept again while the database is away. */
const keepAgainMs = 5_000;
/** How many of the newest drills are looked through for one that another replica runs. */
const lookedThrough = 20;

/** A drill under way and who asked for it. */
interface Running {
  readonly drill: LiveDrill;
  readonly stored: Omit<StoredDrill, 'endedAtMs' | 'report'>;
  readonly met: MetDrill;
  readonly timer: NodeJS.Timeout;
}

/** Live drills of this process, one at a time. Each ends at its time, whoever is there to see it, and as soon as more fails than may. */
export class LiveDrills implements FaultPort {
  readonly #parts: LiveDrillsParts;
  #running: Running | null = null;
  #starting = false;

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
    const fromMs = clock.nowMs();
    if (await isRunningElsewhere(database, fromMs)) return failure(underWay);
    const untilMs = fromMs + question.lengthMs;
    const id = ids.next(fromMs);
    const { share, team, key, errorBudget } = question;
    const lost = this.#lostBy(losses.value);
    const drill = new LiveDrill({ id, losses: losses.value, share, team, key, fromMs, untilMs, errorBudget, lost });
    const stored = { id, kind: 'live', startedBy: by.name, startedAtMs: fromMs, untilMs } as const;
    const detail = { without: question.without, share, team, key, lengthMs: question.lengthMs, errorBudget };
    await database.transaction(async (queries) => {
      await saveDrill(queries, { ...stored, endedAtMs: null, report: { ...drill.report() } });
      await keepAudit(queries, 'default', { actor: by.name, atMs: fromMs, action: 'drill.start', subject: id, detail });
    });
    const running: Running = {
      drill,
      stored,
      met: this.#metBy(drill),
      timer: setTimeout(() => this.#end(running, 'ended'), question.lengthMs).unref(),
    };
    this.#running = running;
    log.warn('a live drill begins', { drill: id, by: by.name, ...detail });
    metrics.gauge('archipel_drill_under_way', 1);
    return success(drillJson(storedNow(running, null), fromMs));
  }

  /** Ends the one under way before its time. @throws CodedError `database_unavailable`; it has ended all the same. */
  async stop(by: Operator): Promise<Answer> {
    const running = this.#running;
    if (running === null) return failure({ code: 'no_such_thing', message: 'There is no live drill under way here.' });
    const stored = this.#end(running, 'stopped');
    const { database, clock } = this.#parts;
    const audited = {
      actor: by.name,
      atMs: clock.nowMs(),
      action: 'drill.stop',
      subject: running.drill.id,
      detail: {},
    };
    await keepAudit(database, 'default', audited);
    return success(drillJson(stored, clock.nowMs()));
  }

  /** The process ends, and with it what it makes up. */
  async close(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    const stored = this.#end(running, 'stopped', false);
    await saveDrill(this.#parts.database, stored).catch(() => {
      // Without its end it reads as over at its time.
    });
  }

  #metBy(drill: LiveDrill): MetDrill {
    const { metrics } = this.#parts;
    return {
      id: drill.id,
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

const isRunningElsewhere = async (database: Database, nowMs: number): Promise<boolean> =>
  (await listDrills(database, lookedThrough)).some(
    ({ kind, endedAtMs, untilMs }) => kind === 'live' && endedAtMs === null && untilMs > nowMs,
  );
