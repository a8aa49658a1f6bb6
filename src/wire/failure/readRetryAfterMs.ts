import type { RefusedAnswer } from '../wire.ts';
import { quotaHeaders } from './quotaHeaders.ts';

type Headers = RefusedAnswer['headers'];

/** The first value of a header, without the space around it. */
export const headerText = (headers: Headers, name: string): string | null => {
  const value = headers[name];
  const first = typeof value === 'string' ? value : value?.[0];
  return first === undefined ? null : first.trim();
};

/**
 * What a vendor asks to wait, in milliseconds >= 0, or null where it says nothing that can be read. In this order, as the vendors' own
 * SDKs do it: `retry-after-ms`, `retry-after` (seconds or an HTTP date, RFC 9110 section 10.2.3), Google's RetryInfo in the body, the
 * time at which an exhausted limit is reset. Garbage and negative numbers are ignored.
 * @param retryDelay The `retryDelay` of a RetryInfo, "34.4s".
 * @param nowMs Unix milliseconds.
 */
export const readRetryAfterMs = (headers: Headers, retryDelay: string | null, nowMs: number): number | null =>
  scaled(headerText(headers, 'retry-after-ms'), 1) ??
  scaled(headerText(headers, 'retry-after'), 1_000) ??
  untilDate(headerText(headers, 'retry-after'), nowMs) ??
  durationMs(retryDelay) ??
  untilReset(headers, nowMs);

const scaled = (text: string | null, unitMs: number): number | null =>
  text !== null && /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Math.ceil(Number(text) * unitMs) : null;

const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

const untilDate = (text: string | null, nowMs: number): number | null => {
  if (text === null || !httpDate.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
};

const durationPart = /(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)/g;
const durationWhole = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+$/;
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Reads "34.4s", "6ms", "1m30.5s". */
const durationMs = (text: string | null): number | null => {
  if (text === null || !durationWhole.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(durationPart)) total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  return Math.ceil(total);
};

/** The longest wait among the limits that have nothing left; a time in the past says nothing. */
const untilReset = (headers: Headers, nowMs: number): number | null => {
  let longest: number | null = null;
  for (const { remaining, reset } of quotaHeaders) {
    if (headerText(headers, remaining) !== '0') continue;
    const waitMs = readResetMs(headerText(headers, reset), nowMs);
    if (waitMs !== null && waitMs > (longest ?? 0)) longest = waitMs;
  }
  return longest;
};

/** Milliseconds until a limit is whole again: a duration, or a time of RFC 3339, of which one in the past is now. Null where it is neither. */
export const readResetMs = (text: string | null, nowMs: number): number | null =>
  durationMs(text) ?? untilTime(text, nowMs);

const untilTime = (text: string | null, nowMs: number): number | null => {
  if (text === null || !/^\d{4}-\d{2}-\d{2}T/.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
};
