import type { UpstreamCall } from '../egress/index.ts';
import type { Exchange } from './Exchange.ts';
import { headerText } from './headerText.ts';
import type { Deployment } from './Snapshot.ts';

/** What of a query reaches the vendor, as it was written: clients put keys there, too. */
const forwarded = (query: string, names: readonly string[]): string => {
  const kept = query
    .slice(1)
    .split('&')
    .filter((parameter) => names.includes(parameter.split('=')[0] ?? ''));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
};

/**
 * The call to a vendor: the path of its wire under the provider's base URL, our credential, and, where the client speaks the same wire, the headers
 * and query parameters of the wire's list.
 */
export const upstreamCall = (exchange: Exchange, deployment: Deployment, body: Uint8Array): UpstreamCall => {
  const { route, query } = exchange;
  const { wire } = deployment;
  const ownWire = wire === exchange.wire;
  const headers: Record<string, string> = { ...wire.defaultRequestHeaders };
  for (const name of ownWire ? wire.forwardedRequestHeaders : []) {
    const value = headerText(exchange.headers, name);
    if (value !== '') headers[name] = value;
  }
  if (deployment.apiKey) Object.assign(headers, wire.credentialHeaders(deployment.apiKey.reveal()));
  headers['content-type'] = 'application/json';
  // A decoded answer has no bound of its own; what is not encoded needs no decoding.
  headers['accept-encoding'] = 'identity';
  headers['user-agent'] = 'archipel';
  return {
    origin: deployment.origin,
    credential: deployment.credential,
    method: 'POST',
    path: `${deployment.basePath}${wire.upstreamPath(route.operation) ?? route.path}${ownWire ? forwarded(query, wire.forwardedQuery) : ''}`,
    headers,
    body,
  };
};
