import type { NanoUsd } from '../kernel/index.ts';
import { Health, type Candidate, type ClosedAdmission } from '../router/index.ts';
import { targetName, type RequestRecord } from '../vocabulary/index.ts';
import type { LiveReport } from './DrillReport.ts';
import { lossText, type Loss } from './Loss.ts';
import { shareOf, Tally } from './Tally.ts';

export interface LiveDrillParts {
  readonly id: string;
  readonly losses: readonly Loss[];
  /** Share of the requests within the scope that meet it, 0 to 1. */
  readonly share: number;
  /** Only requests of this team, of this key; null for all. */
  readonly team: string | null;
  readonly key: string | null;
  /** Unix milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Share of the requests that meet it which may fail before it ends. */
  readonly errorBudget: number;
  /** Names, "provider/model", of the targets that are lost, as the file has them now. */
  readonly lost: () => ReadonlySet<string>;
}

/** With fewer requests than this the error budget is that of so many: the first failure of ten says nothing of a hundredth. */
const budgetRequestsMin = 100;

/** Our answers where nobody served: what a drill may be to blame for. */
const unservedCodes: ReadonlySet<string> = new Set([
  'all_targets_failed',
  'no_eligible_target',
  'upstream_credentials',
  'upstream_truncated',
  'deadline_exceeded',
  'state_target_gone',
  'rate_limited',
]);

const goneStatus = 499;
const hourMs = 3_600_000;

const assumptions: readonly string[] = [
  'A target that is lost refuses as if nobody listened there, before any connection is made; it is passed over as one that is really down would be.',
  'Requests of this process alone meet it: other replicas send theirs as ever.',
];

/** Where in the draw of all requests one stands, 0 to below 1: by the random end of its id, so that all its attempts meet the same. */
const drawOf = (requestId: string): number => Number.parseInt(requestId.slice(-8), 16) / 2 ** 32;

/** Whether nobody served it; null where that is no word about the supply. */
const isServed = ({ status, errorCode, decisions }: RequestRecord): boolean | null => {
  if (status === goneStatus) return null;
  if (errorCode !== null) {
    const isLimited = decisions.some(({ limited }) => limited !== undefined);
    return unservedCodes.has(errorCode) && !isLimited ? false : null;
  }
  return status < 400 ? true : null;
};

/**
 * An outage that is made up for a share of the running requests: targets that are lost fail for them alone. They learn of it as they would of a real one, by
 * a health of the drill's own, so that nobody else keeps away from a target that is well.
 */
export class LiveDrill {
  readonly #parts: LiveDrillParts;
  readonly #health = new Health();
  readonly #teams = new Tally();
  readonly #keys = new Tally();
  readonly #models = new Tally();
  readonly #hours = new Tally();
  #state: LiveReport['state'] = 'running';
  #endedAtMs: number | null = null;
  #requests = 0;
  #served = 0;
  #amount = 0n;
  #faults = 0;
  #attempts = 0;
  #durationMs = 0;

  constructor(parts: LiveDrillParts) {
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.id;
  }

  get untilMs(): number {
    return this.#parts.untilMs;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** Whether more failed than may. */
  get isOverBudget(): boolean {
    const failed = this.#requests - this.#served;
    return failed > this.#parts.errorBudget * Math.max(this.#requests, budgetRequestsMin);
  }

  /** Whether a request is one of those that meet it. */
  meets(request: Pick<RequestRecord, 'requestId' | 'team' | 'key'>): boolean {
    const { team, key, share } = this.#parts;
    if (team !== null && request.team !== team) return false;
    if (key !== null && request.key !== key) return false;
    return drawOf(request.requestId) < share;
  }

  /** Why a target may not be asked now, since it was found to be out; null where it may. @param nowMs monotonic. */
  restOf(candidate: Candidate, nowMs: number): ClosedAdmission | null {
    if (!this.isRunning || !this.#isLost(candidate)) return null;
    const admission = this.#health.admit({ ...candidate, rest: null }, nowMs);
    // Not even as a last resort: what is made up does not get well by being asked.
    return admission.open ? null : { ...admission, lastResort: false, reason: `drill: ${admission.reason}` };
  }

  /** A target was chosen. @returns whether it is lost and fails. @param nowMs monotonic. */
  fault(candidate: Candidate, nowMs: number): boolean {
    if (!this.isRunning || !this.#isLost(candidate)) return false;
    this.#faults += 1;
    const ticket = this.#health.started({ ...candidate, rest: null }, nowMs);
    this.#health.failed(ticket, { class: 'transient', cause: 'connect_refused' }, nowMs);
    return true;
  }

  /** A request that met it is over. @param amount what its attempts cost. */
  ended(request: RequestRecord, amount: NanoUsd): 'served' | 'failed' | null {
    const served = isServed(request);
    if (served === null || !this.isRunning) return null;
    this.#requests += 1;
    this.#attempts += request.attemptIds.length;
    this.#amount += amount;
    if (served) {
      this.#served += 1;
      this.#durationMs += request.durationMs;
    }
    const tallied = { served, moved: null, amount, usual: null };
    this.#teams.add(request.team, tallied);
    this.#keys.add(request.key, tallied);
    this.#models.add(request.model, tallied);
    this.#hours.add(new Date(Math.floor(request.startedAtMs / hourMs) * hourMs).toISOString(), tallied);
    return served ? 'served' : 'failed';
  }

  /** Once. @returns whether it was running. */
  end(state: Exclude<LiveReport['state'], 'running'>, nowMs: number): boolean {
    if (!this.isRunning) return false;
    this.#state = state;
    this.#endedAtMs = nowMs;
    return true;
  }

  report(): LiveReport {
    const { losses, share, team, key, fromMs, untilMs, errorBudget } = this.#parts;
    return {
      kind: 'live',
      state: this.#state,
      without: losses.map(lossText),
      share,
      team,
      key,
      errorBudget,
      fromMs,
      untilMs: this.#endedAtMs ?? untilMs,
      requests: this.#requests,
      served: this.#served,
      servedShare: shareOf(this.#served, this.#requests),
      amountNanoUsd: this.#amount.toString(),
      usualNanoUsd: null,
      faults: this.#faults,
      attempts: this.#attempts,
      meanDurationMs: this.#served === 0 ? null : this.#durationMs / this.#served,
      teams: this.#teams.byHurt(),
      keys: this.#keys.byHurt(),
      models: this.#models.byHurt(),
      hours: this.#hours.rows(),
      assumptions,
    };
  }

  #isLost({ target }: Candidate): boolean {
    return this.#parts.lost().has(targetName(target));
  }
}
