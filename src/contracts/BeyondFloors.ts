import type { Contract, FloorContract, PoolContract } from './Contract.ts';
import { coversThing, haveInCommon, inDrawOrder, isInForce, type CoveredThing } from './contractFor.ts';

type Drawn = FloorContract | PoolContract;

const nameOf = (thing: CoveredThing): string => {
  if ('provider' in thing) return `${thing.provider}/${thing.model}`;
  return 'site' in thing ? `site ${thing.site}` : `product ${thing.product}`;
};

/** Where use goes that a floor does not take: to the next floor that covers it, then to the pool. */
export class BeyondFloors {
  /** Floors and pools, in the order in which use goes through them. */
  readonly #order: readonly Drawn[];
  /** Of each thing that was asked about those that cover it. */
  readonly #through = new Map<string, readonly Drawn[]>();

  constructor(contracts: readonly Contract[]) {
    this.#order = inDrawOrder(contracts.filter((contract): contract is Drawn => contract.kind !== 'slot'));
  }

  /** The next floor in force that covers a thing, else its pool; null where what is beyond is paid as it goes. */
  next(floor: FloorContract, thing: CoveredThing, atMs: number): Drawn | null {
    const place = this.#order.indexOf(floor);
    const isNext = (contract: Drawn): boolean => isInForce(contract, atMs) && this.#order.indexOf(contract) > place;
    return this.#covering(thing).find(isNext) ?? null;
  }

  /** The pool in force that covers a thing; null where there is none. */
  pool(thing: CoveredThing, atMs: number): PoolContract | null {
    const isPool = (contract: Drawn): contract is PoolContract => contract.kind === 'pool' && isInForce(contract, atMs);
    return this.#covering(thing).find(isPool) ?? null;
  }

  /** Floors whose use decides what goes beyond others to a contract, in the order in which use goes through them; a floor itself is the last of its own. */
  above(contract: Drawn): readonly FloorContract[] {
    const reaching = new Set<Drawn>([contract]);
    // From the last to the first: who reaches one that was found comes before it.
    for (const one of this.#order.toReversed())
      if (
        [...reaching].some((other) => this.#order.indexOf(one) < this.#order.indexOf(other) && haveInCommon(one, other))
      )
        reaching.add(one);
    return this.#order.filter((one): one is FloorContract => one.kind === 'floor' && reaching.has(one));
  }

  #covering(thing: CoveredThing): readonly Drawn[] {
    const name = nameOf(thing);
    let covering = this.#through.get(name);
    if (covering === undefined) {
      covering = this.#order.filter((contract) => coversThing(contract, thing));
      this.#through.set(name, covering);
    }
    return covering;
  }
}
