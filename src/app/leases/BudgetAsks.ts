import type { RoomAnswer } from '../../gateway/index.ts';
import type { NanoUsd } from '../../kernel/index.ts';

/** A request that waits for room in its budgets. */
interface Ask {
  readonly scopeIds: readonly string[];
  readonly amount: NanoUsd;
  readonly end: (answer: RoomAnswer) => void;
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

  get size(): number {
    return this.#asks.size;
  }

  /** Waits for so many milliseconds at the most. */
  wait(scopeIds: readonly string[], amount: NanoUsd, ms: number): Promise<RoomAnswer> {
    const { promise, resolve } = Promise.withResolvers<RoomAnswer>();
    const end = (answer: RoomAnswer): void => {
      clearTimeout(timer);
      this.#asks.delete(ask);
      resolve(answer);
    };
    const ask: Ask = { scopeIds, amount, end, isShort: false };
    const timer = setTimeout(() => end(ask.isShort ? 'spent' : 'unknown'), ms);
    this.#asks.add(ask);
    return promise;
  }

  /** What is asked for in all, by budget; nothing for those whom nobody could give enough. */
  wanted(): ReadonlyMap<string, bigint> {
    const wanted = new Map<string, bigint>();
    for (const { scopeIds, amount, isShort } of this.#asks)
      for (const id of scopeIds) wanted.set(id, (wanted.get(id) ?? 0n) + (isShort ? 0n : amount));
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
      }
    }
  }

  /** Nobody answers them any more. */
  endAll(): void {
    for (const ask of this.#asks) ask.end('unknown');
  }
}
