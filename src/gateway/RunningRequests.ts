import { lookUp, type KeyTable, type Principal, type RefusedCredential } from '../access/index.ts';
import { assert, type Clock } from '../kernel/index.ts';

/** How often the keys of what runs are looked at: well within the two seconds in which the end of a key must be felt. */
const lookMs = 250;

/** A request as long as it runs. */
export interface RunningRequest {
  readonly principal: Principal;
  /** Its key is no longer valid. */
  endKey(why: RefusedCredential): void;
  /** The server waits no longer for its end. */
  shutDown(): void;
}

/** Where a request stands among those that run. */
interface Place {
  readonly request: RunningRequest;
  at: number;
}

/**
 * Requests that run, so that the end of a key ends them too. They are looked at against the keys in force from time to time: that finds a key that
 * was revoked, replaced or removed, one whose day has come and one whose team is gone alike, and costs a request no more than a place in a list.
 */
export class RunningRequests {
  readonly #keys: () => KeyTable;
  readonly #clock: Pick<Clock, 'nowMs'>;
  /**
   * No Set: one that thousands enter and leave leaves its old tables behind, each of which leads the collector of young objects to the next one. Then
   * all requests live until the whole heap is collected (measured: a third more processor time for a request).
   */
  readonly #running: Place[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isShut = false;

  constructor(keys: () => KeyTable, clock: Pick<Clock, 'nowMs'>) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /** How many there are. */
  get count(): number {
    return this.#running.length;
  }

  /** @returns to be called once when it is over. */
  enter(request: RunningRequest): () => void {
    const place = { request, at: this.#running.length };
    this.#running.push(place);
    this.#timer ??= setInterval(() => this.look(), lookMs).unref();
    if (this.#isShut) request.shutDown();
    return () => this.#leave(place);
  }

  /** Ends whatever runs, and whatever still comes. @returns how many ran. */
  shutDown(): number {
    this.#isShut = true;
    const running = [...this.#running];
    for (const { request } of running) request.shutDown();
    return running.length;
  }

  /** The last one takes the place of the one that leaves. */
  #leave(place: Place): void {
    assert(this.#running[place.at] === place, 'a request leaves once');
    const last = this.#running.pop();
    if (last === undefined || last === place) return;
    last.at = place.at;
    this.#running[place.at] = last;
  }

  /** Ends whatever runs under a key that is not valid now. */
  look(): void {
    if (this.#running.length === 0) this.#rest();
    const keys = this.#keys();
    const nowMs = this.#clock.nowMs();
    const running = [...this.#running];
    for (const { request } of running) {
      const found = lookUp(keys, request.principal.hash, nowMs);
      if (!found.ok) request.endKey(found.fault);
    }
  }

  /** An idle server has nothing to look at. */
  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
