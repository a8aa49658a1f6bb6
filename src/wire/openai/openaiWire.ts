import type { Operation } from '../../vocabulary/index.ts';
import { serverSentEvents } from '../sse/serverSentEvents.ts';
import { utf8Bytes } from '../utf8.ts';
import type { ListedModel, Wire } from '../wire.ts';
import { ChatStream } from './ChatStream.ts';
import { editRequest } from './editRequest.ts';
import { errorBody, streamError } from './errorBody.ts';
import { accommodation, classify, correction, eased } from './classify.ts';
import { openaiCodec } from './codec/openaiCodec.ts';
import { rateHeaders } from './rateHeaders.ts';
import { readAnswer } from './readAnswer.ts';
import { readRequest, scanRequest } from './readRequest.ts';

/** The base URL ends in "/v1", as in the vendors' own SDKs. */
const upstreamPaths: Readonly<Record<Operation, string | null>> = {
  generate: '/chat/completions',
  embed: '/embeddings',
  listModels: '/models',
  countTokens: null,
  passthrough: null,
  kept: null,
};

const listModels = (models: readonly ListedModel[]): Uint8Array =>
  utf8Bytes(
    JSON.stringify({
      object: 'list',
      data: models.map(({ id, createdAtS, ownedBy }) => ({
        id,
        object: 'model',
        created: createdAtS,
        owned_by: ownedBy,
      })),
    }),
  );

/** Chat completions and embeddings, as OpenAI made them and many vendors speak them. */
/** Azure says in it whether its reserved capacity handed the request on to the standard one. */
const spillHeader = 'x-ms-is-spilled-over';

export const openaiWire: Wire = {
  name: 'openai',
  routes: [
    { method: 'POST', path: '/v1/chat/completions', operation: 'generate' },
    { method: 'POST', path: '/v1/embeddings', operation: 'embed' },
    { method: 'GET', path: '/v1/models', operation: 'listModels' },
  ],
  upstreamPath: (operation) => upstreamPaths[operation],
  credentialHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  forwardedRequestHeaders: ['openai-beta'],
  forwardedQuery: [],
  defaultRequestHeaders: {},
  forwardedAnswerHeaders: ['x-request-id', 'openai-processing-ms', 'openai-version'],
  // What the model is told first is the first of the turns.
  start: { before: ['tools'], turns: 'messages' },
  scanRequest,
  rateHeaders,
  readRequest,
  editRequest,
  ...serverSentEvents,
  servedTierIn: ({ [spillHeader]: spilled }) => (spilled === 'true' ? 'spillover' : null),
  observeStream: (facts, isFollowed) => new ChatStream(facts, isFollowed),
  readAnswer,
  classify,
  correction,
  accommodation,
  eased,
  errorStatuses: {},
  errorBody,
  streamError,
  // One comment line without a blank one: older SDKs choke on the empty event that a blank line would make.
  ping: utf8Bytes(': ping\n'),
  listModels,
  tokenCount: null,
  codec: openaiCodec,
};
