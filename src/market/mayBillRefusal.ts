import type { Failure } from '../vocabulary/index.ts';

/**
 * Whether a vendor may bill what it had already processed although it answered with an error status. Vendors do not bill refusals, but for what
 * Azure OpenAI documents ("Manage costs: HTTP error response code and billing status"): a 400 of its content filter, for prompt and completion tokens; a 408;
 * and a prompt over the input limit, which is told from other refusals by class: a `capability` failure that names no parameter.
 */
export const mayBillRefusal = ({ class: kind, status, parameter }: Failure): boolean =>
  kind === 'content_policy' || status === 408 || (kind === 'capability' && parameter === undefined);
