// The invented market: who sells which models, from which host, at what price. Pure data.

/** What a vendor of the sandbox bills, one line each; the buckets never overlap. */
export const billedBuckets = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output', 'reasoning'] as const;

export type BilledBucket = (typeof billedBuckets)[number];

export interface CatalogueModel {
  readonly name: string;
  /** What requests to its vendor call it: its name, unless the wire must know whose words its model understands. */
  readonly id: string;
  readonly kind: 'chat' | 'embedding';
  /** Most input and output tokens together. */
  readonly contextTokens: number;
  /** Most output tokens of one answer; 0 for embeddings. */
  readonly outputTokensMax: number;
  /** List price in US dollars per million tokens, decimal text. A bucket without a price is never billed by this vendor. */
  readonly usdPerMTok: Readonly<Partial<Record<BilledBucket, string>>>;
}

export interface CatalogueVendor {
  readonly name: string;
  readonly wire: 'openai' | 'anthropic' | 'bedrock';
  /** Where the vendor really runs: vendors of one host fail together. */
  readonly host: 'north' | 'south';
  /** Contract that covers this vendor's bill, and the share it takes off every line. */
  readonly contract: { readonly id: string; readonly discount: string } | null;
  readonly models: readonly CatalogueModel[];
}

export interface SandboxCatalogue {
  readonly vendors: readonly CatalogueVendor[];
  readonly hosts: readonly string[];
  /** Numbers in one embedding of the shared vector space. */
  readonly embeddingDimensions: number;
}

const chat = (name: string, contextTokens: number, usdPerMTok: CatalogueModel['usdPerMTok']): CatalogueModel => ({
  name,
  id: name,
  kind: 'chat',
  contextTokens,
  outputTokensMax: 128_000,
  usdPerMTok,
});

const embedding = (usdPerMTokInput: string, id = 'embed-small'): CatalogueModel => ({
  name: 'embed-small',
  id,
  kind: 'embedding',
  contextTokens: 8192,
  outputTokensMax: 0,
  usdPerMTok: { input: usdPerMTokInput },
});

/** Reasoning is billed as output. */
const inOut = (input: string, output: string) => ({ input, output, reasoning: output });

export const sandboxCatalogue: SandboxCatalogue = {
  vendors: [
    {
      name: 'aurora',
      wire: 'openai',
      host: 'north',
      contract: { id: 'aurora-pool', discount: '0.1' },
      models: [
        chat('chat-large', 400_000, inOut('2.00', '8.00')),
        chat('chat-small', 400_000, inOut('0.20', '0.80')),
        embedding('0.02'),
      ],
    },
    {
      name: 'borealis',
      wire: 'anthropic',
      host: 'south',
      contract: null,
      models: [
        chat('chat-large', 400_000, {
          ...inOut('2.50', '10.00'),
          cacheRead: '0.25',
          cacheWrite5m: '3.125',
          cacheWrite1h: '5.00',
        }),
        chat('chat-small', 400_000, {
          ...inOut('0.25', '1.00'),
          cacheRead: '0.025',
          cacheWrite5m: '0.3125',
          cacheWrite1h: '0.50',
        }),
      ],
    },
    {
      name: 'cascade',
      wire: 'bedrock',
      host: 'north',
      contract: null,
      models: [
        chat('chat-large', 400_000, inOut('1.60', '6.40')),
        chat('chat-small', 400_000, inOut('0.15', '0.60')),
        embedding('0.02', 'cohere.embed-v4:0'),
      ],
    },
  ],
  hosts: ['north', 'south'],
  embeddingDimensions: 1536,
};
