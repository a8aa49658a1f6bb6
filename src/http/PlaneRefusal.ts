import type { Refusal } from '../gateway/index.ts';
import type { PlaneErrorCode } from './errors.ts';

/** When to come back where this server has no room or is about to end. Seconds. */
const retryAfterSUsual = 1;

/** Why a request does not reach the gateway. */
export interface PlaneRefusal {
  readonly code: PlaneErrorCode;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the rest of the connection can be trusted to begin at a new request. */
  readonly close: boolean;
}

/**
 * The refusal of what could be served at another time, or by another server.
 * @param close Whether the connection is of no more use; where it is, a new one costs both sides less than what is left unread.
 */
export const overloaded = (why: string, retryAfterS = retryAfterSUsual, close = true): PlaneRefusal => ({
  code: 'overloaded',
  message: `${why} Try again after the Retry-After.`,
  headers: { 'retry-after': String(retryAfterS) },
  close,
});

/** The refusal of a key. */
export const keyRefusal = ({ code, message, retryAfterMs }: Refusal): PlaneRefusal => ({
  code,
  message,
  ...(retryAfterMs === undefined ? {} : { headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) } }),
  close: true,
});
