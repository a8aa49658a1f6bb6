/** Requests that may go to the same quota domains. */
export interface Kind {
  readonly domains: readonly string[];
  readonly requests: number;
}

/** Who goes where, while it is found out. */
class Filling {
  readonly #kinds: readonly Kind[];
  readonly #left = new Map<string, number>();
  /** What each kind has at each domain. */
  readonly #taken: readonly Map<string, number>[];

  constructor(kinds: readonly Kind[], roomOf: (domain: string) => number) {
    this.#kinds = kinds;
    this.#taken = kinds.map(() => new Map<string, number>());
    for (const { domains } of kinds) for (const domain of domains) this.#left.set(domain, roomOf(domain));
  }

  get hasRoom(): boolean {
    return this.#left.values().some((room) => room > 0);
  }

  /** Where there is room at once. @returns how many of those who wait have nowhere to go. */
  take(kind: number, waiting: number): number {
    let rest = waiting;
    for (const domain of this.#kinds[kind]?.domains ?? []) {
      const taken = Math.min(this.#left.get(domain) ?? 0, rest);
      this.#move(kind, domain, taken);
      this.#left.set(domain, (this.#left.get(domain) ?? 0) - taken);
      rest -= taken;
    }
    return rest;
  }

  /** Makes room by sending others elsewhere, by the shortest chain. @returns how many more go now, 0 where no chain is left. */
  makeRoom(kind: number, waiting: number): number {
    const cameBy = new Map<string, { readonly kind: number; readonly from: string | null }>();
    const seen = new Set([kind]);
    const queue: { readonly kind: number; readonly from: string | null }[] = [{ kind, from: null }];
    for (let step = queue.shift(); step !== undefined; step = queue.shift())
      for (const domain of this.#kinds[step.kind]?.domains ?? []) {
        if (cameBy.has(domain)) continue;
        cameBy.set(domain, step);
        if ((this.#left.get(domain) ?? 0) > 0) return this.#along(cameBy, domain, waiting);
        for (const [other, taken] of this.#taken.entries())
          if (!seen.has(other) && (taken.get(domain) ?? 0) > 0) {
            seen.add(other);
            queue.push({ kind: other, from: domain });
          }
      }
    return 0;
  }

  #along(
    cameBy: ReadonlyMap<string, { readonly kind: number; readonly from: string | null }>,
    end: string,
    waiting: number,
  ): number {
    const moves: { readonly kind: number; readonly from: string | null; readonly to: string }[] = [];
    for (let to: string | null = end; to !== null;) {
      const step = cameBy.get(to);
      if (step === undefined) break;
      moves.push({ ...step, to });
      to = step.from;
    }
    const room = moves.map(({ kind, from }) => (from === null ? waiting : (this.#taken[kind]?.get(from) ?? 0)));
    const moved = Math.min(this.#left.get(end) ?? 0, ...room);
    for (const { kind, from, to } of moves) {
      if (from !== null) this.#move(kind, from, -moved);
      this.#move(kind, to, moved);
    }
    this.#left.set(end, (this.#left.get(end) ?? 0) - moved);
    return moved;
  }

  #move(kind: number, domain: string, requests: number): void {
    const taken = this.#taken[kind];
    taken?.set(domain, (taken.get(domain) ?? 0) + requests);
  }
}

/**
 * The most that can be served in a minute, a maximum flow: those who have fewest to go to go first, and those who go where others could have gone make room
 * while that helps.
 * @param roomOf how many requests a domain takes; may be Infinity.
 */
export const servedIn = (kinds: readonly Kind[], roomOf: (domain: string) => number): number => {
  const ordered = kinds.toSorted((one, other) => one.domains.length - other.domains.length);
  const filling = new Filling(ordered, roomOf);
  const waiting = ordered.map(({ requests }, kind) => filling.take(kind, requests));
  let served = 0;
  for (const [kind, { requests }] of ordered.entries()) {
    let rest = waiting[kind] ?? 0;
    for (let moved = 1; rest > 0 && moved > 0 && filling.hasRoom; rest -= moved) moved = filling.makeRoom(kind, rest);
    served += requests - rest;
  }
  return served;
};
