import { assert } from '../kernel/index.ts';

export interface OccupancyLimits {
  /** Requests here at once, those counted whose body is still coming. */
  readonly requestsInFlight: number;
  /** The bodies of all of them together. */
  readonly bodiesBytes: number;
}

/** One request's place among those that are here, and the bytes of its body. */
export interface Stay {
  /** Asks for room before it is used. @returns false, with nothing taken, where the limit would be passed or the stay is over. */
  take(bytes: number): boolean;
  /** Gives the place and all bytes back; further calls do nothing. */
  leave(): void;
}

/**
 * What the requests here hold together. Whoever finds no room is turned away, and nobody is sent out for somebody else: a limit that a reload
 * lowered below what is held only keeps newcomers out.
 */
export class Occupancy {
  readonly #limits: () => OccupancyLimits;
  #requests = 0;
  #heldBytes = 0;

  constructor(limits: () => OccupancyLimits) {
    this.#limits = limits;
  }

  get requests(): number {
    return this.#requests;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @returns null where there are as many requests as there may be. */
  enter(): Stay | null {
    if (this.#requests >= this.#limits().requestsInFlight) return null;
    this.#requests += 1;
    let isHere = true;
    let takenBytes = 0;
    return {
      take: (bytes) => {
        if (!isHere || this.#heldBytes + bytes > this.#limits().bodiesBytes) return false;
        takenBytes += bytes;
        this.#heldBytes += bytes;
        return true;
      },
      leave: () => {
        if (!isHere) return;
        isHere = false;
        this.#requests -= 1;
        this.#heldBytes -= takenBytes;
        assert(this.#requests >= 0 && this.#heldBytes >= 0, 'nobody gives back more than was taken');
      },
    };
  }
}
