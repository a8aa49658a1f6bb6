import type { Log, Metrics } from '../../kernel/index.ts';
import { shareDimensions, type ShareDimension, type SharesSnapshot } from '../../ledger/index.ts';
import type { Caps } from '../../router/index.ts';
import { overCaps } from '../overCaps.ts';
import { usdOf } from '../usdOf.ts';

export interface DependencyWatchParts {
  /** The spend of the running window. */
  readonly shares: () => SharesSnapshot;
  readonly caps: () => { readonly caps: Caps; readonly forecastUsd: number };
  readonly nowMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How often shares are looked at. */
const lookMs = 60_000;

/** A cap that more was spent on than it allows. */
interface Crossing {
  readonly dimension: ShareDimension;
  readonly name: string;
  readonly sinceMs: number;
}

/** Looks at the shares again and again, and tells once when a cap is crossed, and once when it holds again. */
export class DependencyWatch {
  readonly #parts: DependencyWatchParts;
  #over: ReadonlyMap<string, Crossing> = new Map();
  /** Shares that were told, by dimension: those of names that a new window does not know are told as 0. */
  readonly #told: Readonly<Record<ShareDimension, Set<string>>> = {
    vendor: new Set(),
    host: new Set(),
    jurisdiction: new Set(),
    lab: new Set(),
  };
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: DependencyWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Caps that are crossed now, in words; null where none is. */
  get notice(): { readonly message: string; readonly sinceMs: number } | null {
    const all = [...this.#over.values()];
    if (all.length === 0) return null;
    const words = all.map(({ dimension, name }) => `${dimension} ${name}`).join(', ');
    return {
      message: `more is spent than the caps on dependence allow: ${words}`,
      sinceMs: Math.min(...all.map(({ sinceMs }) => sinceMs)),
    };
  }

  look(): void {
    const { shares, caps, nowMs, log, metrics } = this.#parts;
    const standing = shares();
    const over = new Map<string, Crossing>();
    for (const { dimension, name, share, cap } of overCaps(standing, caps())) {
      const key = `${dimension} ${name}`;
      const known = this.#over.get(key);
      over.set(key, known ?? { dimension, name, sinceMs: nowMs() });
      if (known === undefined) log.warn('a cap on dependence is crossed', { dimension, name, share, cap });
    }
    for (const [key, { dimension, name }] of this.#over)
      if (!over.has(key)) log.info('a cap on dependence holds again', { dimension, name });
    this.#over = over;
    const total = usdOf(standing.totalNanoUsd);
    for (const dimension of shareDimensions) {
      const spends = standing.spentNanoUsd[dimension];
      for (const name of spends.keys()) this.#told[dimension].add(name);
      for (const name of this.#told[dimension]) {
        const spent = usdOf(spends.get(name) ?? 0n);
        metrics.gauge('archipel_dependency_share', total === 0 ? 0 : spent / total, { dimension, name });
      }
    }
    metrics.gauge('archipel_dependency_caps_crossed', over.size);
  }
}
