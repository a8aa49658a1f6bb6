import type { Operation } from '../../vocabulary/index.ts';
import { serverSentEvents } from '../sse/serverSentEvents.ts';
import { utf8Bytes } from '../utf8.ts';
import type { ClientRoute, ListedModel, PathWords, Wire } from '../wire.ts';
import { classify, correction } from './classify.ts';
import { geminiCodec } from './codec/geminiCodec.ts';
import { editRequest } from './editRequest.ts';
import { errorBody, streamError } from './errorBody.ts';
import { GenerateStream } from './GenerateStream.ts';
import { readAnswer } from './readAnswer.ts';
import { readRequest, scanRequest } from './readRequest.ts';
import { resourceName } from './resourceName.ts';
import { spellings } from './spellings.ts';

/** Where a model lives under the base URL, which is the bare host, as in the vendor's own SDK. */
const modelPath = (model: string): string =>
  `/v1beta/${resourceName(model).split('/').map(encodeURIComponent).join('/')}`;

const upstreamPath = (operation: Operation, { model, stream }: PathWords): string | null => {
  switch (operation) {
    case 'generate':
      return `${modelPath(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
    case 'countTokens':
      return `${modelPath(model)}:countTokens`;
    case 'listModels':
      return '/v1beta/models';
    case 'embed':
      return `${modelPath(model)}:batchEmbedContents`;
    case 'passthrough':
    case 'kept':
      return null;
  }
};

/** The SDK calls the stable version since 3.0, all others the beta: both have the same paths. */
const routesOf = (version: string): readonly ClientRoute[] => [
  { method: 'POST', path: `/${version}/models/{model}:generateContent`, operation: 'generate' },
  {
    method: 'POST',
    path: `/${version}/models/{model}:streamGenerateContent`,
    operation: 'generate',
    stream: true,
    query: ['alt', 'sse'],
  },
  { method: 'POST', path: `/${version}/models/{model}:countTokens`, operation: 'countTokens' },
  { method: 'GET', path: `/${version}/models`, operation: 'listModels' },
];

const listModels = (models: readonly ListedModel[]): Uint8Array =>
  utf8Bytes(
    JSON.stringify({
      models: models.map(({ id }) => ({
        name: `models/${id}`,
        version: '',
        displayName: id,
        supportedGenerationMethods: ['generateContent', 'countTokens'],
      })),
    }),
  );

/** Google's Generative Language API. */
export const geminiWire: Wire = {
  name: 'gemini',
  routes: [...routesOf('v1beta'), ...routesOf('v1')],
  upstreamPath,
  credentialHeaders: (apiKey) => ({ 'x-goog-api-key': apiKey }),
  // How long the client waits for an answer.
  forwardedRequestHeaders: ['x-server-timeout'],
  // Clients of this vendor were used to put their key there, so that nothing of it goes on; the wire itself asks for events.
  forwardedQuery: [],
  defaultRequestHeaders: {},
  forwardedAnswerHeaders: [],
  start: { before: [...spellings('systemInstruction'), 'tools'], turns: 'contents' },
  scanRequest,
  // This vendor tells what is left nowhere; a refusal says when to come back (`RetryInfo`).
  rateHeaders: () => ({}),
  readRequest,
  editRequest,
  ...serverSentEvents,
  observeStream: (_facts, isFollowed) => new GenerateStream(isFollowed),
  readAnswer,
  classify,
  correction,
  // What a model is known to refuse stands within other members, where clients' bytes are not touched.
  accommodation: () => ({}),
  eased: 0,
  errorStatuses: {},
  errorBody,
  streamError,
  // One end of a line: the vendor's SDKs before 2.0 take nothing but blanks before "data:", and later ones drop an event that begins with a comment.
  ping: utf8Bytes('\n'),
  listModels,
  tokenCount: (tokens) => utf8Bytes(JSON.stringify({ totalTokens: tokens })),
  codec: geminiCodec,
};
