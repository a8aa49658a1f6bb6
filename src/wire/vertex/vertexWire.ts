import type { Operation } from '../../vocabulary/index.ts';
import { geminiWire } from '../gemini/geminiWire.ts';
import type { PathWords, UpstreamWire } from '../wire.ts';
import { isAskedByContent, vertexEmbedding } from './vertexEmbedding.ts';

/** Under the location of a project. A model with a path of its own (`endpoints/123`, where it was tuned) is called there. */
const modelPath = (model: string): string => {
  const name = model.includes('/') ? model : `publishers/google/models/${model}`;
  return `/${name.split('/').map(encodeURIComponent).join('/')}`;
};

const upstreamPath = (operation: Operation, { model, stream }: PathWords): string | null => {
  switch (operation) {
    case 'generate':
      return `${modelPath(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
    case 'countTokens':
      return `${modelPath(model)}:countTokens`;
    case 'embed':
      return `${modelPath(model)}:${isAskedByContent(model) ? 'embedContent' : 'predict'}`;
    case 'listModels':
    case 'passthrough':
    case 'kept':
      return null;
  }
};

const { routes: _routes, ...upstream } = geminiWire;

/**
 * Gemini on Google Cloud's Vertex AI (cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference). What is said is the Gemini API's, so that its clients' bytes pass as
 * they are. The base URL ends in the location: `.../v1/projects/PROJECT/locations/LOCATION`.
 */
export const vertexWire: UpstreamWire = {
  ...upstream,
  name: 'vertex',
  variantOf: geminiWire,
  upstreamPath,
  codec: { ...geminiWire.codec, embeddingTarget: vertexEmbedding },
};
