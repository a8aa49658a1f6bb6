import { countTokens } from './countTokens.ts';
import { eventsOf } from './eventsOf.ts';
import {
  broken,
  countIn,
  excerpt,
  inBandError,
  listOf,
  membersOf,
  parsedObject,
  type Reading,
  type ToldUsage,
} from './Reading.ts';

/** What a client asked for, as far as its answer must show it. */
export interface ChatAsked {
  readonly stream: boolean;
  /** Whether a stream was asked to tell its usage. */
  readonly usage: boolean;
}

type Members = Readonly<Record<string, unknown>>;

/** Ends of an answer to a question without tools. */
const finishReasons: ReadonlySet<unknown> = new Set(['stop', 'length']);

const usageOf = (body: Members): ToldUsage | null => {
  const told = membersOf(body['usage']);
  const [input, output] = [countIn(told, 'prompt_tokens'), countIn(told, 'completion_tokens')];
  return input === null || output === null ? null : { input, output };
};

/** Whole text whose tokens are those that were told, where some were. */
const whole = (text: string, usage: ToldUsage | null): Reading => {
  const tokens = countTokens(text);
  if (tokens === 0) return broken('no content');
  if (usage !== null && usage.output !== tokens) return broken(`text of ${tokens} tokens, told ${usage.output}`);
  return { fault: null, usage, tokens };
};

/** Reads a whole answer. */
export const readChat = (body: Members): Reading => {
  if (body['error'] !== undefined) return broken(`error with status 200: ${excerpt(body['error'])}`);
  if (body['object'] !== 'chat.completion') return broken(`object ${excerpt(body['object'])}`);
  const choices = listOf(body['choices']);
  if (choices.length !== 1) return broken(`${choices.length} choices`);
  const reason = choices[0]?.['finish_reason'];
  if (!finishReasons.has(reason)) return broken(`finish_reason ${excerpt(reason)}`);
  const content = membersOf(choices[0]?.['message'])?.['content'];
  if (typeof content !== 'string') return broken('no content');
  const usage = usageOf(body);
  return usage === null ? broken('no usage') : whole(content, usage);
};

/** Reads a stream chunk by chunk, as strictly as a client could. */
export class ChatStreamReading {
  #fault: string | null = null;
  #id: unknown;
  #finished = false;
  #pieces = 0;
  #text = '';
  #usage: ToldUsage | null = null;

  /** Whether any content has come. */
  get began(): boolean {
    return this.#pieces > 0;
  }

  take(chunk: Members): void {
    this.#fault ??= this.#faultOf(chunk);
  }

  /** What it was, once the last chunk has come. */
  end(asked: ChatAsked): Reading {
    if (this.#fault !== null) return { ...broken(this.#fault), began: this.began };
    if (!this.#finished) return broken('no finish reason');
    if (asked.usage !== (this.#usage !== null))
      return broken(asked.usage ? 'no usage' : 'usage that was not asked for');
    const reading = whole(this.#text, this.#usage);
    // An event carries a token at least: more events than tokens are none of the vendor's.
    const tooMany = reading.tokens !== null && this.#pieces > reading.tokens;
    return tooMany ? broken(`${this.#pieces} pieces of ${reading.tokens} tokens`) : reading;
  }

  #faultOf(chunk: Members): string | null {
    if (chunk['error'] !== undefined) return `${inBandError}: ${excerpt(chunk['error'])}`;
    if (chunk['object'] !== 'chat.completion.chunk') return `object ${excerpt(chunk['object'])}`;
    if (typeof chunk['id'] !== 'string' || (this.#id ?? chunk['id']) !== chunk['id'])
      return `id ${excerpt(chunk['id'])}`;
    this.#id = chunk['id'];
    const usage = usageOf(chunk);
    if (usage !== null && (this.#usage !== null || !this.#finished)) return 'usage before the end, or twice';
    this.#usage ??= usage;
    const choices = listOf(chunk['choices']);
    if (choices.length > 1) return `${choices.length} choices`;
    return choices[0] === undefined ? null : this.#faultOfChoice(choices[0]);
  }

  #faultOfChoice(choice: Members): string | null {
    if (choice['index'] !== 0) return `choice ${excerpt(choice['index'])}`;
    if (this.#finished) return 'more after the finish reason';
    const content = membersOf(choice['delta'])?.['content'] ?? '';
    if (typeof content !== 'string') return `content ${excerpt(content)}`;
    if (content !== '') this.#pieces += 1;
    this.#text += content;
    const reason = choice['finish_reason'] ?? null;
    if (reason === null) return null;
    this.#finished = true;
    return finishReasons.has(reason) ? null : `finish_reason ${excerpt(reason)}`;
  }
}

const readStream = (text: string, asked: ChatAsked): Reading => {
  const events = eventsOf(text);
  if (typeof events === 'string') return broken(events);
  const reading = new ChatStreamReading();
  for (const { name, data } of events.slice(0, -1)) {
    const chunk = parsedObject(data);
    if (chunk === null || name !== null) return broken(`undecodable event: ${name ?? ''} ${data.slice(0, 200)}`);
    reading.take(chunk);
  }
  const last = events.at(-1)?.data ?? '';
  if (last === '[DONE]') return reading.end(asked);
  const error = parsedObject(last)?.['error'];
  const fault =
    error === undefined ? `the last event is ${last.slice(0, 300)}, not [DONE]` : `${inBandError}: ${excerpt(error)}`;
  return { ...broken(fault), began: reading.began };
};

/** Reads an answer of the chat wire to the end, as strictly as a client could. */
export const faultOfChat = (status: number, contentType: string, text: string, asked: ChatAsked): Reading => {
  if (status !== 200) return broken(`status ${status}: ${text.slice(0, 300)}`);
  const expected = asked.stream ? 'text/event-stream' : 'application/json';
  if (!contentType.startsWith(expected)) return broken(`content-type ${contentType}, not ${expected}`);
  if (asked.stream) return readStream(text, asked);
  const body = parsedObject(text);
  return body === null ? broken(`undecodable body: ${text.slice(0, 200)}`) : readChat(body);
};
