/** What is known of a vendor's endpoint before a file says anything. */
export interface ProviderProfile {
  /** As the configuration names it. */
  readonly vendor: string;
  readonly wire: string;
  /** With `{region}` and `{account}` where each of them has an address of its own; null where each customer has. */
  readonly baseUrl: string | null;
  /** The same for regions whose addresses are made in another way; absent: none. */
  readonly baseUrlsOfRegions?: Readonly<Record<string, string>>;
  /** Wires that the same address speaks as well, as far as the vendor says so of all its models. */
  readonly alsoSpeaks?: readonly string[];
  /** Variable of the environment that the vendor's own documents put its key in. */
  readonly keyVariable: string;
  /** A path under the base URL that costs nothing to read, and that only a valid key may read; null where there is none. */
  readonly keyProofPath: string | null;
  /** Whether it holds conversations for callers who then send only what is new; absent: no. */
  readonly holdsConversations?: true;
}

/** Stands for a provider's region in the base URL of a profile. */
export const regionMark = '{region}';
/** Stands for its account. */
export const accountMark = '{account}';

/** Under each of Vertex AI's hosts. */
const projectPath = `/v1/projects/${accountMark}/locations/${regionMark}`;

/** @google/genai 3.3.0, `ApiClient`. */
const vertexUrls = {
  baseUrl: `https://${regionMark}-aiplatform.googleapis.com${projectPath}`,
  baseUrlsOfRegions: {
    global: `https://aiplatform.googleapis.com${projectPath}`,
    us: `https://aiplatform.us.rep.googleapis.com${projectPath}`,
    eu: `https://aiplatform.eu.rep.googleapis.com${projectPath}`,
  },
};

/** Sources: each vendor's API reference, as of November 2026. */
export const providerProfiles: readonly ProviderProfile[] = [
  {
    vendor: 'openai',
    wire: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    alsoSpeaks: ['responses'],
    keyVariable: 'OPENAI_API_KEY',
    keyProofPath: '/models',
    holdsConversations: true,
  },
  {
    vendor: 'anthropic',
    wire: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    keyVariable: 'ANTHROPIC_API_KEY',
    keyProofPath: '/v1/models',
    holdsConversations: true,
  },
  {
    vendor: 'google',
    wire: 'gemini',
    baseUrl: 'https://generativelanguage.googleapis.com',
    keyVariable: 'GEMINI_API_KEY',
    keyProofPath: '/v1beta/models',
  },
  {
    vendor: 'mistral',
    wire: 'openai',
    baseUrl: 'https://api.mistral.ai/v1',
    keyVariable: 'MISTRAL_API_KEY',
    keyProofPath: '/models',
  },
  {
    vendor: 'groq',
    wire: 'openai',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVariable: 'GROQ_API_KEY',
    keyProofPath: '/models',
  },
  {
    vendor: 'deepseek',
    wire: 'openai',
    baseUrl: 'https://api.deepseek.com/v1',
    keyVariable: 'DEEPSEEK_API_KEY',
    keyProofPath: '/models',
  },
  {
    vendor: 'xai',
    wire: 'openai',
    baseUrl: 'https://api.x.ai/v1',
    keyVariable: 'XAI_API_KEY',
    keyProofPath: '/models',
  },
  {
    vendor: 'openrouter',
    wire: 'openai',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVariable: 'OPENROUTER_API_KEY',
    // Its list of models is there for everybody.
    keyProofPath: '/key',
  },
  {
    vendor: 'fireworks',
    wire: 'openai',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyVariable: 'FIREWORKS_API_KEY',
    keyProofPath: '/models',
  },
  {
    vendor: 'together',
    wire: 'openai',
    baseUrl: 'https://api.together.xyz/v1',
    keyVariable: 'TOGETHER_API_KEY',
    keyProofPath: '/models',
  },
  {
    vendor: 'cohere',
    wire: 'openai',
    baseUrl: 'https://api.cohere.ai/compatibility/v1',
    keyVariable: 'CO_API_KEY',
    keyProofPath: '/models',
  },
  {
    vendor: 'azure',
    wire: 'azure-openai',
    // Each resource has an address of its own.
    baseUrl: null,
    keyVariable: 'AZURE_OPENAI_API_KEY',
    keyProofPath: '/openai/models',
  },
  {
    vendor: 'aws',
    wire: 'bedrock',
    baseUrl: `https://bedrock-runtime.${regionMark}.amazonaws.com`,
    keyVariable: 'AWS_BEARER_TOKEN_BEDROCK',
    // Its models are listed on another host.
    keyProofPath: null,
  },
  {
    vendor: 'google',
    wire: 'vertex',
    ...vertexUrls,
    keyVariable: 'GOOGLE_API_KEY',
    // What lists models there needs rights that calls do not need.
    keyProofPath: null,
  },
  {
    vendor: 'google',
    wire: 'vertex-anthropic',
    ...vertexUrls,
    keyVariable: 'GOOGLE_API_KEY',
    keyProofPath: null,
  },
  // For models that are served on this wire only.
  {
    vendor: 'openai',
    wire: 'responses',
    baseUrl: 'https://api.openai.com/v1',
    keyVariable: 'OPENAI_API_KEY',
    keyProofPath: '/models',
    holdsConversations: true,
  },
];

/** Engines of one's own machines, where they listen unless they are told otherwise (their own documents, as of November 2026). */
export const engineUrls: Readonly<Record<string, string>> = {
  'llama.cpp': 'http://127.0.0.1:8080/v1',
  lmstudio: 'http://127.0.0.1:1234/v1',
  ollama: 'http://127.0.0.1:11434/v1',
  vllm: 'http://127.0.0.1:8000/v1',
};

/** The profile of a vendor on a wire, or null where none is known. */
export const profileOf = ({ vendor, wire }: Pick<ProviderProfile, 'vendor' | 'wire'>): ProviderProfile | null =>
  providerProfiles.find((profile) => profile.vendor === vendor && profile.wire === wire) ?? null;

/** The wire that engines on machines of one's own speak. */
export const ownEndpointWire = 'openai';

const modelsPaths: ReadonlyMap<string, string | null> = new Map([
  ['anthropic', '/v1/models'],
  ['azure-openai', '/openai/models'],
  ['gemini', '/v1beta/models'],
  ['bedrock', null],
  ['vertex', null],
  ['vertex-anthropic', null],
]);

/** Where an endpoint of a wire lists its models under its base URL: free, and at many endpoints for holders of a key only. Null where it does not. */
export const modelsPathOf = (wire: string): string | null => {
  const path = modelsPaths.get(wire);
  return path === undefined ? '/models' : path;
};
