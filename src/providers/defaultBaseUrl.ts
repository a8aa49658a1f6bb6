import { profileOf, regionMark } from './providerProfiles.ts';
import type { ProviderConfiguration } from './schema.ts';

/** As regions are called where they are a part of a name. */
const regionPattern = /^[a-z0-9-]{1,40}$/;

/** The address of a provider without a `baseUrl`, or null where its profile knows none: for some vendors that is a matter of the region. */
export const defaultBaseUrl = (provider: Pick<ProviderConfiguration, 'vendor' | 'wire' | 'region'>): string | null => {
  const baseUrl = profileOf(provider)?.baseUrl ?? null;
  if (baseUrl === null || !baseUrl.includes(regionMark)) return baseUrl;
  const { region } = provider;
  return region !== null && regionPattern.test(region) ? baseUrl.replace(regionMark, region) : null;
};
