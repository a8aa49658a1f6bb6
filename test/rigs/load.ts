import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { Chance } from './Chance.ts';
import { chatClient } from './clients/chatClient.ts';
import { requestMsMax, type Ask, type Client, type Head } from './clients/Client.ts';
import { messagesClient } from './clients/messagesClient.ts';
import { broken, type Reading, type ToldUsage } from './clients/Reading.ts';

/** Wires that clients speak. */
export const clientWires = ['openai', 'anthropic'] as const;

export type ClientWire = (typeof clientWires)[number];

export interface LoadOptions {
  /** Of the data plane, without a path. */
  readonly url: string;
  readonly key: string;
  /** Of the clients; absent: openai. */
  readonly wire?: ClientWire;
  readonly model: string;
  /** Requests in all; absent: until told to stop. */
  readonly requests?: number;
  readonly concurrency: number;
  /** Requests begun in a second, as long as fewer than `concurrency` are under way; absent: as many as can be. */
  readonly perSecond?: number;
  readonly seed: number;
  /** Makes the texts of this load differ from those of others. */
  readonly name: string;
  /** Share of the requests that are made by the vendor's own SDK, without its retries. */
  readonly sdkShare?: number;
  /** Share of the requests that are streams; absent: half of them. */
  readonly streamShare?: number;
  /** Bounds of the answers, in tokens; absent: those of the clients. */
  readonly bounds?: readonly number[];
  /** How long a client that got no answer waits before it asks again; absent: not at all. Milliseconds. */
  readonly restMs?: number;
  /** Ends the load: nothing new is asked, what runs is waited for. */
  readonly until?: AbortSignal;
  /** Told of each outcome when it is there. */
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** What became of one request. */
export interface Outcome {
  readonly index: number;
  readonly wire: ClientWire;
  readonly via: 'http' | 'sdk';
  readonly stream: boolean;
  /** Null where no head came. */
  readonly status: number | null;
  readonly requestId: string | null;
  /** "provider/model". */
  readonly target: string | null;
  readonly attempts: number | null;
  /** The vendor's own id of the answer; null where the answer does not carry it. */
  readonly vendorRequestId: string | null;
  readonly errorCode: string | null;
  /** What a client would complain of; null: a whole answer. */
  readonly fault: string | null;
  readonly usage: ToldUsage | null;
  /** Tokens of the text that came. */
  readonly tokens: number | null;
  /** Of a stream that is broken: whether content came before that. */
  readonly began?: boolean;
  /** Unix milliseconds. */
  readonly askedAtMs: number;
  readonly durationMs: number;
}

interface Asked {
  readonly index: number;
  readonly wire: ClientWire;
  readonly via: Outcome['via'];
  readonly stream: boolean;
  readonly ask: Ask;
}

const draw = (options: LoadOptions, client: Client, index: number): Asked => {
  // Each request has draws of its own: which they are does not depend on who was faster.
  const chance = new Chance(Math.imul(options.seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const stream = chance.happens(options.streamShare ?? 0.5);
  const via = chance.happens(options.sdkShare ?? 0) ? 'sdk' : 'http';
  const content = `Say something about harbours, ${options.name} ${options.seed} ${index}: ${'tide '.repeat(chance.below(60))}`;
  const bounds = options.bounds === undefined ? {} : { bounds: options.bounds };
  const ask = client.put({ model: options.model, content, stream, chance, ...bounds });
  return { index, wire: options.wire ?? 'openai', via, stream, ask };
};

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const outcomeOf = ({ ask: _ask, ...asked }: Asked, head: Head | null, reading: Reading, startedMs: number): Outcome => {
  const header = (name: string): string | null => head?.header(name) ?? null;
  const attempts = header('x-archipel-attempts');
  return {
    ...asked,
    status: head?.status ?? null,
    requestId: header('x-archipel-request-id'),
    target: header('x-archipel-target'),
    attempts: attempts === null ? null : Number(attempts),
    vendorRequestId: header('x-request-id') ?? header('request-id'),
    errorCode: header('x-archipel-error'),
    ...reading,
    askedAtMs: performance.timeOrigin + startedMs,
    durationMs: performance.now() - startedMs,
  };
};

const messageOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.name}: ${error.message}${error.cause ? ` (${messageOf(error.cause)})` : ''}`
    : String(error);

const askByHttp = async (pool: Pool, client: Client, asked: Asked): Promise<Outcome> => {
  const startedMs = performance.now();
  let head: Head | null = null;
  try {
    const answer = await pool.request({
      method: 'POST',
      path: client.path,
      headers: client.headers,
      body: asked.ask.body,
      signal: AbortSignal.timeout(requestMsMax),
    });
    head = { status: answer.statusCode, header: (name) => text(answer.headers[name]) };
    const body = await answer.body.text();
    const reading = asked.ask.read(answer.statusCode, text(answer.headers['content-type']) ?? '', body);
    return outcomeOf(asked, head, reading, startedMs);
  } catch (error) {
    return outcomeOf(asked, head, broken(`broken off: ${messageOf(error)}`), startedMs);
  }
};

const askBySdk = async (client: Client, asked: Asked): Promise<Outcome> => {
  const startedMs = performance.now();
  let head: Head | null = null;
  try {
    const reading = await asked.ask.bySdk((seen) => (head = seen));
    return outcomeOf(asked, head, reading, startedMs);
  } catch (error) {
    return outcomeOf(asked, head ?? client.headOf(error), broken(`SDK: ${messageOf(error)}`), startedMs);
  }
};

/** Asks as many at a time as told, each of them as soon as another has ended, over connections that are kept. */
export const load = async (options: LoadOptions): Promise<readonly Outcome[]> => {
  const { url, key, concurrency, requests = Infinity, perSecond = Infinity, until } = options;
  const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
  const client = options.wire === 'anthropic' ? messagesClient(url, key) : chatClient(url, key);
  const outcomes: Outcome[] = [];
  let next = 0;
  const startedMs = performance.now();
  const isOver = (): boolean => until?.aborted === true;
  const work = async (): Promise<void> => {
    while (next < requests && !isOver()) {
      const asked = draw(options, client, next);
      next += 1;
      const waitMs = startedMs + (asked.index / perSecond) * 1_000 - performance.now();
      if (waitMs > 0) await pause(waitMs);
      if (isOver()) return;
      const outcome = await (asked.via === 'sdk' ? askBySdk(client, asked) : askByHttp(pool, client, asked));
      outcomes.push(outcome);
      options.onOutcome?.(outcome);
      if (outcome.fault !== null && options.restMs !== undefined) await pause(options.restMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    await pool.destroy();
  }
  return outcomes.toSorted((one, other) => one.index - other.index);
};
