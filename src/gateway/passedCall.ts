import { withQuery, type UpstreamCall } from '../egress/index.ts';
import { passedRequestHeaders, type PassedPath } from '../wire/index.ts';
import type { Exchange } from './Exchange.ts';
import { headersForVendor } from './headersForVendor.ts';
import { pathUnder } from './openPassed.ts';
import type { Deployment } from './Snapshot.ts';

/** Parameters in which some vendor or other takes a credential; in lower case. */
const credentialParameter =
  /^(?:(?:x-)?(?:goog-)?(?:api|access|secret)?[-_]?key|(?:access|api|auth|id|bearer|session)?[-_]?token|(?:client[-_]?)?secret|password|auth|authorization|subscription-key|sig|signature|x-(?:amz|goog)-.*)$/;

/** In lower case: some vendors read names without regard to it. */
const nameOf = (parameter: string): string | null => {
  try {
    return decodeURIComponent((parameter.split('=')[0] ?? '').replaceAll('+', ' ')).toLowerCase();
  } catch {
    return null;
  }
};

/** A query as it was written, without what could be a credential and what the provider says itself. What cannot be read stays here. */
const passedQuery = (query: string, own: string): string => {
  const ownNames = new Set(own === '' ? [] : own.split('&').map(nameOf));
  const isKept = (part: string): boolean => {
    const name = nameOf(part);
    return name !== null && !ownNames.has(name) && !credentialParameter.test(name);
  };
  // Some read a semicolon as we read an ampersand.
  const kept = query
    .slice(1)
    .split('&')
    .filter((parameter) => parameter.split(';').every(isKept));
  return kept.join('&');
};

/**
 * The call of a request that is handed on: its own method, path, query and bytes, to the provider's origin and under its base URL, with our credential in
 * place of the client's.
 * @param nowMs Unix milliseconds, which a signature holds.
 */
export const passedCall = (
  exchange: Exchange,
  passed: PassedPath,
  deployment: Deployment,
  nowMs: number,
): UpstreamCall => {
  const { wire, origin, reach, credential, basePath, query } = deployment;
  const call = {
    origin,
    reach,
    credential,
    method: exchange.route.method,
    path: withQuery(`${basePath}${pathUnder(basePath, passed.path)}`, query, passedQuery(exchange.query, query)),
    headers: { ...wire.defaultRequestHeaders, ...headersForVendor(exchange, passedRequestHeaders) },
    body: exchange.body,
  };
  deployment.authorizer?.authorize(call, wire, nowMs);
  return call;
};
