import { policyRefusal } from '../router/index.ts';
import type { FeatureSet, Operation } from '../vocabulary/index.ts';
import { isLost, lossKinds, namesOf, type Loss, type LossKind } from './Loss.ts';
import { servedIn } from './servedIn.ts';
import { targetsOf, type Caller, type Supply, type SupplyTarget } from './Supply.ts';

/** Requests of one kind that were served in one minute. */
export interface MinuteDemand extends Caller {
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

/** What the estimate takes for granted. */
export const lossAssumptions: readonly string[] = [
  'A target takes what it can serve and what the policies of the file, the model, the organisation, the team and the key that are in force allow it; what they allow nobody is not served.',
  'Pins and tags of requests, and conversations that a vendor holds, are not looked at: such a request counts as served where another of its kind would be.',
];

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

const keyOf = ({ model, wire, operation, needs, organisation, team, key }: Demanded): string =>
  JSON.stringify([model, wire, operation, needs, organisation, team, key]);

/** Quota domains of those who may and can serve a demand, for each of the losses those that are left. Demands that may go to the same share one. */
interface Sellers {
  readonly domains: readonly (readonly string[])[];
}

/**
 * What the requests of some days would have met with any one vendor, host, jurisdiction or lab out, or any so many vendors: an estimate from what targets
 * can do and what their quota domains were seen to take, minute by minute. Prices and caps keep nobody from being served.
 */
export class LossEstimate {
  readonly #supply: Supply;
  readonly #sums: readonly Sums[];
  readonly #sellers = new Map<string, Sellers>();
  readonly #sellersOf = new Map<string, Sellers>();
  /** Whether there are more sets of vendors than are looked at. */
  readonly areSetsCut: boolean;
  #atMs: number | null = null;
  /** What was asked for in the running minute, by who may serve it. */
  #minute = new Map<Sellers, number>();

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
    const sellers = this.#sellersFor(demand);
    this.#minute.set(sellers, (this.#minute.get(sellers) ?? 0) + demand.requests);
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
    if (minute.size === 0) return;
    this.#minute = new Map();
    for (const [index, sums] of this.#sums.entries()) {
      const kinds = [...minute].map(([{ domains }, requests]) => ({ domains: domains[index] ?? [], requests }));
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

  #sellersFor(demand: Demanded): Sellers {
    const key = keyOf(demand);
    const known = this.#sellersOf.get(key);
    if (known !== undefined) return known;
    const targets = this.#supply.models.get(demand.model) ?? [];
    const isLeft = targets.map((target) => this.#canServe(target, demand));
    const name = JSON.stringify([demand.model, isLeft]);
    const sellers = this.#sellers.get(name) ?? this.#sellersAmong(targets.filter((_target, index) => isLeft[index]));
    this.#sellers.set(name, sellers);
    this.#sellersOf.set(key, sellers);
    return sellers;
  }

  #sellersAmong(targets: readonly SupplyTarget[]): Sellers {
    const domains = this.#sums.map(({ losses }) => {
      const left = targets.filter((target) => !losses.some((loss) => isLost(target, loss)));
      return [...new Set(left.map(({ quotaDomain }) => quotaDomain))];
    });
    return { domains };
  }

  #canServe(target: SupplyTarget, { model, wire, operation, needs, ...caller }: Demanded): boolean {
    const { policies, dropped } = this.#supply;
    return (
      target.serves(wire, operation) &&
      ((needs ?? 0) & target.lacks & ~dropped) === 0 &&
      policyRefusal(policies.of(model, caller), target) === null
    );
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
  // Where nobody asked for anything, nothing is known.
  if (worst === undefined || worst.requests === 0) return { verdict: 'unknown', worst: null };
  if (worst.possibleShare < servedShare) return { verdict: 'fails', worst };
  const holds = !areSetsCut && asked.every(({ certainShare }) => certainShare >= servedShare);
  return { verdict: holds ? 'holds' : 'unknown', worst };
};
