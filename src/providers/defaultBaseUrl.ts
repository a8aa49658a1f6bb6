import { accountMark, profileOf, regionMark } from './providerProfiles.ts';
import { unnamedAccount, type ProviderConfiguration } from './schema.ts';

/** As regions are called where they are a part of a name. */
const regionPattern = /^[a-z0-9-]{1,40}$/;
/** As accounts are called where they are a part of a path: a project of Google's may be one of a domain. */
const accountPattern = /^[a-z0-9][a-z0-9.:-]{0,99}$/;

type Addressed = Pick<ProviderConfiguration, 'vendor' | 'wire' | 'region' | 'account'>;

const templateOf = (provider: Addressed): string | null => {
  const { region } = provider;
  const { baseUrl = null, baseUrlsOfRegions = {} } = profileOf(provider) ?? {};
  const isOfRegion = region !== null && Object.hasOwn(baseUrlsOfRegions, region);
  return isOfRegion ? (baseUrlsOfRegions[region] ?? null) : baseUrl;
};

const filled = (template: string | null, mark: string, value: string | null, pattern: RegExp): string | null => {
  if (template === null || !template.includes(mark)) return template;
  return value !== null && pattern.test(value) ? template.replaceAll(mark, value) : null;
};

/** The address of a provider without a `baseUrl`, or null where its profile knows none: for some vendors that is a matter of the region and the account. */
export const defaultBaseUrl = (provider: Addressed): string | null => {
  const { region, account } = provider;
  const ofRegion = filled(templateOf(provider), regionMark, region, regionPattern);
  return filled(ofRegion, accountMark, account === unnamedAccount ? null : account, accountPattern);
};
