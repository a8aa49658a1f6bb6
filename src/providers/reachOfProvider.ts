import { reachOf, type Reach } from '../egress/index.ts';
import type { ProviderConfiguration } from './schema.ts';

/** What one's own machines are called in the file, as a host and as a vendor. */
const self = 'self';

/** Whether the file says that a provider runs on machines of one's own. */
export const isOwnHost = ({ host, vendor }: Pick<ProviderConfiguration, 'host' | 'vendor'>): boolean =>
  vendor === self || host.some(({ name }) => name === self);

/** How near the addresses may be that calls to a provider go to: as it is written, else anywhere for one's own machines, else as near as its URL says. */
export const reachOfProvider = (
  provider: Pick<ProviderConfiguration, 'host' | 'vendor' | 'addresses'>,
  baseUrl: string,
): Reach => provider.addresses ?? (isOwnHost(provider) ? 'loopback' : reachOf(new URL(baseUrl).hostname));
