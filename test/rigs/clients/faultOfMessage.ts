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

type Members = Readonly<Record<string, unknown>>;

/** Ends of an answer to a question without tools. */
const stopReasons: ReadonlySet<unknown> = new Set(['end_turn', 'max_tokens']);

/** Whole text whose tokens are those that were told. */
const whole = (text: string, input: number | null, output: number | null): Reading => {
  if (input === null || output === null) return broken('no usage');
  const tokens = countTokens(text);
  if (tokens === 0) return broken('no content');
  if (output !== tokens) return broken(`text of ${tokens} tokens, told ${output}`);
  const usage: ToldUsage = { input, output };
  return { fault: null, usage, tokens };
};

/** What the head of a message lacks, whole or at the start of a stream; null where nothing. */
const faultOfHead = (message: Members): string | null => {
  if (message['type'] !== 'message') return `type ${excerpt(message['type'])}`;
  if (message['role'] !== 'assistant') return `role ${excerpt(message['role'])}`;
  if (typeof message['id'] !== 'string' || message['id'] === '') return `id ${excerpt(message['id'])}`;
  if (typeof message['model'] !== 'string' || message['model'] === '') return `model ${excerpt(message['model'])}`;
  if (!Array.isArray(message['content'])) return `content ${excerpt(message['content'])}`;
  return null;
};

/** Reads a whole answer. */
export const readMessage = (message: Members): Reading => {
  if (message['type'] === 'error') return broken(`error with status 200: ${excerpt(message['error'])}`);
  const fault = faultOfHead(message);
  if (fault !== null) return broken(fault);
  if (!stopReasons.has(message['stop_reason'])) return broken(`stop_reason ${excerpt(message['stop_reason'])}`);
  let text = '';
  for (const block of listOf(message['content'])) {
    if (block['type'] !== 'text' || typeof block['text'] !== 'string') return broken(`content ${excerpt(block)}`);
    text += block['text'];
  }
  const usage = membersOf(message['usage']);
  return whole(text, countIn(usage, 'input_tokens'), countIn(usage, 'output_tokens'));
};

/** Where a stream stands: before its message, in it, after its last block, or at its end. */
type Stage = 'begin' | 'blocks' | 'closing' | 'end';

/**
 * Reads a stream event by event, as strictly as a client could: one message_start; blocks one after another, numbered from 0, each opened,
 * written and closed; one message_delta with the reason and the usage; message_stop, and nothing after it.
 */
export class MessageStreamReading {
  #fault: string | null = null;
  #stage: Stage = 'begin';
  #blocks = 0;
  #open = false;
  #pieces = 0;
  #text = '';
  #input: number | null = null;
  #output: number | null = null;

  take(event: Members): void {
    this.#fault ??= this.#faultOf(event);
  }

  /** What it was, once the last event has come. */
  end(): Reading {
    if (this.#fault !== null) return { ...broken(this.#fault), began: this.#pieces > 0 };
    if (this.#stage !== 'end') return broken(`the stream ends in its ${this.#stage}, without message_stop`);
    const reading = whole(this.#text, this.#input, this.#output);
    // An event carries a token at least: more events than tokens are none of the vendor's.
    const tooMany = reading.tokens !== null && this.#pieces > reading.tokens;
    return tooMany ? broken(`${this.#pieces} pieces of ${reading.tokens} tokens`) : reading;
  }

  #faultOf(event: Members): string | null {
    const type = event['type'];
    if (type === 'error') return `${inBandError}: ${excerpt(event['error'])}`;
    if (this.#stage === 'end') return `${excerpt(type)} after message_stop`;
    switch (type) {
      case 'ping':
        return null;
      case 'message_start':
        return this.#start(membersOf(event['message']) ?? {});
      case 'content_block_start':
        return this.#openBlock(event, membersOf(event['content_block']) ?? {});
      case 'content_block_delta':
        return this.#write(event, membersOf(event['delta']) ?? {});
      case 'content_block_stop':
        return this.#closeBlock(event);
      case 'message_delta':
        return this.#close(membersOf(event['delta']) ?? {}, membersOf(event['usage']));
      case 'message_stop':
        return this.#stop();
      default:
        return `an event of type ${excerpt(type)}`;
    }
  }

  #start(message: Members): string | null {
    if (this.#stage !== 'begin') return 'a second message_start';
    this.#stage = 'blocks';
    const fault = faultOfHead(message);
    if (fault !== null) return `message_start with ${fault}`;
    if (listOf(message['content']).length > 0) return 'message_start with content';
    if ((message['stop_reason'] ?? null) !== null) return 'message_start with a stop_reason';
    const usage = membersOf(message['usage']);
    if (countIn(usage, 'input_tokens') === null || countIn(usage, 'output_tokens') === null) {
      return `message_start with usage ${excerpt(usage)}`;
    }
    this.#input = countIn(usage, 'input_tokens');
    return null;
  }

  #openBlock(event: Members, block: Members): string | null {
    if (this.#stage !== 'blocks') return `a block in the ${this.#stage}`;
    if (this.#open) return 'a block inside a block';
    if (event['index'] !== this.#blocks) return `block ${excerpt(event['index'])}, not ${this.#blocks}`;
    if (block['type'] !== 'text' || block['text'] !== '') return `a block that begins as ${excerpt(block)}`;
    this.#open = true;
    return null;
  }

  #write(event: Members, delta: Members): string | null {
    if (!this.#open || event['index'] !== this.#blocks)
      return `a delta of block ${excerpt(event['index'])}, which is not open`;
    const text = delta['text'];
    if (delta['type'] !== 'text_delta' || typeof text !== 'string') return `a delta ${excerpt(delta)}`;
    if (text !== '') this.#pieces += 1;
    this.#text += text;
    return null;
  }

  #closeBlock(event: Members): string | null {
    if (!this.#open || event['index'] !== this.#blocks)
      return `an end of block ${excerpt(event['index'])}, which is not open`;
    this.#open = false;
    this.#blocks += 1;
    return null;
  }

  #close(delta: Members, usage: Members | null): string | null {
    if (this.#stage !== 'blocks') return `message_delta in the ${this.#stage}`;
    if (this.#open) return 'message_delta inside a block';
    this.#stage = 'closing';
    if (!stopReasons.has(delta['stop_reason'])) return `stop_reason ${excerpt(delta['stop_reason'])}`;
    this.#output = countIn(usage, 'output_tokens');
    // Told again, it replaces what message_start said.
    this.#input = countIn(usage, 'input_tokens') ?? this.#input;
    return this.#output === null ? 'message_delta without output_tokens' : null;
  }

  #stop(): string | null {
    if (this.#stage !== 'closing') return `message_stop in the ${this.#stage}`;
    this.#stage = 'end';
    return null;
  }
}

const readStream = (text: string): Reading => {
  const events = eventsOf(text);
  if (typeof events === 'string') return broken(events);
  const reading = new MessageStreamReading();
  for (const { name, data } of events) {
    const event = parsedObject(data);
    if (event === null) return broken(`undecodable event: ${data.slice(0, 200)}`);
    if (name !== event['type']) return broken(`an event called ${name} of type ${excerpt(event['type'])}`);
    reading.take(event);
  }
  return reading.end();
};

/** Reads an answer of the messages wire to the end, as strictly as a client could. */
export const faultOfMessage = (status: number, contentType: string, text: string, stream: boolean): Reading => {
  if (status !== 200) return broken(`status ${status}: ${text.slice(0, 300)}`);
  const expected = stream ? 'text/event-stream' : 'application/json';
  if (!contentType.startsWith(expected)) return broken(`content-type ${contentType}, not ${expected}`);
  if (stream) return readStream(text);
  const body = parsedObject(text);
  return body === null ? broken(`undecodable body: ${text.slice(0, 200)}`) : readMessage(body);
};
