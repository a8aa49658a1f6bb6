import OpenAI from 'openai';
import { Pool } from 'undici';
import { Chance } from './Chance.ts';
import { faultOfChat, type ChatAsked, type ChatReading, type ChatUsage } from './faultOfChat.ts';

export interface ChatLoadOptions {
  /** Of the data plane, without a path. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  /** Requests in all; absent: until told to stop. */
  readonly requests?: number;
  readonly concurrency: number;
  readonly seed: number;
  /** Makes the texts of this load differ from those of others. */
  readonly name: string;
  /** Share of the requests that are made by the vendor's own SDK, without its retries. */
  readonly sdkShare?: number;
  readonly streamShare?: number;
  /** Ends the load: nothing new is asked, what runs is waited for. */
  readonly until?: AbortSignal;
}

/** What became of one request. */
export interface ChatOutcome {
  readonly index: number;
  readonly via: 'http' | 'sdk';
  readonly stream: boolean;
  /** Null where no head came. */
  readonly status: number | null;
  readonly requestId: string | null;
  /** "provider/model". */
  readonly target: string | null;
  readonly attempts: number | null;
  /** The vendor's own id of the answer; whole answers alone carry it. */
  readonly vendorRequestId: string | null;
  readonly errorCode: string | null;
  /** What a client would complain of; null: a whole answer. */
  readonly fault: string | null;
  readonly usage: ChatUsage | null;
  readonly durationMs: number;
}

interface Asked extends ChatAsked {
  readonly index: number;
  readonly via: ChatOutcome['via'];
  readonly body: Record<string, unknown> & { readonly messages: { role: 'user'; content: string }[] };
}

/** A request that hangs is a fault like any other, and must end. */
const requestMsMax = 60_000;

const draw = (options: ChatLoadOptions, index: number): Asked => {
  // Each request has draws of its own: which they are does not depend on who was faster.
  const chance = new Chance(Math.imul(options.seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const stream = chance.happens(options.streamShare ?? 0.5);
  const usage = stream && chance.happens(0.5);
  const via = chance.happens(options.sdkShare ?? 0) ? 'sdk' : 'http';
  const bound = [undefined, 8, 16, 32][chance.below(4)];
  const content = `Say something about harbours, ${options.name} ${options.seed} ${index}: ${'tide '.repeat(chance.below(60))}`;
  return {
    index,
    via,
    stream,
    usage,
    body: {
      model: options.model,
      messages: [{ role: 'user', content }],
      ...(stream ? { stream: true } : {}),
      ...(usage ? { stream_options: { include_usage: true } } : {}),
      ...(bound === undefined ? {} : { [chance.happens(0.5) ? 'max_tokens' : 'max_completion_tokens']: bound }),
    },
  };
};

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

type HeaderOf = (name: string) => string | null;

const outcomeOf = (
  { index, via, stream }: Asked,
  head: { readonly status: number; readonly header: HeaderOf } | null,
  reading: ChatReading,
  startedMs: number,
): ChatOutcome => {
  const attempts = head?.header('x-archipel-attempts') ?? null;
  return {
    index,
    via,
    stream,
    status: head?.status ?? null,
    requestId: head?.header('x-archipel-request-id') ?? null,
    target: head?.header('x-archipel-target') ?? null,
    attempts: attempts === null ? null : Number(attempts),
    vendorRequestId: head?.header('x-request-id') ?? null,
    errorCode: head?.header('x-archipel-error') ?? null,
    fault: reading.fault,
    usage: reading.usage,
    durationMs: performance.now() - startedMs,
  };
};

const messageOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.name}: ${error.message}${error.cause ? ` (${messageOf(error.cause)})` : ''}`
    : String(error);

const askByHttp = async (pool: Pool, key: string, asked: Asked): Promise<ChatOutcome> => {
  const startedMs = performance.now();
  let head: { readonly status: number; readonly header: HeaderOf } | null = null;
  try {
    const answer = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(asked.body),
      signal: AbortSignal.timeout(requestMsMax),
    });
    head = { status: answer.statusCode, header: (name) => text(answer.headers[name]) };
    const body = await answer.body.text();
    const reading = faultOfChat(answer.statusCode, text(answer.headers['content-type']) ?? '', body, asked);
    return outcomeOf(asked, head, reading, startedMs);
  } catch (error) {
    return outcomeOf(asked, head, { fault: `broken off: ${messageOf(error)}`, usage: null }, startedMs);
  }
};

const askBySdk = async (client: OpenAI, asked: Asked): Promise<ChatOutcome> => {
  const startedMs = performance.now();
  const { model, messages, stream: _stream, ...rest } = asked.body;
  const request = { ...rest, model: String(model), messages };
  let head: { readonly status: number; readonly header: HeaderOf } | null = null;
  const headOf = (response: Response): void => {
    head = { status: response.status, header: (name) => response.headers.get(name) };
  };
  try {
    if (asked.stream) {
      const { data, response } = await client.chat.completions.create({ ...request, stream: true }).withResponse();
      headOf(response);
      let finishes = 0;
      let usage: ChatUsage | null = null;
      for await (const chunk of data) {
        if (chunk.choices[0]?.finish_reason) finishes += 1;
        if (chunk.usage) usage = { input: chunk.usage.prompt_tokens, output: chunk.usage.completion_tokens };
      }
      const fault = finishes === 1 ? null : `${finishes} finish reasons`;
      return outcomeOf(asked, head, { fault, usage }, startedMs);
    }
    const { data, response } = await client.chat.completions.create(request).withResponse();
    headOf(response);
    const reading = faultOfChat(200, response.headers.get('content-type') ?? '', JSON.stringify(data), asked);
    return outcomeOf(asked, head, reading, startedMs);
  } catch (error) {
    if (error instanceof OpenAI.APIError && error.status !== undefined) {
      const { status, headers } = error;
      head ??= { status: Number(status), header: (name) => (headers instanceof Headers ? headers.get(name) : null) };
    }
    return outcomeOf(asked, head, { fault: `SDK: ${messageOf(error)}`, usage: null }, startedMs);
  }
};

/** Asks as many at a time as told, each of them as soon as another has ended, over connections that are kept. */
export const chatLoad = async (options: ChatLoadOptions): Promise<readonly ChatOutcome[]> => {
  const { url, key, concurrency, requests = Infinity, until } = options;
  const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, timeout: requestMsMax });
  const outcomes: ChatOutcome[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < requests && until?.aborted !== true) {
      const asked = draw(options, next);
      next += 1;
      outcomes.push(await (asked.via === 'sdk' ? askBySdk(client, asked) : askByHttp(pool, key, asked)));
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    await pool.destroy();
  }
  return outcomes.toSorted((one, other) => one.index - other.index);
};
