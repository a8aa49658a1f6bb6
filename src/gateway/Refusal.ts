import type { GatewayErrorCode } from './errors.ts';

/** An answer of ours instead of a vendor's. */
export interface Refusal {
  readonly code: GatewayErrorCode;
  /** For the client: what, where and how to mend it. */
  readonly message: string;
  readonly parameter?: string;
  /** When it may work again; a true `Retry-After`. */
  readonly retryAfterMs?: number;
}
