/**
 * Vendors as configurations name them -> sellers as the price sheet names them, in the order they are asked.
 * The vendor's own name is always asked first.
 */
const sellersByVendor: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    aws: ['amazon-bedrock'],
    amazon: ['amazon-bedrock'],
    bedrock: ['amazon-bedrock'],
    azure: ['azure-cognitive-services'],
    microsoft: ['azure', 'azure-cognitive-services'],
    claude: ['anthropic'],
    cloudflare: ['cloudflare-workers-ai'],
    fireworks: ['fireworks-ai'],
    gcp: ['google-vertex', 'google-vertex-anthropic'],
    gemini: ['google'],
    github: ['github-models'],
    google: ['google-vertex', 'google-vertex-anthropic'],
    grok: ['xai'],
    hf: ['huggingface'],
    ionet: ['io-net'],
    kimi: ['moonshotai'],
    moonshot: ['moonshotai'],
    novita: ['novita-ai'],
    ovh: ['ovhcloud'],
    regolo: ['regolo-ai'],
    together: ['togetherai'],
    vertex: ['google-vertex', 'google-vertex-anthropic'],
    'z.ai': ['zai'],
    zhipu: ['zai'],
  }),
);

/** Names under which the price sheet may list a vendor of the configuration, the likeliest first. */
export const sellersOf = (vendor: string): readonly string[] => [
  vendor,
  ...(sellersByVendor.get(vendor.toLowerCase()) ?? []),
];
