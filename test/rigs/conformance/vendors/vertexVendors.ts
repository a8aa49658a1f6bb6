import type { Vendor } from '../Words.ts';
import { geminiVendor } from './geminiVendor.ts';
import { messagesVendor } from './messagesVendor.ts';

/** Gemini on Google Cloud (cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference): the path stands under a project and its location. */
export const vertexVendor: Vendor = {
  ...geminiVendor,
  name: 'vertex',
  path: (stream) =>
    `/publishers/google/models/${geminiVendor.model}:${stream ? 'streamGenerateContent' : 'generateContent'}`,
};

/** Claude on Google Cloud (docs.claude.com/en/api/claude-on-vertex-ai). */
export const vertexMessagesVendor: Vendor = {
  ...messagesVendor,
  name: 'vertex-anthropic',
  path: (stream) =>
    `/publishers/anthropic/models/${messagesVendor.model}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
};
