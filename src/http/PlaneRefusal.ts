import type { GatewayErrorCode } from '../gateway/index.ts';

/** When to come back where this server has no room or is about to end. Seconds. */
const retryAfterS = 1;

/** Why a request does not reach the gateway. */
export interface PlaneRefusal {
  readonly code: GatewayErrorCode;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the rest of the connection can be trusted to begin at a new request. */
  readonly close: boolean;
}

/** The refusal of what could be served at another time, or by another server. */
export const overloaded = (why: string): PlaneRefusal => ({
  code: 'overloaded',
  message: `${why} Try again after the Retry-After.`,
  headers: { 'retry-after': String(retryAfterS) },
  close: true,
});
