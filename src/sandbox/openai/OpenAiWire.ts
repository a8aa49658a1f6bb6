import { createHash } from 'node:crypto';
import { failure, success } from '../../kernel/index.ts';
import type { Clock, Result } from '../../kernel/index.ts';
import { composeAnswer } from '../answer/composeAnswer.ts';
import { drawFrom } from '../Draw.ts';
import type { CatalogueModel, CatalogueVendor } from '../sandboxCatalogue.ts';
import { asksForSse, sseGarbage, sseType } from '../vendor/sse.ts';
import type { Answer, AnsweredFault, Refusal, VendorRequest, VendorWire } from '../vendor/VendorWire.ts';
import { answerEmbeddings } from './answerEmbeddings.ts';
import { badRequest, openaiErrorBody, openaiRefusal } from './openaiRefusal.ts';
import type { OpenAiError } from './openaiRefusal.ts';
import { readChat } from './readChat.ts';
import { completionTokens, writeChatBody, writeChatEvents } from './writeChat.ts';

const methods: Readonly<Record<string, string>> = {
  '/v1/models': 'GET',
  '/v1/chat/completions': 'POST',
  '/v1/embeddings': 'POST',
};

const invalidKey = (key: string): Refusal =>
  openaiRefusal(401, {
    message: `Incorrect API key provided: ${key.slice(0, 3)}****. You can find your API key at https://platform.openai.com/account/api-keys.`,
    type: 'invalid_request_error',
    param: null,
    code: 'invalid_api_key',
  });

const noKey = openaiRefusal(401, {
  message:
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password.",
  type: 'invalid_request_error',
  param: null,
  code: null,
});

const notJson = badRequest(
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
);

const serverError: OpenAiError = {
  message: 'The server had an error while processing your request. Sorry about that!',
  type: 'server_error',
  param: null,
  code: null,
};

const overloaded: OpenAiError = {
  message: 'The server is currently overloaded with other requests. Sorry about that! You can retry your request.',
  type: 'server_error',
  param: null,
  code: null,
};

const retryAfter = (seconds: number): Readonly<Record<string, string>> =>
  seconds === 0 ? {} : { 'retry-after': String(seconds) };

/** A vendor that speaks this wire: chat completions, embeddings and the list of models. */
export class OpenAiWire implements VendorWire {
  readonly streamType = sseType;
  readonly asksForStream = asksForSse;
  readonly #vendor: CatalogueVendor;
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #apiKey: string;

  constructor(vendor: CatalogueVendor, seed: number, clock: Clock, apiKey: string) {
    this.#vendor = vendor;
    this.#seed = seed;
    this.#clock = clock;
    this.#apiKey = apiKey;
  }

  requestId(unique: string): string {
    return `req_${unique}`;
  }

  headers(requestId: string): Readonly<Record<string, string>> {
    return { 'x-request-id': requestId, 'openai-version': '2020-10-01', 'openai-processing-ms': '12' };
  }

  answer(request: VendorRequest): Result<Answer, Refusal> {
    const method = methods[request.path];
    if (method === undefined) return failure(this.#unknownPath(request));
    if (method !== request.method) return failure(this.#wrongMethod(request));
    const denied = this.#denial(request.headers.authorization);
    if (denied !== null) return failure(denied);
    if (request.path === '/v1/models') return success(this.#models());
    let body: unknown;
    try {
      body = JSON.parse(request.body.toString('utf8'));
    } catch {
      return failure(notJson);
    }
    return request.path === '/v1/embeddings'
      ? answerEmbeddings(body, (name) => this.#model(name, 'embedding'))
      : this.#chat(request, body);
  }

  tooLarge(): Refusal {
    return openaiRefusal(413, {
      message: 'Request body is too large for this API.',
      type: 'invalid_request_error',
      param: null,
      code: 'request_too_large',
    });
  }

  fault(fault: AnsweredFault, _requestId: string, retryAfterS: number, unavailable: boolean): Refusal {
    switch (fault) {
      case 'down':
        return openaiRefusal(unavailable ? 503 : 500, serverError);
      case 'error-in-stream':
        return openaiRefusal(500, serverError);
      case 'overload':
        return openaiRefusal(503, overloaded, retryAfter(retryAfterS));
      case 'auth':
        return invalidKey(this.#apiKey);
      case 'credit':
        return openaiRefusal(429, {
          message:
            'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
          type: 'insufficient_quota',
          param: null,
          code: 'insufficient_quota',
        });
      case 'rate-limit':
        return openaiRefusal(
          429,
          {
            message: `Rate limit reached on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in ${retryAfterS}s.`,
            type: 'requests',
            param: null,
            code: 'rate_limit_exceeded',
          },
          {
            ...retryAfter(retryAfterS),
            'x-ratelimit-limit-requests': '500',
            'x-ratelimit-remaining-requests': '0',
            'x-ratelimit-reset-requests': `${retryAfterS}s`,
          },
        );
    }
  }

  garbageStream(): string {
    return sseGarbage;
  }

  /** These vendors break between events. */
  torn(): string {
    return '';
  }

  streamError(): string {
    return `data: ${openaiErrorBody(serverError)}\n\n`;
  }

  #denial(authorization: string | undefined): Refusal | null {
    const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) return noKey;
    return key === this.#apiKey ? null : invalidKey(key);
  }

  #unknownPath({ method, path }: VendorRequest): Refusal {
    return openaiRefusal(404, {
      message: `Invalid URL (${method} ${path})`,
      type: 'invalid_request_error',
      param: null,
      code: null,
    });
  }

  #wrongMethod({ method, path }: VendorRequest): Refusal {
    return openaiRefusal(
      405,
      {
        message: `Not allowed to ${method} on ${path}. (HINT: Perhaps you meant to make the request using a different HTTP method?)`,
        type: 'invalid_request_error',
        param: null,
        code: 'method_not_supported',
      },
      { allow: methods[path] ?? 'GET' },
    );
  }

  #model(name: string, kind: CatalogueModel['kind']): Result<CatalogueModel, Refusal> {
    const model = this.#vendor.models.find((known) => known.name === name);
    const missing = (message: string, code: string | null): Result<CatalogueModel, Refusal> =>
      failure(openaiRefusal(404, { message, type: 'invalid_request_error', param: null, code }));
    if (model === undefined) {
      return missing(`The model \`${name}\` does not exist or you do not have access to it.`, 'model_not_found');
    }
    if (model.kind === kind) return success(model);
    return missing(
      kind === 'chat'
        ? 'This is not a chat model and thus not supported in the v1/chat/completions endpoint.'
        : `The model \`${name}\` does not support embeddings.`,
      null,
    );
  }

  #models(): Answer {
    const list = {
      object: 'list',
      data: this.#vendor.models.map(({ name }) => ({
        id: name,
        object: 'model',
        created: 1_762_128_000,
        owned_by: this.#vendor.name,
      })),
    };
    return { model: null, input: {}, output: { kind: 'whole', body: JSON.stringify(list), tokens: {} } };
  }

  #chat(request: VendorRequest, body: unknown): Result<Answer, Refusal> {
    const read = readChat(body, (name) => this.#model(name, 'chat'));
    if (!read.ok) return read;
    const { model, request: chat } = read.value;
    const digest = createHash('sha256')
      .update(`${this.#seed}\0${this.#vendor.name}\0`)
      .update(request.body)
      .digest('hex');
    const compositions = Array.from({ length: chat.choices }, (_, choice) =>
      composeAnswer(chat.prompt, drawFrom('composition', digest, choice)),
    );
    const answer = {
      digest,
      createdAtS: Math.floor(this.#clock.nowMs() / 1000),
      model: model.name,
      inputTokens: chat.inputTokens,
      compositions,
    };
    return success({
      model,
      input: { input: chat.inputTokens },
      output: chat.stream
        ? { kind: 'stream', events: writeChatEvents(answer, chat.includeUsage) }
        : { kind: 'whole', body: writeChatBody(answer), tokens: { output: completionTokens(compositions) } },
    });
  }
}
