import type { NanoUsdPerMillion } from '../kernel/index.ts';
import {
  anyTier,
  capField,
  faultMessage,
  features,
  integerField,
  labelField,
  listOf,
  mapOf,
  modelNameField,
  nameField,
  optional,
  ratesSchema,
  routePolicySchema,
  section,
  standardTier,
  switchField,
  tagsField,
  targetModelField,
  usdField,
} from '../vocabulary/index.ts';
import type { ModelBucket } from '../vocabulary/index.ts';
import type { WrittenBand, WrittenTier, WrittenVariants } from './priceVariants.ts';

/** How each bucket's price is called in the file, in US dollars: per million tokens, and per request. */
export const priceNames = {
  inputPerMTok: 'input',
  outputPerMTok: 'output',
  cacheReadPerMTok: 'cacheRead',
  cacheWrite5mPerMTok: 'cacheWrite5m',
  cacheWrite1hPerMTok: 'cacheWrite1h',
  reasoningPerMTok: 'reasoning',
  inputAudioPerMTok: 'inputAudio',
  inputImagePerMTok: 'inputImage',
  outputAudioPerMTok: 'outputAudio',
  outputImagePerMTok: 'outputImage',
  requestUsd: 'requests',
} as const satisfies Record<string, ModelBucket>;

/** Prices per bucket in nano-USD per million units; a bucket that is absent has no price of its own. */
export type BucketPrices = Readonly<Partial<Record<ModelBucket, NanoUsdPerMillion>>>;

const perMTok = usdField.optional().describe('US dollars per million tokens');

/** Prices of a deployment as the file says them: of the standard tier, of others, and of long inputs. */
export type DeclaredPrice = BucketPrices & WrittenVariants;

const bucketFields = {
  inputPerMTok: perMTok,
  outputPerMTok: perMTok,
  cacheReadPerMTok: perMTok,
  cacheWrite5mPerMTok: perMTok,
  cacheWrite1hPerMTok: perMTok,
  reasoningPerMTok: perMTok,
  inputAudioPerMTok: perMTok,
  inputImagePerMTok: perMTok,
  outputAudioPerMTok: perMTok,
  outputImagePerMTok: perMTok,
  requestUsd: usdField.optional().describe('US dollars per request'),
};

const pricesIn = (written: Readonly<Partial<Record<keyof typeof priceNames, bigint | undefined>>>): BucketPrices => {
  const prices: Partial<Record<ModelBucket, NanoUsdPerMillion>> = {};
  for (const [name, bucket] of Object.entries(priceNames)) {
    const amount = written[name as keyof typeof priceNames];
    // A price per request is kept per million requests, as all prices are per million units.
    if (amount !== undefined) prices[bucket] = bucket === 'requests' ? amount * 1_000_000n : amount;
  }
  return prices;
};

/** Most bands of one price, and most tiers. */
const variantsMax = 20;

const bandSchema = section({
  tokens: integerField(1, 1_000_000_000, 'tokens').describe(
    'Holds for inputs with more tokens than this, the cache included',
  ),
  ...bucketFields,
}).transform(({ tokens, ...written }): WrittenBand => ({ tokens, perMillion: pricesIn(written) }));

const bandsField = listOf(bandSchema, variantsMax)
  .refine(
    (bands) => new Set(bands.map(({ tokens }) => tokens)).size === bands.length,
    faultMessage('two prices for inputs of the same length', 'keep one of the entries with the same `tokens`'),
  )
  .optional()
  .describe(
    'Prices of long inputs, each for the whole of a request: they stand alone, nothing is taken over from the price around them',
  );

const tierSchema = section({ ...bucketFields, above: bandsField }).transform(({ above, ...written }): WrittenTier => ({
  perMillion: pricesIn(written),
  ...(above && { above }),
}));

/** Name of a service tier: as `ServiceTier` has it. */
const tierNameField = nameField.refine(
  (name) => name !== standardTier && name !== anyTier,
  faultMessage(
    'that is no tier with a price of its own',
    'name flex, priority, fast, batch, provisioned or spillover; the standard tier has the prices around `tiers`',
  ),
);

/** `price`: list prices that replace the market's. */
export const priceSchema = section({
  ...bucketFields,
  tiers: mapOf(tierNameField, tierSchema)
    .optional()
    .describe(
      'Prices of other service tiers: flex, priority, fast, batch, provisioned, spillover, or the word of the vendor in lower case; each stands alone',
    ),
  above: bandsField,
}).transform(({ tiers, above, ...written }): DeclaredPrice => ({
  ...pricesIn(written),
  ...(tiers && { tiers }),
  ...(above && { above }),
}));

/** Most tokens a model of the file may be said to take. */
const tokensMax = 1_000_000_000;

const capabilitiesSchema = section({
  contextTokens: optional(integerField(1, tokensMax, 'tokens')).describe('Most tokens of input and output together'),
  maxOutputTokens: optional(integerField(1, tokensMax, 'tokens')).describe('Most tokens of one answer'),
  reasoning: optional(switchField).describe('Whether it thinks before it answers, and so takes longer to begin'),
  toolCall: optional(switchField).describe('Whether it calls tools'),
  unsupported: listOf(modelNameField, 100)
    .prefault([])
    .describe(
      `What this target lacks: ${features.join(', ')}, longCallIds (it takes ids of calls of nine letters and digits only), or a parameter by its name`,
    ),
  supported: listOf(modelNameField, 100)
    .prefault([])
    .describe(
      'What this target has although the table of capabilities says that its model lacks it, by the same names; `prefill` also where the table knows nothing of it and it is to go on with answers that broke off, with `prefix` or `continue_final_message` beside it where a chat has to say so by that member',
    ),
});

const spaceSchema = section({
  model: modelNameField.describe('Model that makes the vectors'),
  dimensions: integerField(1, 65_536, 'dimensions').describe('Length of a vector'),
});

/** Largest weight of a deployment. */
const weightMax = 1_000_000;

const deploymentSchema = section({
  provider: modelNameField.describe('Name of a provider, or "list.member" for one member of a list'),
  model: targetModelField.describe("The vendor's name of the model"),
  lab: optional(labelField).describe('Who made the model'),
  price: optional(priceSchema).describe("List prices that replace the market's"),
  capabilities: capabilitiesSchema.prefault({}).describe('What is known better here than in the market data'),
  space: optional(spaceSchema).describe("Vector space, where the vendor's name of the model differs from the space's"),
  tags: tagsField.prefault([]).describe('What policies and requests (x-archipel-tags) may demand'),
  weight: optional(integerField(0, weightMax)).describe(
    'Its part of the traffic, relative to the others that have one, whatever they cost; 0: only where nobody else is left; absent: by cost, after those that have one',
  ),
  canary: optional(capField).describe(
    'Share of the traffic that goes to it first, such as 0.05; what it fails at goes to the others. The rest goes to it only where they fail',
  ),
});

/** `models`: what clients may ask for, and where it is served. */
export const modelsSchema = mapOf(
  modelNameField,
  section({
    space: optional(spaceSchema).describe(
      'The one vector space of an embedding model; vectors of others are of no use to a client',
    ),
    limits: ratesSchema.prefault({}).describe('Rates of all who use it together'),
    policy: optional(routePolicySchema).describe(
      "Policy of its requests: what it prefers comes before the file's preference, and after those of team and key; what it forbids comes on top of theirs",
    ),
    deployments: listOf(deploymentSchema, 100).min(
      1,
      'a model without deployments\nname at least one provider that serves it',
    ),
  }),
).describe('Logical models and their deployments');
