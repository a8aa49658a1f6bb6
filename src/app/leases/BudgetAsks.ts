import type { Abandonment, RoomAnswer } from '../../gateway/index.ts';
import type { NanoUsd } from '../../kernel/index.ts';

/** How much longer than it asked for a request waits that has heard of no turn yet: where the machine is busy that takes longer. Milliseconds. */
const lateMsMax = 2_000;

/** A request that waits for room in its budgets. */
interface Ask {
  readonly scopeIds: readonly string[];
  readonly amount: NanoUsd;
  readonly end: (answer: RoomAnswer) => void;
  /** Whether a turn was told of it, and whether one of these has been answered. */
  isTold: boolean;
  isHeard: boolean;
  /** Whether it waits for no further answer. */
  isLate: boolean;
  /** Whether less was left than it asks for, when that was last heard. */
  isShort: boolean;
}

/** What a turn came to in one budget. Nano-USD. */
export interface Room {
  /** What this replica may spend now. */
  readonly free: bigint;
  /** What nobody has spent or holds: this replica may spend it, or others have it free, or nobody has it. */
  readonly left: bigint;
  /** The same with what is held: most of that is given back when its answers have ended. */
  readonly unspent: bigint;
}

/** Requests that wait for room in their budgets. */
export class BudgetAsks {
  readonly #asks = new Set<Ask>();
  readonly #lateMs: number;

  constructor(lateMs = lateMsMax) {
    this.#lateMs = lateMs;
  }

  get size(): number {
    return this.#asks.size;
  }

  /** Waits for so many milliseconds at the most, or a little longer for the first answer of a turn that was told of it; no longer than the request is wanted. */
  wait(
    scopeIds: readonly string[],
    amount: NanoUsd,
    ms: number,
    abandonment: Abandonment | null = null,
  ): Promise<RoomAnswer> {
    if ((abandonment?.reason ?? null) !== null) return Promise.resolve('unknown');
    const { promise, resolve } = Promise.withResolvers<RoomAnswer>();
    const leave = (): void => end('unknown');
    const end = (answer: RoomAnswer): void => {
      clearTimeout(timer);
      abandonment?.unlisten(leave);
      this.#asks.delete(ask);
      resolve(answer);
    };
    const ask: Ask = { scopeIds, amount, end, isTold: false, isHeard: false, isLate: false, isShort: false };
    let timer = setTimeout(() => {
      if (ask.isHeard) return giveUp(ask);
      ask.isLate = true;
      timer = setTimeout(() => giveUp(ask), this.#lateMs);
    }, ms);
    this.#asks.add(ask);
    abandonment?.listen(leave);
    return promise;
  }

  /** A turn begins. @returns what is asked for in all, by budget; nothing for those whom nobody could give enough. */
  tell(): ReadonlyMap<string, bigint> {
    const wanted = new Map<string, bigint>();
    for (const ask of this.#asks) {
      ask.isTold = true;
      for (const id of ask.scopeIds) wanted.set(id, (wanted.get(id) ?? 0n) + (ask.isShort ? 0n : ask.amount));
    }
    return wanted;
  }

  /** Ends those for which there is room, in the order in which they came, and those for which there never will be; the others wait for what others give back, and for what is held. */
  answer(rooms: ReadonlyMap<string, Room>): void {
    const free = new Map([...rooms].map(([id, room]) => [id, room.free]));
    for (const ask of this.#asks) {
      const known = ask.scopeIds.filter((id) => rooms.has(id));
      const isLess = (of: 'left' | 'unspent'): boolean => known.some((id) => (rooms.get(id)?.[of] ?? 0n) < ask.amount);
      ask.isShort = isLess('left');
      if (isLess('unspent')) ask.end('spent');
      else if (known.every((id) => (free.get(id) ?? 0n) >= ask.amount)) {
        for (const id of known) free.set(id, (free.get(id) ?? 0n) - ask.amount);
        ask.end('given');
      } else if (ask.isTold && ask.isLate) giveUp(ask);
      else ask.isHeard = ask.isTold;
    }
  }

  /** Nobody answers them any more. */
  endAll(): void {
    for (const ask of this.#asks) ask.end('unknown');
  }
}

const giveUp = ({ end, isShort }: Ask): void => end(isShort ? 'spent' : 'unknown');
