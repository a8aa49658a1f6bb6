import type { Clock } from '../../kernel/index.ts';
import { rateLeaseMs } from '../../ledger/index.ts';
import type { ToldPace } from '../../router/index.ts';
import type { ToldByReplica } from '../../store/index.ts';
import type { FleetTalk } from '../Fleet.ts';
import type { ContractPaces } from './ContractPaces.ts';
import { toldSchema } from './toldSchema.ts';

export interface FleetPacesParts {
  /** Id of this replica. */
  readonly instance: string;
  readonly paces: Pick<ContractPaces, 'tell' | 'hear' | 'paceAlone' | 'onFloorUse'>;
  readonly clock: Clock;
}

/** Since when a replica paces. */
interface Age {
  readonly instance: string;
  /** Unix milliseconds. */
  readonly beganMs: number;
}

/**
 * What replicas tell each other with each beat, so that they pace as one: what they have used of floors' intervals, how many requests come to each, and multipliers, of
 * which those of the eldest are everybody's. Nothing of it is booked. Who hears nobody for as long as a lease of a rate is good paces alone.
 */
export class FleetPaces implements FleetTalk {
  readonly #parts: FleetPacesParts;
  readonly #age: Age;
  /** On the monotonic clock. */
  #heardMs = -Infinity;

  constructor(parts: FleetPacesParts) {
    this.#parts = parts;
    this.#age = { instance: parts.instance, beganMs: parts.clock.nowMs() };
  }

  say(): unknown {
    return { beganMs: this.#age.beganMs, pace: this.#parts.paces.tell() };
  }

  hear(told: readonly ToldByReplica[], liveMs: number, others: readonly string[]): void {
    const { paces, clock } = this.#parts;
    this.#heardMs = clock.monotonicMs();
    const heard = new Set<string>();
    const pacing = new Map<string, ToldPace>();
    let eldest = this.#age;
    for (const { instance, told: said, silentMs } of told) {
      const read = toldSchema.safeParse(said);
      if (!read.success || silentMs > liveMs) continue;
      heard.add(instance);
      if (read.data.pace === null) continue;
      pacing.set(instance, read.data.pace);
      const age = { instance, beganMs: read.data.beganMs };
      if (isElder(age, eldest)) eldest = age;
    }
    paces.hear(pacing, pacing.get(eldest.instance) ?? null, {
      equalPart: 1 / (1 + others.length),
      silent: new Set(others.filter((one) => !heard.has(one))),
    });
  }

  miss(): void {
    const { paces, clock } = this.#parts;
    if (clock.monotonicMs() - this.#heardMs > rateLeaseMs) paces.paceAlone();
  }

  /** A floor was used: what is left of it is everybody's. */
  onNews(listener: () => void): void {
    this.#parts.paces.onFloorUse(listener);
  }
}

const isElder = (one: Age, than: Age): boolean =>
  one.beganMs < than.beganMs || (one.beganMs === than.beganMs && one.instance < than.instance);
