import type { Operation } from '../../vocabulary/index.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import type { UpstreamWire } from '../wire.ts';

/** Under a deployment: Azure's name of a model that was given capacity. */
const pathsOfDeployment: Readonly<Record<Operation, string | null>> = {
  generate: '/chat/completions',
  embed: '/embeddings',
  listModels: null,
  countTokens: null,
  passthrough: null,
  kept: null,
};

const { routes: _routes, ...upstream } = openaiWire;

/**
 * Chat completions and embeddings as Azure serves them by deployment (learn.microsoft.com/azure/ai-foundry/openai/reference): the path names the deployment,
 * the query the version of the API, and a header of its own carries the key. What is said is OpenAI's, so that its clients' bytes pass as they are. The base URL
 * is the bare resource, `https://NAME.openai.azure.com`; its newer address `/openai/v1` is spoken to as `openai`.
 */
export const azureWire: UpstreamWire = {
  ...upstream,
  name: 'azure-openai',
  variantOf: openaiWire,
  upstreamPath: (operation, { model }) => {
    const path = pathsOfDeployment[operation];
    return path === null ? null : `/openai/deployments/${encodeURIComponent(model)}${path}`;
  },
  credentialHeaders: (apiKey) => ({ 'api-key': apiKey }),
};
