import type { NanoUsd } from '../../kernel/index.ts';

/** A request that waits for room in its budgets. */
interface Ask {
  readonly scopeIds: readonly string[];
  readonly amount: NanoUsd;
  isAnswered: boolean;
  readonly end: (isAnswered: boolean) => void;
}

/** What a turn came to in one budget. Nano-USD. */
export interface Room {
  /** What this replica may spend now. */
  readonly free: bigint;
  /** What nobody has spent or holds: more than that no other can give. */
  readonly left: bigint;
}

/** Requests that wait for room in their budgets. */
export class BudgetAsks {
  readonly #asks = new Set<Ask>();

  get size(): number {
    return this.#asks.size;
  }

  /** @returns whether it was answered before so many milliseconds. */
  wait(scopeIds: readonly string[], amount: NanoUsd, ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const end = (isAnswered: boolean): void => {
      clearTimeout(timer);
      this.#asks.delete(ask);
      resolve(isAnswered);
    };
    const ask: Ask = { scopeIds, amount, isAnswered: false, end };
    const timer = setTimeout(() => end(ask.isAnswered), ms);
    this.#asks.add(ask);
    return promise;
  }

  /** What is asked for in all, by budget. */
  wanted(): ReadonlyMap<string, bigint> {
    const wanted = new Map<string, bigint>();
    for (const { scopeIds, amount } of this.#asks)
      for (const id of scopeIds) wanted.set(id, (wanted.get(id) ?? 0n) + amount);
    return wanted;
  }

  /** Ends those for which there is room, in the order in which they came, and those for which there never will be; the others wait for what others give back. */
  answer(rooms: ReadonlyMap<string, Room>): void {
    const free = new Map([...rooms].map(([id, room]) => [id, room.free]));
    for (const ask of this.#asks) {
      const known = ask.scopeIds.filter((id) => rooms.has(id));
      ask.isAnswered = true;
      if (known.some((id) => (rooms.get(id)?.left ?? 0n) < ask.amount)) ask.end(true);
      else if (known.every((id) => (free.get(id) ?? 0n) >= ask.amount)) {
        for (const id of known) free.set(id, (free.get(id) ?? 0n) - ask.amount);
        ask.end(true);
      }
    }
  }

  /** Nobody answers them any more. */
  endAll(): void {
    for (const ask of this.#asks) ask.end(ask.isAnswered);
  }
}
