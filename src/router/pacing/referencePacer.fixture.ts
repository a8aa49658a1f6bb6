// The algorithm as it was first written down and measured, with one pool, one floor and one host a provider: what the pacer must do is what this does.
// Shares no code with it. Seconds from the start of the period, any unit of money.

export interface ReferenceProvider {
  readonly host: string;
  readonly floorPerMinute: number | null;
}

export interface ReferencePool {
  readonly provider: number;
  readonly from: number;
  readonly to: number;
  readonly least: number;
  readonly fee: number;
}

export interface ReferenceTerms {
  readonly providers: readonly ReferenceProvider[];
  readonly pools: readonly ReferencePool[];
  readonly providerCap: number;
  readonly hostCap: number;
  readonly period: number;
  readonly total: number;
  /** Share of the load that has come by a second, 0 to 1. */
  readonly profile: (second: number) => number;
}

const [eta, etaCap, etaFloor, kappa, lead, margin, theta, muMax] = [0.05, 0.3, 0.2, 0.5, 21_600, 0.002, 0.03, 2];
const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export class ReferencePacer {
  readonly terms: ReferenceTerms;
  readonly hosts: readonly string[];
  readonly lambda: number[];
  readonly spentPool: number[];
  readonly seenPool: number[];
  readonly mu: number[];
  readonly nu: number[];
  readonly spent: number[];
  readonly seen: number[];
  readonly spentHost: number[];
  readonly seenHost: number[];
  readonly floors: ({ minute: number; used: number; omega: number } | null)[];
  factors: number[] = [];
  total = 0;
  seenTotal = 0;
  last = 0;

  constructor(terms: ReferenceTerms) {
    const { providers, pools } = terms;
    this.terms = terms;
    this.hosts = [...new Set(providers.map(({ host }) => host))];
    this.lambda = pools.map(({ fee }) => fee / 2);
    [this.spentPool, this.seenPool] = [pools.map(() => 0), pools.map(() => 0)];
    [this.mu, this.spent, this.seen] = [providers.map(() => 0), providers.map(() => 0), providers.map(() => 0)];
    [this.nu, this.spentHost, this.seenHost] = [
      this.hosts.map(() => 0),
      this.hosts.map(() => 0),
      this.hosts.map(() => 0),
    ];
    this.floors = providers.map(({ floorPerMinute }) =>
      floorPerMinute === null ? null : { minute: -1, used: 0, omega: 0.3 },
    );
    this.refresh(0);
  }

  hostOf(provider: number): number {
    return this.hosts.indexOf(this.terms.providers[provider]!.host);
  }

  refresh(now: number): void {
    const { providerCap, hostCap, pools } = this.terms;
    const credit = providerCap * sum(this.mu) + hostCap * sum(this.nu);
    this.factors = this.mu.map((mu, provider) => 1 + mu + this.nu[this.hostOf(provider)]! - credit);
    for (const [index, { provider, from, to, least }] of pools.entries())
      if (now >= from && now < to && this.spentPool[index]! < least) this.factors[provider]! -= this.lambda[index]!;
    this.factors = this.factors.map((factor) => Math.max(0.01, factor));
  }

  isBlocked(provider: number, cost: number): boolean {
    const whole = Math.max(this.total + cost, theta * this.terms.total);
    const host = this.hostOf(provider);
    return (
      this.spent[provider]! + cost > (this.terms.providerCap - margin) * whole ||
      this.spentHost[host]! + cost > (this.terms.hostCap - margin) * whole
    );
  }

  free(provider: number, cost: number, now: number): number {
    const floor = this.floors[provider];
    const capacity = this.terms.providers[provider]!.floorPerMinute;
    if (!floor || capacity === null) return 0;
    const minute = Math.floor(now / 60);
    if (minute !== floor.minute) {
      if (floor.minute >= 0) {
        const after = between(floor.omega + etaFloor * (floor.used / capacity - 0.97), 0, 1);
        floor.omega = between(after - etaFloor * Math.min(60, minute - floor.minute - 1), 0, 1);
      }
      floor.minute = minute;
      floor.used = 0;
    }
    return between(capacity - floor.used, 0, cost);
  }

  choose(
    costs: readonly number[],
    isEligible: readonly boolean[],
    now: number,
    next: { readonly warm: readonly number[]; readonly full: readonly number[]; readonly chance: number },
  ): number {
    let best = -1;
    let bestScore = Infinity;
    const elsewhere = Math.min(
      ...next.full.map((full, provider) => (isEligible[provider]! ? full * this.factors[provider]! : Infinity)),
    );
    for (const [provider, cost] of costs.entries()) {
      if (!isEligible[provider]!) continue;
      const factor = this.factors[provider]!;
      const free = this.free(provider, cost, now);
      const pays = cost - free;
      const floor = this.floors[provider];
      let score = pays * factor - next.chance * Math.max(0, elsewhere - next.warm[provider]! * factor);
      if (free > 0 && floor) {
        const capacity = this.terms.providers[provider]!.floorPerMinute!;
        score += free * between(floor.omega + kappa * (floor.used / capacity - (now / 60 - floor.minute)), 0, 1);
      }
      if (pays > 0 && this.isBlocked(provider, pays)) score += 1e9;
      if (score < bestScore) [best, bestScore] = [provider, score];
    }
    return best;
  }

  settle(provider: number, paid: number, free: number, now: number): void {
    if (free > 0) this.floors[provider]!.used += free;
    this.spent[provider]! += paid;
    this.spentHost[this.hostOf(provider)]! += paid;
    this.total += paid;
    for (const [index, pool] of this.terms.pools.entries()) {
      if (pool.provider !== provider || now < pool.from || now >= pool.to) continue;
      const before = this.spentPool[index]!;
      this.spentPool[index] = before + paid;
      if (before < pool.least && before + paid >= pool.least) this.refresh(now);
    }
  }

  tick(now: number): void {
    const { profile, total, period, pools, providerCap, hostCap } = this.terms;
    const length = now - this.last;
    const perUnit = length / 3_600 / ((total * length) / period);
    const begun = profile(this.last);
    const part = (end: number): number => Math.min(1, (profile(now) - begun) / Math.max(1e-9, end - begun));
    for (const [index, { from, to, least, fee }] of pools.entries()) {
      if (this.last < from || this.last >= to) continue;
      const need = Math.max(0, least - this.seenPool[index]!);
      const came = this.spentPool[index]! - this.seenPool[index]!;
      const wanted = need * (this.last >= to - lead ? 1 : part(profile(to - lead)));
      this.lambda[index] = between(this.lambda[index]! + eta * perUnit * (wanted - came), 0, fee);
      this.seenPool[index] = this.spentPool[index]!;
    }
    const came = this.total - this.seenTotal;
    const moved = (multiplier: number, spent: number, seen: number, share: number): number => {
      const room = Math.max(0, share * this.seenTotal - seen);
      return between(multiplier + etaCap * perUnit * (spent - seen - share * came - room * part(1)), 0, muMax);
    };
    for (const [provider, mu] of this.mu.entries())
      this.mu[provider] = moved(mu, this.spent[provider]!, this.seen[provider]!, providerCap - 2 * margin);
    for (const [host, nu] of this.nu.entries())
      this.nu[host] = moved(nu, this.spentHost[host]!, this.seenHost[host]!, hostCap - 2 * margin);
    for (const provider of this.seen.keys()) this.seen[provider] = this.spent[provider]!;
    for (const host of this.seenHost.keys()) this.seenHost[host] = this.spentHost[host]!;
    this.seenTotal = this.total;
    this.last = now;
    this.refresh(now);
  }
}
