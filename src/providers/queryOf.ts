import type { ProviderConfiguration } from './schema.ts';

/** The newest version that is no preview, of wires whose endpoints want to be told one (learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle). */
const versionOfWire: ReadonlyMap<string, string> = new Map([['azure-openai', '2024-10-21']]);

/** What goes behind each path of a provider as its query, without the "?": the version of the API, where its wire wants one. */
export const queryOf = ({ wire, apiVersion }: Pick<ProviderConfiguration, 'wire' | 'apiVersion'>): string => {
  const version = apiVersion ?? versionOfWire.get(wire);
  return version === undefined ? '' : `api-version=${encodeURIComponent(version)}`;
};
