import type { Operation } from '../../vocabulary/index.ts';
import { serverSentEvents } from '../sse/serverSentEvents.ts';
import { utf8Bytes } from '../utf8.ts';
import type { ListedModel, Wire } from '../wire.ts';
import { errorBody, errorStatuses, streamError } from './errorBody.ts';
import { accommodation, classify, correction } from './classify.ts';
import { anthropicCodec } from './codec/anthropicCodec.ts';
import { editRequest } from './editRequest.ts';
import { MessageStream } from './MessageStream.ts';
import { rateHeaders } from './rateHeaders.ts';
import { readAnswer } from './readAnswer.ts';
import { readRequest, scanRequest } from './readRequest.ts';

/** The base URL is the bare host, as in the vendor's own SDK. */
const upstreamPaths: Readonly<Record<Operation, string | null>> = {
  generate: '/v1/messages',
  countTokens: '/v1/messages/count_tokens',
  listModels: '/v1/models',
  embed: null,
  passthrough: null,
  kept: null,
};

const listModels = (models: readonly ListedModel[]): Uint8Array =>
  utf8Bytes(
    JSON.stringify({
      data: models.map(({ id, createdAtS }) => ({
        type: 'model',
        id,
        display_name: id,
        created_at: new Date(createdAtS * 1_000).toISOString(),
      })),
      has_more: false,
      first_id: models.at(0)?.id ?? null,
      last_id: models.at(-1)?.id ?? null,
    }),
  );

/** The Messages API, as Anthropic made it. */
export const anthropicWire: Wire = {
  name: 'anthropic',
  routes: [
    { method: 'POST', path: '/v1/messages', operation: 'generate' },
    { method: 'POST', path: '/v1/messages/count_tokens', operation: 'countTokens' },
    { method: 'GET', path: '/v1/models', operation: 'listModels' },
  ],
  upstreamPath: (operation) => upstreamPaths[operation],
  credentialHeaders: (apiKey) => ({ 'x-api-key': apiKey }),
  forwardedRequestHeaders: ['anthropic-version', 'anthropic-beta'],
  forwardedQuery: ['beta'],
  defaultRequestHeaders: { 'anthropic-version': '2023-06-01' },
  forwardedAnswerHeaders: ['request-id'],
  start: { before: ['system', 'tools'], turns: 'messages' },
  scanRequest,
  // platform.claude.com/docs/en/api/rate-limits, of November 2026: "cache-aware ITPM".
  cacheReadsUnlimited: true,
  rateHeaders,
  readRequest,
  editRequest,
  ...serverSentEvents,
  observeStream: (_facts, isFollowed) => new MessageStream(isFollowed),
  readAnswer,
  classify,
  correction,
  accommodation,
  eased: 0,
  errorStatuses,
  errorBody,
  streamError,
  ping: utf8Bytes('event: ping\ndata: {"type": "ping"}\n\n'),
  listModels,
  tokenCount: (tokens) => utf8Bytes(JSON.stringify({ input_tokens: tokens })),
  codec: anthropicCodec,
};
