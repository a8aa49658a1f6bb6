import type { Operation } from '../../vocabulary/index.ts';
import { classify } from '../openai/classify.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { rateHeaders } from '../openai/rateHeaders.ts';
import { serverSentEvents } from '../sse/serverSentEvents.ts';
import { utf8Bytes } from '../utf8.ts';
import type { ListedModel, Wire } from '../wire.ts';
import { accommodation, correction, eased } from './correction.ts';
import { responsesCodec } from './codec/responsesCodec.ts';
import { editRequest } from './editRequest.ts';
import { errorBody, errorStatuses, streamError } from './errorBody.ts';
import { responseKeeping } from './kept/responseKeeping.ts';
import { readAnswer } from './readAnswer.ts';
import { readRequest, scanRequest } from './readRequest.ts';
import { ResponseStream } from './ResponseStream.ts';

/** The base URL ends in "/v1", as in the vendor's own SDKs. */
const upstreamPaths: Readonly<Record<Operation, string | null>> = {
  generate: '/responses',
  countTokens: '/responses/input_tokens',
  listModels: '/models',
  embed: null,
  passthrough: null,
  kept: null,
};

/**
 * The list for Codex, which looks for `models` with all that it wants to know of each: one member that is missing costs it the whole list. An empty one beside
 * the plain list says that the names are all there is to know.
 */
const listModels = (models: readonly ListedModel[]): Uint8Array => {
  const list = Buffer.from(openaiWire.listModels(models)).toString('utf8');
  return utf8Bytes(`${list.slice(0, -1)},"models":[]}`);
};

/** Responses, as OpenAI made them: the wire of its newer models, and the only one that Codex speaks. */
export const responsesWire: Wire = {
  name: 'responses',
  routes: [
    { method: 'POST', path: '/v1/responses', operation: 'generate' },
    { method: 'POST', path: '/v1/responses/input_tokens', operation: 'countTokens' },
    { method: 'GET', path: '/v1/responses/{answer}', operation: 'kept' },
    { method: 'DELETE', path: '/v1/responses/{answer}', operation: 'kept' },
    { method: 'GET', path: '/v1/responses/{answer}/input_items', operation: 'kept' },
    { method: 'GET', path: '/v1/models', operation: 'listModels' },
  ],
  upstreamPath: (operation) => upstreamPaths[operation],
  credentialHeaders: (apiKey) => openaiWire.credentialHeaders(apiKey),
  forwardedRequestHeaders: openaiWire.forwardedRequestHeaders,
  forwardedQuery: [],
  defaultRequestHeaders: {},
  forwardedAnswerHeaders: openaiWire.forwardedAnswerHeaders,
  start: { before: ['instructions', 'tools'], turns: 'input' },
  scanRequest,
  rateHeaders,
  readRequest,
  editRequest,
  ...serverSentEvents,
  observeStream: (_facts, isFollowed) => new ResponseStream(isFollowed),
  readAnswer,
  classify,
  correction,
  accommodation,
  eased,
  errorBody,
  errorStatuses,
  streamError,
  ping: openaiWire.ping,
  listModels,
  tokenCount: (tokens) => utf8Bytes(JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens })),
  keeping: responseKeeping,
  codec: responsesCodec,
};
