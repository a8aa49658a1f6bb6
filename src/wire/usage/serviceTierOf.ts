import { standardTier, type ServiceTier } from '../../vocabulary/index.ts';
import { textIn, type JsonObject } from '../json/JsonObject.ts';

/** Longest word of a vendor that is kept. */
const wordLengthMax = 40;

/**
 * Vendors' words for tiers, in lower case, where they differ from ours (`ServiceTier`): OpenAI and Azure (`service_tier`: default, scale), Groq (on_demand),
 * Anthropic (`usage.service_tier`: standard, priority, batch), Bedrock (`serviceTier.type`: default, reserved), Gemini (`serviceTier`: SERVICE_TIER_...) and Vertex
 * (`trafficType`: ON_DEMAND, ON_DEMAND_FLEX, ON_DEMAND_PRIORITY, PROVISIONED_THROUGHPUT).
 */
const tiersByWord: ReadonlyMap<string, ServiceTier> = new Map([
  ['default', standardTier],
  ['standard_only', standardTier],
  ['on_demand', standardTier],
  ['service_tier_standard', standardTier],
  ['on_demand_flex', 'flex'],
  ['service_tier_flex', 'flex'],
  ['on_demand_priority', 'priority'],
  ['service_tier_priority', 'priority'],
  ['provisioned_throughput', 'provisioned'],
  ['reserved', 'provisioned'],
  ['scale', 'provisioned'],
]);

/** Words that tell no tier. */
const untold: ReadonlySet<string> = new Set([
  '',
  'unspecified',
  'service_tier_unspecified',
  'traffic_type_unspecified',
]);

/** A vendor's word for a tier in ours; null where it tells none. */
export const serviceTierOf = (word: string | null): ServiceTier | null => {
  if (word === null) return null;
  // Mostly it is this one.
  if (word === 'default') return standardTier;
  const lower = word.slice(0, wordLengthMax).toLowerCase();
  if (untold.has(lower)) return null;
  return tiersByWord.get(lower) ?? lower.replaceAll(/[^a-z0-9._-]/g, '_');
};

/** The tier that an answer names in a member; null where it names none. In an answer `auto` is what was asked for, not what was done. */
export const servedTierIn = (holder: JsonObject | null, member: string): ServiceTier | null => {
  const word = textIn(holder, member);
  return word === 'auto' ? null : serviceTierOf(word);
};

/** The member `servedTier` of a reading, which one that tells no tier does not have. */
export const toldTier = (servedTier: ServiceTier | null): { readonly servedTier?: ServiceTier } =>
  servedTier === null ? {} : { servedTier };
