import type { Clock, Log, Metrics } from '../../kernel/index.ts';
import { AdmissionRate } from './AdmissionRate.ts';
import { fairRate } from './fairRate.ts';
import { KeyFlow } from './KeyFlow.ts';
import type { Pressure } from './Pressure.ts';

/** How often the pressure is looked at while anybody asks. */
const lookMs = 100;
/** Keys that are told apart; more of them share what one has. */
const keysMax = 10_000;
/** From this size on a body is large. */
export const largeBodyBytes = 262_144;
/** From these shares of the memory on: large bodies are turned away, then everybody, then idle connections are closed. */
export const memorySteps = { largeBodies: 0.85, all: 0.92, connections: 0.95 } as const;
/** From this share of what may be unsynced on everybody is turned away; at its end records would be refused. */
const diskStep = 0.9;
/** Time over which the duration of requests is averaged, in requests. */
const durationWeight = 0.05;
/**
 * So few requests are no queue that anybody waits in for long: what makes turns long is something else then, such as a configuration that is read,
 * or code that runs for the first time. Of the places up to here a key may take as many as are free, so that nobody has them all.
 */
const fewRequests = 128;
/** When to come back. Seconds. */
const retryAfterSMax = 30;
const retryAfterSShort = 2;

export type ShedCause = 'queue' | 'memory' | 'disk';

/** Why a request is turned away before it is read. */
export interface Shed {
  readonly cause: ShedCause;
  readonly message: string;
  readonly retryAfterS: number;
}

export interface ShedderPorts {
  /** Reads what has been since the last reading. */
  readonly pressure: () => Pressure;
  /** How long a turn of the event loop may be; 0: no limit. */
  readonly turnMs: () => number;
  /** Closes connections on which nothing is asked. */
  readonly closeIdle: () => void;
  /** 0 <= n < 1. */
  readonly random: () => number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A time in which a cause turned requests away: told once when it begins and once when it is over. */
interface Episode {
  readonly sinceMs: number;
  shed: number;
}

const calm: Pressure = { turnMs: 0, memoryShare: 0, diskShare: 0 };

/**
 * Turns requests away while this process has more on its hands than it can do: before their bodies are read, those first whose keys ask for more than
 * their share, and no more than needed. What is let in is served as if nothing were.
 */
export class Shedder {
  readonly #ports: ShedderPorts;
  readonly #rate = new AdmissionRate();
  readonly #flows = new Map<string, KeyFlow>();
  readonly #episodes = new Map<ShedCause, Episode>();
  #pressure = calm;
  /** What each key may ask for, in requests a millisecond; Infinity while everybody is let in. */
  #fairRate = Infinity;
  #timer: NodeJS.Timeout | null = null;
  #lookedAtMs = 0;
  #looks = 0;
  /** Requests that were let in and are here. */
  #here = 0;
  #arrived = 0;
  #admitted = 0;
  #finished = 0;
  #durationMs = 0;

  constructor(ports: ShedderPorts) {
    this.#ports = ports;
  }

  /** The requests of a key. */
  flowOf(key: string): KeyFlow {
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const name = this.#flows.size < keysMax ? key : '';
    const flow = this.#flows.get(name) ?? new KeyFlow();
    this.#flows.set(name, flow);
    this.#wake();
    return flow;
  }

  /** @param bodyBytes Null where nobody told. @returns why the request is turned away, or null: then it counts as let in. */
  shed(flow: KeyFlow, bodyBytes: number | null): Shed | null {
    flow.arrived += 1;
    this.#arrived += 1;
    const shed = this.#memoryShed(bodyBytes) ?? this.#queueShed(flow);
    if (shed === null) this.#admitted += 1;
    else this.#count(shed.cause);
    return shed;
  }

  /** A request that was let in begins. @returns to be called once when it is over. */
  enter(flow: KeyFlow): () => void {
    flow.here += 1;
    this.#here += 1;
    const atLook = this.#looks;
    return () => {
      flow.here -= 1;
      this.#here -= 1;
      this.#finished += 1;
      this.#durationMs += ((this.#looks - atLook) * lookMs - this.#durationMs) * durationWeight;
    };
  }

  /** Looks at the pressure: by its timer, and by tests. */
  look(): void {
    const { clock, pressure, turnMs } = this.#ports;
    const nowMs = clock.monotonicMs();
    const elapsedMs = nowMs - this.#lookedAtMs;
    if (elapsedMs <= 0) return;
    this.#lookedAtMs = nowMs;
    this.#looks += 1;
    this.#pressure = pressure();
    this.#lookAtQueue(elapsedMs, nowMs, turnMs());
    this.#lookAtMemory(nowMs);
    this.#tell();
    if (this.#flows.size === 0 && this.#episodes.size === 0) this.stop();
  }

  /** Looks no more until somebody asks. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #wake(): void {
    if (this.#timer !== null) return;
    this.#timer = setInterval(() => this.look(), lookMs).unref();
    this.#lookedAtMs = this.#ports.clock.monotonicMs();
    this.#pressure = this.#ports.pressure();
  }

  #memoryShed(bodyBytes: number | null): Shed | null {
    const { memoryShare, diskShare } = this.#pressure;
    if (memoryShare < memorySteps.largeBodies && diskShare < diskStep) return null;
    if (memoryShare >= memorySteps.all)
      return this.#shedFor('memory', 'This gateway is short of memory.', retryAfterSShort);
    if (diskShare >= diskStep) return this.#shedFor('disk', "This gateway's disk is behind.", retryAfterSShort);
    if (bodyBytes !== null && bodyBytes < largeBodyBytes) return null;
    return this.#shedFor('memory', 'This gateway is short of memory for a body of this size.', retryAfterSShort);
  }

  #queueShed(flow: KeyFlow): Shed | null {
    if (this.#fairRate === Infinity || flow.take(this.#fairRate, this.#ports.clock.monotonicMs())) return null;
    if (flow.here < fewRequests - this.#here) return null;
    // What the key asks for in a second takes it so long.
    const seconds = Math.min(retryAfterSMax, Math.max(1, Math.ceil(flow.wantedRate / this.#fairRate)));
    return this.#shedFor('queue', 'This gateway has more to do than it can, and this key asks for its share.', seconds);
  }

  /** Spread, so that those who were turned away together do not come back together. */
  #shedFor(cause: ShedCause, message: string, seconds: number): Shed {
    return { cause, message, retryAfterS: seconds + Math.floor(this.#ports.random() * (seconds + 1)) };
  }

  #count(cause: ShedCause): void {
    this.#ports.metrics.count('archipel_shed_total', { cause });
    const episode = this.#episodes.get(cause);
    if (episode !== undefined) episode.shed += 1;
  }

  #lookAtQueue(elapsedMs: number, nowMs: number, targetMs: number): void {
    for (const [key, flow] of this.#flows) {
      flow.look(elapsedMs);
      if (flow.isSilent) this.#flows.delete(key);
    }
    this.#rate.observe(
      {
        elapsedMs,
        turnMs: this.#pressure.turnMs,
        arrived: this.#arrived,
        admitted: this.#admitted,
        finished: this.#finished,
        durationMs: this.#durationMs,
      },
      targetMs,
    );
    [this.#arrived, this.#admitted, this.#finished] = [0, 0, 0];
    const { ratePerMs } = this.#rate;
    const wasFree = this.#fairRate === Infinity && !this.#episodes.has('queue');
    this.#fairRate = ratePerMs === null ? Infinity : this.#share(ratePerMs);
    if (wasFree && ratePerMs !== null) for (const flow of this.#flows.values()) flow.restart(nowMs);
    this.#episode('queue', ratePerMs !== null, nowMs);
  }

  #share(ratePerMs: number): number {
    return fairRate(
      Array.from(this.#flows.values(), ({ wantedRate }) => wantedRate),
      ratePerMs,
    );
  }

  #lookAtMemory(nowMs: number): void {
    const { memoryShare, diskShare } = this.#pressure;
    this.#episode('memory', memoryShare >= memorySteps.largeBodies, nowMs);
    this.#episode('disk', diskShare >= diskStep, nowMs);
    if (memoryShare >= memorySteps.connections) this.#ports.closeIdle();
  }

  #episode(cause: ShedCause, isOn: boolean, nowMs: number): void {
    const { log } = this.#ports;
    const episode = this.#episodes.get(cause);
    if (isOn && episode === undefined) {
      this.#episodes.set(cause, { sinceMs: nowMs, shed: 0 });
      log.warn('overload: requests are told to come back', { cause, ...this.#pressure });
    } else if (!isOn && episode !== undefined) {
      this.#episodes.delete(cause);
      log.info('overload is over', { cause, shed: episode.shed, forMs: Math.round(nowMs - episode.sinceMs) });
    }
  }

  #tell(): void {
    const { metrics } = this.#ports;
    metrics.gauge('archipel_event_loop_turn_ms', this.#pressure.turnMs);
    metrics.gauge('archipel_memory_share', this.#pressure.memoryShare);
    metrics.gauge('archipel_admission_limit_rps', (this.#rate.ratePerMs ?? 0) * 1_000);
  }
}
