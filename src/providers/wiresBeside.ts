import { profileOf } from './providerProfiles.ts';
import type { ProviderConfiguration } from './schema.ts';

/** Wires that can be spoken at the address of another one, by that one: both begin with the same path, and carry keys alike. */
export const companionWires: ReadonlyMap<string, readonly string[]> = new Map([['openai', ['responses']]]);

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/**
 * Wires that a provider speaks beside its own: as the file says, else as its vendor does at its own address. What stands in between, or only looks like the
 * vendor, may speak one of them.
 */
export const wiresBeside = (
  provider: Pick<ProviderConfiguration, 'vendor' | 'wire' | 'baseUrl' | 'alsoSpeaks'>,
): readonly string[] => {
  const { baseUrl, alsoSpeaks } = provider;
  if (alsoSpeaks !== null) return alsoSpeaks;
  const profile = profileOf(provider);
  if (profile === null) return [];
  const isVendors = baseUrl === null || withoutSlash(baseUrl) === profile.baseUrl;
  return isVendors ? (profile.alsoSpeaks ?? []) : [];
};
