import { errorMessage } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import {
  apportion,
  rateLeaseMs,
  wholeBase,
  type RateGrant,
  type RateLimits,
  type RateShares,
  type RateUse,
} from '../ledger/index.ts';
import {
  beat,
  leaveFleet,
  tellReplicas,
  type BeatAnswer,
  type DatabaseSession,
  type RateClaim,
  type RateLease,
  type Replica,
  type ReplicaSelf,
  type SessionOptions,
  type ToldByReplica,
} from '../store/index.ts';
import { differencesOf } from './differencesOf.ts';

/** How often a replica says that it is there. */
const beatMs = 1_000;
/** Fewest milliseconds between two beats, however much is lacking here or there. */
const soonMs = 200;
/** Most time of one answer; a connection that is silent for longer is given up for another. */
const answerMs = 2_000;
/** After so much silence another one's leases are free: later than it gives them up itself, by what two clocks may drift apart. */
const leaseMs = rateLeaseMs + 3_000;
/** After so much silence a replica that did not take its leave is counted no longer. */
const givenUpMs = 300_000;
/** How long a start waits for a part of the rates, which others must leave to it. */
const firstShareMs = 3_000;
/** Most limits that are leased at a time; of others there is the base. */
const claimsMax = 2_000;

/** A claim on a limit of the file. */
type OwnClaim = RateClaim & Pick<RateGrant, 'name'>;

/** Half of each rate is shared out by bases, alike. */
const baseHalf = wholeBase / 2;

/** What replicas tell each other with each beat. */
export interface FleetTalk {
  /** Plain JSON. */
  say(): unknown;
  /**
   * @param told By all others that are known.
   * @param liveMs Who was silent for longer lives no more, or is cut off.
   * @param others Ids of all others that have a part of what all share alike, those among them that told nothing.
   */
  hear(told: readonly ToldByReplica[], liveMs: number, others: readonly string[]): void;
  /** Nobody was heard this time. */
  miss(): void;
  /** Tells when there is something that others should hear before the next beat. */
  onNews(listener: () => void): void;
}

export interface FleetPorts {
  readonly database: { session(options: SessionOptions): Promise<DatabaseSession> };
  readonly self: Omit<ReplicaSelf, 'configurationHash'>;
  /** SHA-256 of the configuration file in force, in hexadecimal. */
  readonly configurationHash: () => string;
  readonly rateLimits: Pick<RateLimits, 'uses'>;
  readonly shares: RateShares;
  readonly talk: FleetTalk;
  readonly clock: Clock;
  readonly log: Log;
}

/** Other replicas on the same database, as far as they are heard. */
export interface FleetStanding {
  /** All that the last answer knew, this one among them; none where there was no answer yet. */
  readonly replicas: readonly Replica[];
  /** How replicas that live differ from this one, and since when; null where they do not. */
  readonly differences: { readonly message: string; readonly sinceMs: number } | null;
}

/** This process as one of several on a database: it says that it lives, hears who else does, and settles with them how rates are shared. */
export class Fleet {
  readonly #ports: FleetPorts;
  #session: DatabaseSession | null = null;
  /** Until the next beat; null while one is under way. */
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Resolves once this replica has a part of the rates, or nobody can give it one now. */
  readonly #served = Promise.withResolvers<void>();
  /** Whether the next beat is made sooner than usual. */
  #hurries = false;
  /** Whether the last beat failed: a log says so once. */
  #isMute = false;
  #beatAtMs = Number.NEGATIVE_INFINITY;
  /** Until something has been told before the next beat: one at a time, so that no beat waits behind many. Null where nothing is to be. */
  #tellTimer: NodeJS.Timeout | null = null;
  #telling: Promise<void> = Promise.resolve();
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #replicas: readonly Replica[] = [];
  #leases: ReadonlyMap<string, RateLease> = new Map();
  #differences: FleetStanding['differences'] = null;

  constructor(ports: FleetPorts) {
    this.#ports = ports;
    ports.talk.onNews(() => this.#tellSoon());
  }

  get standing(): FleetStanding {
    return { replicas: this.#replicas, differences: this.#differences };
  }

  /** Beats from now on. Resolves once this replica has a part of the rates, or after a few seconds. */
  async start(): Promise<void> {
    this.#ports.shares.onLack(() => this.#hurry());
    const timer = setTimeout(this.#served.resolve, firstShareMs);
    this.#beatOn();
    await this.#served.promise;
    clearTimeout(timer);
  }

  /** One beat. Never rejects. */
  async beat(): Promise<void> {
    const { database, self, configurationHash, shares, talk, clock, log } = this.#ports;
    const sentAtMs = clock.monotonicMs();
    this.#beatAtMs = sentAtMs;
    const base = this.#baseWanted(sentAtMs);
    const claims = this.#claims(sentAtMs, base);
    try {
      this.#session ??= await database.session({ purpose: 'replica', queryMs: answerMs });
      // Whoever asks for less lets less through before others hear of it.
      shares.lower(base, claims.map(grantOf));
      const answer = await beat(this.#session, {
        self: { ...self, configurationHash: configurationHash() },
        base,
        claims,
        leaseMs,
        givenUpMs,
      });
      this.#take(answer, claims, sentAtMs);
      await this.#tell(this.#session);
      if (this.#isMute) log.info('other replicas are heard again');
      this.#isMute = false;
    } catch (error) {
      const message = errorMessage(error);
      if (!this.#isMute) log.warn('other replicas are not heard now; rates are kept to the share in hand', { message });
      this.#isMute = true;
      void this.#session?.end();
      this.#session = null;
      talk.miss();
    }
  }

  /** Takes leave, so that others have at once what this one had. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#tellTimer !== null) clearTimeout(this.#tellTimer);
    await Promise.all([this.#turn, this.#telling]);
    const session = this.#session;
    if (session === null) return;
    await leaveFleet(session, this.#ports.self.instance).catch((error: unknown) =>
      this.#ports.log.warn('the other replicas were not told of the end of this one', { message: errorMessage(error) }),
    );
    await session.end();
  }

  #beatOn(): void {
    this.#timer = null;
    this.#turn = this.#beatAndPlan();
  }

  async #beatAndPlan(): Promise<void> {
    const isFollowing = this.#hurries;
    this.#hurries = false;
    await this.beat();
    if (this.#isMute || this.#ports.shares.base > 0) this.#served.resolve();
    // What is left to others is theirs a beat sooner; where it cannot be left yet, nobody hurries.
    if (!isFollowing && this.#isUnsettled()) this.#hurries = true;
    this.#plan();
  }

  #plan(): void {
    if (this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const sinceMs = this.#ports.clock.monotonicMs() - this.#beatAtMs;
    const inMs = Math.max(0, (this.#hurries ? soonMs : beatMs) - sinceMs);
    this.#timer = setTimeout(() => this.#beatOn(), inMs).unref();
  }

  /** Something is lacking here that may lie idle elsewhere. */
  #hurry(): void {
    if (this.#isMute || this.#hurries) return;
    this.#hurries = true;
    if (this.#timer !== null) this.#plan();
  }

  async #tell(session: DatabaseSession): Promise<void> {
    const { talk, self, clock } = this.#ports;
    this.#toldAtMs = clock.monotonicMs();
    const told = await tellReplicas(session, self.instance, talk.say());
    talk.hear(told, leaseMs, this.#others);
  }

  /** Others are told without a beat, which is for rates and more work for the database. */
  #tellSoon(): void {
    if (this.#tellTimer !== null || this.#isMute || this.#stopped) return;
    const inMs = Math.max(0, soonMs - (this.#ports.clock.monotonicMs() - this.#toldAtMs));
    this.#tellTimer = setTimeout(() => {
      this.#telling = this.#tellNow().finally(() => (this.#tellTimer = null));
    }, inMs).unref();
  }

  async #tellNow(): Promise<void> {
    if (this.#session === null) return;
    await this.#tell(this.#session).catch(() => {
      // The next beat finds out what is wrong, and tells all the same.
    });
  }

  /** Ids of the other replicas that have a part of the rates. */
  get #others(): readonly string[] {
    const { self } = this.#ports;
    return this.#replicas
      .filter(({ instance, silentMs }) => instance !== self.instance && silentMs <= givenUpMs)
      .map(({ instance }) => instance);
  }

  /** Replicas that have a part of the rates, this one among them. */
  get #counted(): number {
    return 1 + this.#others.length;
  }

  get #baseFair(): number {
    return this.#counted === 1 ? wholeBase : Math.floor(baseHalf / this.#counted);
  }

  /** Who was not heard for long may have let its base through twice: it says so before it lowers that. */
  #baseWanted(nowMs: number): number {
    if (this.#heardAtMs === Number.NEGATIVE_INFINITY) return wholeBase;
    const { shares } = this.#ports;
    return nowMs - this.#heardAtMs > rateLeaseMs ? Math.min(wholeBase, 2 * shares.base) : this.#baseFair;
  }

  /** @param baseWanted The base that is asked for in the same beat: what it no longer covers is claimed. */
  #claims(nowMs: number, baseWanted: number): readonly OwnClaim[] {
    const { rateLimits, shares } = this.#ports;
    const base = Math.min(baseWanted, shares.base);
    if (base === wholeBase) return [];
    const uses = rateLimits
      .uses(nowMs)
      .map((use) => ({ ...use, held: Math.max(0, use.least - shares.baseOf(use.limit, base)) }))
      .toSorted(byNeed)
      .slice(0, claimsMax);
    return uses.map(({ scope, name, limit, wanted, held }) => {
      const capped = Math.min(wanted, limit);
      const lease = this.#leases.get(leaseId(scope, name));
      const fair = lease === undefined ? limit : this.#fairOf(lease, capped);
      return { scope, name, units: limit, target: Math.max(fair, held), held, wanted: roundedUp(capped) };
    });
  }

  /** What this replica should have of a lease where it could use so much. */
  #fairOf({ pool, others }: RateLease, wanted: number): number {
    const { instance } = this.#ports.self;
    const wants = [
      ...others.map((share) => ({ id: share.instance, wanted: share.wanted })),
      { id: instance, wanted: roundedUp(wanted) },
    ];
    return apportion(pool, wants).get(instance) ?? 0;
  }

  #take({ base, replicas, leases, withheld }: BeatAnswer, claims: readonly OwnClaim[], sentAtMs: number): void {
    const { shares, self, clock, configurationHash } = this.#ports;
    this.#leases = new Map(leases.map((lease) => [leaseId(lease.scope, lease.name), lease]));
    const grants = claims.map((claim) => ({
      ...grantOf(claim),
      units: this.#leases.get(leaseId(claim.scope, claim.name))?.granted ?? 0,
    }));
    shares.settle(base, grants, sentAtMs, withheld);
    this.#heardAtMs = sentAtMs;
    this.#replicas = replicas;
    const message = differencesOf(replicas, { ...self, configurationHash: configurationHash() });
    this.#differences = message === null ? null : { message, sinceMs: this.#differences?.sinceMs ?? clock.nowMs() };
  }

  /** Whether others wait for something that this replica should leave to them. */
  #isUnsettled(): boolean {
    if (this.#isMute) return false;
    if (this.#ports.shares.base > this.#baseFair) return true;
    return [...this.#leases.values()].some((lease) => lease.granted > this.#fairOf(lease, lease.wanted));
  }
}

/** What cannot be given up comes first, then what is used most of what it lets through. */
const byNeed = (one: RateUse & Pick<RateClaim, 'held'>, other: RateUse & Pick<RateClaim, 'held'>): number =>
  Number(other.held > 0) - Number(one.held > 0) || other.wanted / other.limit - one.wanted / one.limit;

const leaseId = (scope: string, name: string): string => `${name} ${scope}`;

const grantOf = ({ scope, name, target }: OwnClaim): RateGrant => ({ scope, name, units: target });

/** What is wanted in two digits, so that small changes write no rows. */
const roundedUp = (units: number): number => {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, units))) - 1);
  return Math.ceil(units / step) * step;
};
