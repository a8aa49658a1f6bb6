import { findingsOf, type Finding } from './Finding.ts';

/** A clock that ours was held against. */
export interface OtherClock {
  readonly of: string;
  /** It minus ours, in milliseconds. */
  readonly skewMs: number;
  /** How exactly that is known, in milliseconds. */
  readonly exactToMs: number;
}

const toldMs = 2_000;
const harmfulMs = 60_000;

const { ok, warn, fail } = findingsOf('clock');

/** Says how far two clocks are apart: windows of budgets, expiry of keys and ids go by ours. */
export const checkClock = ({ of, skewMs, exactToMs }: OtherClock): Finding => {
  const apartMs = Math.max(0, Math.abs(skewMs) - exactToMs);
  if (apartMs < toldMs) return ok(`agrees with ${of}`, of);
  const what = `${(apartMs / 1_000).toFixed(0)} s ${skewMs > 0 ? 'behind' : 'ahead of'} ${of}`;
  const mend = 'set the clock by NTP (timedatectl set-ntp true): keys expire and budgets begin anew by it';
  return apartMs < harmfulMs ? warn(what, mend, of) : fail(what, mend, of);
};
