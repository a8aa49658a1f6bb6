import type { Candidate } from './candidate.ts';

export type Dimension = 'vendor' | 'host' | 'jurisdiction' | 'lab';

/** Largest share of spend that one name of a dimension may have, 0 to 1; null where there is no cap. */
export interface Caps {
  readonly vendor: number | null;
  readonly host: number | null;
  readonly jurisdiction: number | null;
  readonly lab: number | null;
}

/** Spend of the running window, in US dollars; Float64, for comparison only. */
export interface SharesView {
  readonly totalUsd: number;
  /** Expected spend of the whole window. */
  readonly forecastUsd: number;
  usdOf(dimension: Dimension, name: string): number;
}

/**
 * A share is measured against at least this part of the forecast: otherwise the first request of a window, which is all of its spend,
 * would break every cap.
 */
export const guardForecastShare = 0.03;

/**
 * The hard guard: which cap this request would break there, in words such as "vendor cap 0.45 (aurora)", or null.
 * The multiplier that makes caps cheap is elsewhere (`pacing/CappedNames`); this makes them certain.
 * @param margin Room that is kept below each cap, for what a request costs more than was expected.
 */
export const concentrationGuard = (candidate: Candidate, caps: Caps, shares: SharesView, margin = 0): string | null => {
  const { vendor, jurisdiction, lab } = candidate;
  return (
    overCap('vendor', vendor, caps.vendor, candidate.expectedUsd, candidate, shares, margin) ??
    overHostCap(candidate, caps.host, shares, margin) ??
    overCap('jurisdiction', jurisdiction, caps.jurisdiction, candidate.expectedUsd, candidate, shares, margin) ??
    overCap('lab', lab, caps.lab, candidate.expectedUsd, candidate, shares, margin)
  );
};

const overHostCap = (candidate: Candidate, cap: number | null, shares: SharesView, margin: number): string | null => {
  if (cap === null) return null;
  for (const host of Object.keys(candidate.hosts)) {
    const share = candidate.hosts[host] ?? 1;
    const guard = overCap('host', host, cap, candidate.expectedUsd * share, candidate, shares, margin);
    if (guard !== null) return guard;
  }
  return null;
};

const overCap = (
  dimension: Dimension,
  name: string | null,
  cap: number | null,
  addedUsd: number,
  candidate: Candidate,
  shares: SharesView,
  margin: number,
): string | null => {
  // What costs nothing, since its capacity is paid for by the second, makes no share larger.
  if (cap === null || name === null || addedUsd === 0) return null;
  const measureUsd = Math.max(shares.totalUsd + candidate.expectedUsd, guardForecastShare * shares.forecastUsd);
  return shares.usdOf(dimension, name) + addedUsd > (cap - margin) * measureUsd
    ? `${dimension} cap ${cap} (${name})`
    : null;
};
