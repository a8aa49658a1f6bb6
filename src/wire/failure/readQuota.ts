import type { QuotaLeft, QuotaReading, RateDimension } from '../../vocabulary/index.ts';
import type { AnswerHeaders } from '../facts.ts';
import { quotaHeaders, type QuotaHeaders } from './quotaHeaders.ts';
import { headerText, readResetMs } from './readRetryAfterMs.ts';

/** Longest time that is believed: a limit by the month. */
const resetMsMax = 32 * 86_400_000;

const count = (text: string | null): number | null => (text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null);

const resetOf = (headers: AnswerHeaders, { reset, period }: QuotaHeaders, nowMs: number): number | null => {
  const stated = readResetMs(headerText(headers, reset), nowMs);
  if (stated !== null || period === undefined) return stated;
  const seconds = count(headerText(headers, period));
  return seconds === null ? null : seconds * 1_000;
};

const leftOf = (headers: AnswerHeaders, names: QuotaHeaders, nowMs: number): QuotaLeft | null => {
  const remaining = count(headerText(headers, names.remaining));
  if (remaining === null) return null;
  const resetMs = resetOf(headers, names, nowMs);
  if (resetMs === null || resetMs > resetMsMax) return null;
  const limit = count(headerText(headers, names.limit));
  return { limit: limit === null || limit < remaining ? null : limit, remaining, resetMs };
};

/**
 * What a vendor says of its limits in the head of an answer, whatever the answer is; null where it says nothing. What is no count, has no time at which it
 * is whole again, or an absurd one, is left out.
 * @param nowMs Unix milliseconds.
 */
export const readQuota = (headers: AnswerHeaders, nowMs: number): QuotaReading | null => {
  let reading: Partial<Record<RateDimension, QuotaLeft>> | null = null;
  for (const names of quotaHeaders) {
    if (headers[names.remaining] === undefined) continue;
    const left = leftOf(headers, names, nowMs);
    if (left !== null) (reading ??= {})[names.dimension] = left;
  }
  return reading;
};
