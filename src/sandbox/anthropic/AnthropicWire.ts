import { createHash, createHmac } from 'node:crypto';
import { failure, success } from '../../kernel/index.ts';
import type { Clock, Result } from '../../kernel/index.ts';
import { composeAnswer } from '../answer/composeAnswer.ts';
import type { Composition } from '../answer/composeAnswer.ts';
import { drawFrom } from '../Draw.ts';
import { listOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { CatalogueModel, CatalogueVendor } from '../sandboxCatalogue.ts';
import { checkShape } from '../shape/checkShape.ts';
import { asksForSse, sseGarbage, sseType } from '../vendor/sse.ts';
import type { Answer, AnsweredFault, Refusal, VendorRequest, VendorWire } from '../vendor/VendorWire.ts';
import { anthropicErrorObject, anthropicRefusal, invalidRequest, shapeError } from './anthropicRefusal.ts';
import type { AnthropicError } from './anthropicRefusal.ts';
import { countTokensSchema, messagesSchema } from './anthropicSchemas.ts';
import { PromptCache } from './PromptCache.ts';
import { readMessages } from './readMessages.ts';
import type { MessagesRequest } from './readMessages.ts';
import { ThreadStore } from './ThreadStore.ts';
import { contentOf, messageId, outputTokens, writeMessageBody, writeMessageEvents } from './writeMessage.ts';
import type { MessageAnswer } from './writeMessage.ts';

const methods: Readonly<Record<string, string>> = {
  '/v1/models': 'GET',
  '/v1/messages': 'POST',
  '/v1/messages/count_tokens': 'POST',
};

const versions = ['2023-01-01', '2023-06-01', '2026-10-21'];

const serverError: AnthropicError = { status: 500, type: 'api_error', message: 'Internal server error' };
const overloaded: AnthropicError = { status: 529, type: 'overloaded_error', message: 'Overloaded' };
const invalidKey: AnthropicError = { status: 401, type: 'authentication_error', message: 'invalid x-api-key' };

const notFound = (message: string, details?: Readonly<Record<string, unknown>>): AnthropicError => ({
  status: 404,
  type: 'not_found_error',
  message,
  ...(details === undefined ? {} : { details }),
});

/** A vendor that speaks this wire: messages, their count of tokens, and the list of models. */
export class AnthropicWire implements VendorWire {
  readonly streamType = sseType;
  readonly asksForStream = asksForSse;
  readonly #vendor: CatalogueVendor;
  readonly #seed: number;
  readonly #apiKey: string;
  readonly #cache: PromptCache;
  readonly #threads: ThreadStore;

  constructor(vendor: CatalogueVendor, seed: number, clock: Clock, apiKey: string) {
    this.#vendor = vendor;
    this.#seed = seed;
    this.#apiKey = apiKey;
    this.#cache = new PromptCache(clock);
    this.#threads = new ThreadStore(clock);
  }

  requestId(unique: string): string {
    return `req_011C${unique.slice(0, 20)}`;
  }

  headers(requestId: string): Readonly<Record<string, string>> {
    return { 'request-id': requestId };
  }

  answer(request: VendorRequest): Result<Answer, Refusal> {
    const answer = this.#answer(request);
    return answer.ok ? answer : failure(anthropicRefusal(answer.fault, request.id));
  }

  tooLarge(requestId: string): Refusal {
    return anthropicRefusal(
      { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' },
      requestId,
    );
  }

  fault(fault: AnsweredFault, requestId: string, retryAfterS: number, unavailable: boolean): Refusal {
    return anthropicRefusal(faultError(fault, retryAfterS, unavailable), requestId);
  }

  garbageStream(): string {
    return sseGarbage;
  }

  /** These vendors break between events. */
  torn(): string {
    return '';
  }

  streamError(): string {
    return `event: error\ndata: ${JSON.stringify({ type: 'error', error: anthropicErrorObject(overloaded) })}\n\n`;
  }

  #answer(request: VendorRequest): Result<Answer, AnthropicError> {
    const method = methods[request.path];
    if (method === undefined) return failure(notFound('Not Found'));
    if (method !== request.method) {
      return failure({
        status: 405,
        type: 'invalid_request_error',
        message: 'Method Not Allowed',
        headers: { allow: method },
      });
    }
    const denied = this.#denial(request);
    if (denied !== null) return failure(denied);
    if (request.path === '/v1/models') return success(this.#models());
    let body: unknown;
    try {
      body = JSON.parse(request.body.toString('utf8'));
    } catch {
      return failure(invalidRequest('The request body is not valid JSON.'));
    }
    const counts = request.path === '/v1/messages/count_tokens';
    const fault = checkShape(counts ? countTokensSchema : messagesSchema, body, { namesCases: true });
    if (fault !== null) return failure(shapeError(fault));
    return counts ? this.#count(request, objectOf(body)) : this.#message(request, objectOf(body));
  }

  #denial({ headers }: VendorRequest): AnthropicError | null {
    const key = headers['x-api-key'] ?? /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (key === undefined) return { ...invalidKey, message: 'x-api-key header is required' };
    if (key !== this.#apiKey) return invalidKey;
    const version = headers['anthropic-version'];
    if (version === undefined) return invalidRequest('anthropic-version: header is required');
    return versions.includes(String(version))
      ? null
      : invalidRequest(`anthropic-version: "${String(version)}" is not a valid version`);
  }

  #model(name: unknown): Result<CatalogueModel, AnthropicError> {
    const model = this.#vendor.models.find((known) => known.name === name);
    return model === undefined ? failure(notFound(`model: ${stringOf(name)}`)) : success(model);
  }

  #read(request: VendorRequest, body: JsonObject, model: CatalogueModel): Result<MessagesRequest, AnthropicError> {
    const betas = request.headers['anthropic-beta'];
    return readMessages(
      body,
      model,
      Array.isArray(betas) ? betas.join(',') : (betas ?? ''),
      (thinking, signature) => signature === this.#sign(thinking),
    );
  }

  #count(request: VendorRequest, body: JsonObject): Result<Answer, AnthropicError> {
    const model = this.#model(body['model']);
    if (!model.ok) return model;
    const read = this.#read(request, body, model.value);
    return read.ok ? success(freeAnswer({ input_tokens: read.value.inputTokens })) : read;
  }

  #message(request: VendorRequest, sent: JsonObject): Result<Answer, AnthropicError> {
    const model = this.#model(sent['model']);
    if (!model.ok) return model;
    const continued = this.#continue(sent);
    if (!continued.ok) return continued;
    const body = continued.value;
    const read = this.#read(request, body, model.value);
    if (!read.ok) return read;
    const digest = createHash('sha256')
      .update(`${this.#seed}\0${this.#vendor.name}\0`)
      .update(request.body)
      .digest('hex');
    const composition = composeAnswer(read.value.prompt, drawFrom('composition', digest));
    return success(this.#write(digest, model.value, body, read.value, composition));
  }

  #write(
    digest: string,
    model: CatalogueModel,
    body: JsonObject,
    { prompt, prefixEnds, inputTokens, stream }: MessagesRequest,
    composition: Composition,
  ): Answer {
    const answer: MessageAnswer = {
      digest,
      model: model.name,
      input: this.#cache.use(prefixEnds, inputTokens),
      composition,
      thinking: prompt.thinking,
      sign: (thinking) => this.#sign(thinking),
    };
    if (body['thread'] !== undefined && body['thread'] !== null) this.#keepThread(answer, body);
    return {
      model,
      input: answer.input,
      output: stream
        ? { kind: 'stream', events: writeMessageEvents(answer) }
        : { kind: 'whole', body: writeMessageBody(answer), tokens: outputTokens(composition) },
    };
  }

  /** A request that continues a thread, with the conversation that the vendor holds put before its own messages. */
  #continue(body: JsonObject): Result<JsonObject, AnthropicError> {
    const asked = objectOf(body['thread']);
    if (asked['type'] !== 'continue') return success(body);
    const thread = this.#threads.find(stringOf(asked['previous_message_id']));
    if (thread === null || thread.model !== body['model']) {
      return failure(notFound('Thread not found.', { error_code: 'thread_not_found' }));
    }
    return success({ ...thread.settings, ...body, messages: [...thread.messages, ...listOf(body['messages'])] });
  }

  #keepThread(answer: MessageAnswer, body: JsonObject): void {
    const { system, tools, messages } = body;
    this.#threads.keep(messageId(answer.digest), {
      model: answer.model,
      messages: [...listOf(messages), { role: 'assistant', content: contentOf(answer) }],
      settings: { ...(system === undefined ? {} : { system }), ...(tools === undefined ? {} : { tools }) },
    });
  }

  #sign(thinking: string): string {
    const mark = createHmac('sha256', `${this.#seed}\0${this.#vendor.name}\0signature`)
      .update(thinking)
      .digest('base64');
    return `EqQBCkYIBxgCKkA${mark}`;
  }

  #models(): Answer {
    const data = this.#vendor.models.map((model) => ({
      type: 'model',
      id: model.name,
      display_name: model.name,
      created_at: '2025-11-03T00:00:00Z',
      max_input_tokens: model.contextTokens,
      max_tokens: model.outputTokensMax,
    }));
    return freeAnswer({ data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null });
  }
}

const freeAnswer = (body: object): Answer => ({
  model: null,
  input: {},
  output: { kind: 'whole', body: JSON.stringify(body), tokens: {} },
});

const faultError = (fault: AnsweredFault, retryAfterS: number, unavailable: boolean): AnthropicError => {
  const retryAfter: Readonly<Record<string, string>> = retryAfterS === 0 ? {} : { 'retry-after': String(retryAfterS) };
  switch (fault) {
    case 'down':
      return unavailable ? { ...serverError, status: 503, message: 'Service unavailable' } : serverError;
    case 'error-in-stream':
      return serverError;
    case 'overload':
      return { ...overloaded, headers: retryAfter };
    case 'auth':
      return invalidKey;
    case 'credit':
      return invalidRequest(
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      );
    case 'rate-limit':
      return {
        status: 429,
        type: 'rate_limit_error',
        message: 'This request would exceed the rate limit for your organization of 50 requests per minute.',
        headers: {
          ...retryAfter,
          'anthropic-ratelimit-requests-limit': '50',
          'anthropic-ratelimit-requests-remaining': '0',
        },
      };
  }
};
