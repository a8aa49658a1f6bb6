import type { FeatureSet, Operation } from '../vocabulary/index.ts';
import { isLost, lossKinds, namesOf, type Loss, type LossKind } from './Loss.ts';
import { servedIn } from './servedIn.ts';
import { targetsOf, type Supply, type SupplyTarget } from './Supply.ts';

/** Requests of one kind that were served in one minute. */
export interface MinuteDemand {
  /** Where the minute begins, Unix milliseconds. */
  readonly atMs: number;
  readonly model: string;
  /** The client's. */
  readonly wire: string;
  readonly operation: Operation;
  /** Null where that was not recorded. */
  readonly needs: FeatureSet | null;
  readonly requests: number;
}

/** What would still be served without something. */
export interface LossOutcome {
  readonly losses: readonly Loss[];
  readonly requests: number;
  /** Share of the requests that somebody is left for who can serve them, where whoever was never seen at a limit takes everything. 0 to 1. */
  readonly possibleShare: number;
  /** Share that is certain: whoever is left takes what it was seen to take in a minute, and no more. */
  readonly certainShare: number;
  /** Quota domains that are left and of which nobody knows what they can take: they were never seen at a limit. */
  readonly unmeasured: readonly string[];
}

/** Dimensions whose names are lost one by one. */
const lostOneByOne: readonly LossKind[] = lossKinds.filter((kind) => kind !== 'provider');
/** Most sets of vendors that are looked at. */
const setsMax = 200;

/** All sets of so many names, one after the other: there may be more than memory holds. */
function* setsOf(names: readonly string[], size: number): Generator<readonly string[]> {
  if (size === 0) yield [];
  else
    for (const [index, name] of names.entries())
      for (const rest of setsOf(names.slice(index + 1), size - 1)) yield [name, ...rest];
}

interface Sums {
  readonly losses: readonly Loss[];
  requests: number;
  possible: number;
  certain: number;
  readonly unmeasured: Set<string>;
}

type Demanded = Omit<MinuteDemand, 'atMs' | 'requests'>;

const keyOf = ({ model, wire, operation, needs }: Demanded): string => [model, wire, operation, needs ?? '-'].join(' ');

/**
 * What the requests of some days would have met with any one vendor, host, jurisdiction or lab out, or any so many vendors: an estimate from what targets
 * can do and what their quota domains were seen to take, minute by minute. Prices and caps keep nobody from being served.
 */
export class LossEstimate {
  readonly #supply: Supply;
  readonly #sums: readonly Sums[];
  readonly #domains = new Map<string, readonly string[]>();
  /** Whether there are more sets of vendors than are looked at. */
  readonly areSetsCut: boolean;
  #atMs: number | null = null;
  #minute: MinuteDemand[] = [];

  /** @param lostVendors how many vendors may be out at once. */
  constructor(supply: Supply, lostVendors = 1) {
    this.#supply = supply;
    const targets = targetsOf(supply);
    const names = (kind: LossKind): readonly string[] => [
      ...new Set(targets.flatMap((target) => namesOf(target, kind))),
    ];
    const single = lostOneByOne.flatMap((kind) => names(kind).map((name) => [{ kind, name }]));
    const vendors = names('vendor');
    const hasSets = lostVendors > 1 && lostVendors < vendors.length;
    const sets = hasSets ? [...setsOf(vendors, lostVendors).take(setsMax + 1)] : [];
    this.areSetsCut = sets.length > setsMax;
    const several = sets.slice(0, setsMax).map((set) => set.map((name) => ({ kind: 'vendor' as const, name })));
    this.#sums = [...single, ...several].map((losses) => ({
      losses,
      requests: 0,
      possible: 0,
      certain: 0,
      unmeasured: new Set(),
    }));
  }

  /** In the order of time. */
  add(demand: MinuteDemand): void {
    if (demand.atMs !== this.#atMs) this.#close();
    this.#atMs = demand.atMs;
    this.#minute.push(demand);
  }

  outcomes(): readonly LossOutcome[] {
    this.#close();
    return this.#sums.map(({ losses, requests, possible, certain, unmeasured }) => ({
      losses,
      requests,
      possibleShare: requests === 0 ? 1 : possible / requests,
      certainShare: requests === 0 ? 1 : certain / requests,
      unmeasured: [...unmeasured].toSorted(),
    }));
  }

  #close(): void {
    const minute = this.#minute;
    this.#minute = [];
    if (minute.length === 0) return;
    for (const [index, sums] of this.#sums.entries()) {
      const kinds = minute.map((demand) => ({ domains: this.#domainsOf(demand, index), requests: demand.requests }));
      for (const { requests, domains } of kinds) {
        sums.requests += requests;
        for (const domain of domains)
          if (this.#supply.burstCapacity(domain)?.limited !== true) sums.unmeasured.add(domain);
      }
      sums.possible += servedIn(kinds, (domain) => this.#roomOf(domain, Infinity));
      sums.certain += servedIn(kinds, (domain) => this.#roomOf(domain, 0));
    }
  }

  /** @param beyond what one that was never seen at a limit takes beyond what it was seen to take. */
  #roomOf(domain: string, beyond: number): number {
    const seen = this.#supply.burstCapacity(domain);
    return (seen?.requestsPerMinute ?? 0) + (seen?.limited === true ? 0 : beyond);
  }

  #domainsOf(demand: Demanded, index: number): readonly string[] {
    const key = `${index} ${keyOf(demand)}`;
    const known = this.#domains.get(key);
    if (known !== undefined) return known;
    const losses = this.#sums[index]?.losses ?? [];
    const targets = this.#supply.models.get(demand.model) ?? [];
    const left = targets.filter(
      (target) => this.#canServe(target, demand) && !losses.some((loss) => isLost(target, loss)),
    );
    const domains = [...new Set(left.map(({ quotaDomain }) => quotaDomain))];
    this.#domains.set(key, domains);
    return domains;
  }

  #canServe(target: SupplyTarget, { wire, operation, needs }: Demanded): boolean {
    return target.serves(wire, operation) && ((needs ?? 0) & target.lacks & ~this.#supply.dropped) === 0;
  }
}

/**
 * Whether a demand on resilience holds: not where even what is possible is too little; for certain only where what was measured is enough.
 * @param areSetsCut whether there are more sets of vendors than the outcomes are of: of those nobody knows.
 */
export const resilienceOf = (
  outcomes: readonly LossOutcome[],
  lostVendors: number,
  servedShare: number,
  areSetsCut = false,
): { readonly verdict: 'holds' | 'fails' | 'unknown'; readonly worst: LossOutcome | null } => {
  const asked = outcomes.filter(
    ({ losses }) => losses.length === lostVendors && losses.every(({ kind }) => kind === 'vendor'),
  );
  const worst = asked.toSorted(
    (one, other) => one.possibleShare - other.possibleShare || one.certainShare - other.certainShare,
  )[0];
  if (worst === undefined) return { verdict: 'unknown', worst: null };
  if (worst.possibleShare < servedShare) return { verdict: 'fails', worst };
  const holds = !areSetsCut && asked.every(({ certainShare }) => certainShare >= servedShare);
  return { verdict: holds ? 'holds' : 'unknown', worst };
};
