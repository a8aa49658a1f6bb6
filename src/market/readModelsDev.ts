import { z } from 'zod';
import { errorMessage, failure, success, type Result } from '../kernel/index.ts';
import type { ModelBucket } from '../vocabulary/index.ts';
import { isNamedFree } from './isNamedFree.ts';
import { perMillionOf } from './perMillionOf.ts';
import { isPriceListName, type PriceListOrigin, type PriceRow } from './readPriceList.ts';

/** How models.dev calls the prices of each bucket. A cache write is the five-minute one. */
const costBuckets = {
  input: 'input',
  output: 'output',
  reasoning: 'reasoning',
  cache_read: 'cacheRead',
  cache_write: 'cacheWrite5m',
  input_audio: 'inputAudio',
  output_audio: 'outputAudio',
} as const satisfies Record<string, ModelBucket>;

/** US dollars per million tokens: nothing is sold at more than a dollar a token. */
const usd = z.number().min(0).max(1_000_000).optional();

const costFields = {
  input: usd,
  output: usd,
  reasoning: usd,
  cache_read: usd,
  cache_write: usd,
  input_audio: usd,
  output_audio: usd,
};
const costSchema = z.object(costFields);

const tierSchema = z.object({ ...costFields, tier: z.object({ size: z.int().min(1).max(9_999_999_999) }) });

/** Ways of calling a model that cost something else, by the words that ask for them. */
const modeSchema = z.object({
  cost: costSchema.optional(),
  provider: z
    .object({ body: z.object({ service_tier: z.string().optional(), speed: z.string().optional() }).optional() })
    .optional(),
});

const modelSchema = z.object({
  cost: z
    .object({ ...costFields, tiers: z.array(tierSchema).optional(), context_over_200k: costSchema.optional() })
    .optional(),
  experimental: z.object({ modes: z.record(z.string(), modeSchema).optional() }).optional(),
});

/** `api.json`, of which only what is about prices is read: https://github.com/anomalyco/models.dev, packages/core/src/schema.ts. */
const catalogueSchema = z.record(z.string(), z.object({ models: z.record(z.string(), modelSchema) }));

type ModelsDevOrigin = Pick<PriceListOrigin, 'source' | 'fromMs'>;
type Cost = z.output<typeof costSchema>;
type Model = z.output<typeof modelSchema>;

/** A number as it was written, or without its exponent. */
const decimalOf = (value: number): string => {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20) : text;
};

/** As of a sheet, a 0 is believed only where the offer is named free. */
const perMillionIn = (cost: Cost, model: string): PriceRow['perMillion'] => {
  const prices: Partial<Record<ModelBucket, bigint>> = {};
  for (const [name, bucket] of Object.entries(costBuckets)) {
    const value = cost[name as keyof typeof costBuckets];
    if (value === undefined) continue;
    const price = perMillionOf(decimalOf(value));
    if (price > 0n || isNamedFree(model)) prices[bucket] = price;
  }
  return prices;
};

/** `context_over_200k` says less exactly what `tiers` says, and stands alone only in older files. */
const bandsOf = ({ cost }: Model): readonly (readonly [aboveTokens: number, cost: Cost])[] => {
  if (cost?.tiers !== undefined) return cost.tiers.map((band) => [band.tier.size, band]);
  return cost?.context_over_200k === undefined ? [] : [[200_000, cost.context_over_200k]];
};

const tiersOf = ({ experimental }: Model): readonly (readonly [tier: string, cost: Cost])[] =>
  Object.values(experimental?.modes ?? {}).flatMap(({ cost, provider }) => {
    const tier = provider?.body?.service_tier ?? provider?.body?.speed;
    return cost === undefined || tier === undefined || !isPriceListName(tier) ? [] : [[tier, cost]];
  });

const rowsOf = (vendor: string, name: string, model: Model, origin: ModelsDevOrigin): readonly PriceRow[] => {
  const { cost = {} } = model;
  const { source, fromMs } = origin;
  const costs: readonly (readonly [tier: string | null, aboveTokens: number | null, cost: Cost])[] = [
    [null, null, cost],
    ...bandsOf(model).map(([aboveTokens, band]) => [null, aboveTokens, band] as const),
    ...tiersOf(model).map(([tier, cost]) => [tier, null, cost] as const),
  ];
  return costs.flatMap(([tier, aboveTokens, one]) => {
    const perMillion = perMillionIn(one, name);
    return Object.keys(perMillion).length === 0
      ? []
      : [{ line: 1, vendor, model: name, region: null, tier, aboveTokens, fromMs, untilMs: null, perMillion, source }];
  });
};

/**
 * Reads `api.json` of models.dev: prices in US dollars per million tokens, of long inputs and of modes with a service tier as well. What has no price, and
 * names that no list of prices can hold, are left out. Fails with the path of the first member that is no price.
 */
export const readModelsDev = (text: string, origin: ModelsDevOrigin): Result<readonly PriceRow[], string> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failure(`this is no JSON: ${errorMessage(error)}; download https://models.dev/api.json again`);
  }
  const read = catalogueSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return failure(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}; this is not api.json of models.dev`);
  }
  const rows = Object.entries(read.data).flatMap(([vendor, { models }]) =>
    Object.entries(models).flatMap(([name, model]) =>
      isPriceListName(vendor) && isPriceListName(name) ? rowsOf(vendor, name, model, origin) : [],
    ),
  );
  return success(rows);
};
