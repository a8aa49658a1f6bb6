import { withQuery, type UpstreamCall } from '../egress/index.ts';
import { takesAsItIs, type Passage } from '../wire/index.ts';
import type { Exchange } from './Exchange.ts';
import { headersForVendor } from './headersForVendor.ts';
import type { Deployment } from './Snapshot.ts';

/** What of a query reaches the vendor, as it was written: clients put keys there, too. */
const forwarded = (query: string, names: readonly string[]): string => {
  const kept = query
    .slice(1)
    .split('&')
    .filter((parameter) => names.includes(parameter.split('=')[0] ?? ''));
  return kept.join('&');
};

/**
 * The call to a vendor: the path of its wire under the provider's base URL, our credential, and, where the client speaks the same wire, the headers
 * and query parameters of the wire's list.
 * @param nowMs Unix milliseconds, which a signature holds.
 */
export const upstreamCall = (
  exchange: Exchange,
  deployment: Deployment,
  { wire, facts }: Pick<Passage, 'wire' | 'facts'>,
  body: Uint8Array,
  nowMs: number,
): UpstreamCall => {
  const { route, query } = exchange;
  const ownWire = takesAsItIs(wire, exchange.wire);
  const path = wire.upstreamPath(route.operation, { model: deployment.target.model, stream: facts.stream });
  const headers = {
    ...wire.defaultRequestHeaders,
    ...headersForVendor(exchange, ownWire ? exchange.wire.forwardedRequestHeaders : []),
    'content-type': 'application/json',
  };
  const call = {
    origin: deployment.origin,
    reach: deployment.reach,
    credential: deployment.credential,
    method: 'POST' as const,
    path: withQuery(
      `${deployment.basePath}${path ?? route.path}`,
      deployment.query,
      ownWire ? forwarded(query, wire.forwardedQuery ?? exchange.wire.forwardedQuery) : '',
    ),
    headers,
    body,
  };
  deployment.authorizer?.authorize(call, wire, nowMs);
  return call;
};
