import type { ProviderConfiguration } from './schema.ts';

/** Where vendors answer that a file need not spell out: vendor -> base URL of its API on one wire. Sources: each vendor's API reference. */
const baseUrls: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: { openai: 'https://api.openai.com/v1' },
  anthropic: { anthropic: 'https://api.anthropic.com' },
  mistral: { openai: 'https://api.mistral.ai/v1' },
  groq: { openai: 'https://api.groq.com/openai/v1' },
  deepseek: { openai: 'https://api.deepseek.com/v1' },
  xai: { openai: 'https://api.x.ai/v1' },
  openrouter: { openai: 'https://openrouter.ai/api/v1' },
  fireworks: { openai: 'https://api.fireworks.ai/inference/v1' },
  together: { openai: 'https://api.together.xyz/v1' },
};

/** The address of a provider without a `baseUrl`, or null where its profile knows none. */
export const defaultBaseUrl = ({ vendor, wire }: Pick<ProviderConfiguration, 'vendor' | 'wire'>): string | null =>
  (Object.hasOwn(baseUrls, vendor) ? baseUrls[vendor]?.[wire] : undefined) ?? null;
