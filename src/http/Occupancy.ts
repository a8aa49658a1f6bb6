import { assert } from '../kernel/index.ts';

export interface OccupancyLimits {
  /** Requests here at once, those counted whose body is still coming. */
  readonly requestsInFlight: number;
  /** The bodies of all of them together. */
  readonly bodiesBytes: number;
}

/**
 * Who has no more places than this times those that are free gets another one. One key alone can have nearly all of them, and never so many that the next
 * one finds none: the more are taken, the less it takes to have enough.
 */
const placesPerFree = 16;

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

  /**
   * @param here Requests of the same key that are here.
   * @returns null where there are as many requests as there may be, or nearly so and this key has most of the places.
   */
  enter(here = 0): Stay | null {
    const free = this.#limits().requestsInFlight - this.#requests;
    if (free <= 0 || here > placesPerFree * free) return null;
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
