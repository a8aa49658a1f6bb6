// What the vendors' own SDKs read of an answer, without a network.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { cutAt } from './recordings.fixture.ts';

/** What a client has of an answer once it is whole. */
export interface AnswerRead {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly (readonly [id: string, name: string, input: unknown])[];
  /** Signatures and ciphers in the order in which they were shown. */
  readonly seals: readonly string[];
  readonly ending: string | null;
  /** Input in all, what of it came from a cache, output in all; null where none was told. */
  readonly usage: readonly [input: number, cacheRead: number, output: number] | null;
}

const responding = (bytes: Uint8Array, cuts: readonly number[], type: string) => {
  const chunks = cutAt(
    bytes,
    cuts.map((cut) => cut % (bytes.length + 1)),
  ).filter((chunk) => chunk.length > 0);
  const body = ReadableStream.from(chunks) as ReadableStream<Uint8Array>;
  return () => Promise.resolve(new Response(body, { headers: { 'content-type': type } }));
};

const options = (bytes: Uint8Array, cuts: readonly number[], type: string) => ({
  apiKey: 'none',
  baseURL: 'http://sdk.invalid',
  maxRetries: 0,
  fetch: responding(bytes, cuts, type),
});

const eventStream = 'text/event-stream';
const json = 'application/json';
const hi = { role: 'user' as const, content: 'hi' };

/** What vendors who show thinking add to a message and to its pieces; no word of OpenAI's, so the SDK hands it on as it comes. */
interface Thinking {
  readonly reasoning_content?: string;
  readonly reasoning_details?: readonly { readonly signature?: string; readonly data?: string }[];
}

const chatRead = ({ choices: [choice], usage }: OpenAI.ChatCompletion, thinking: readonly Thinking[]): AnswerRead => {
  const seals = thinking.flatMap(({ reasoning_details: details = [] }) =>
    details.map((one) => one.signature ?? one.data),
  );
  return {
    text: choice?.message.content ?? '',
    thinking: thinking.map((one) => one.reasoning_content ?? '').join(''),
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [[call.id, call.function.name, JSON.parse(call.function.arguments) as unknown] as const]
        : [],
    ),
    seals: seals.filter((seal) => seal !== undefined),
    ending: choice?.finish_reason ?? null,
    usage:
      usage === undefined
        ? null
        : [usage.prompt_tokens, usage.prompt_tokens_details?.cached_tokens ?? 0, usage.completion_tokens],
  };
};

const readChatStream = async (bytes: Uint8Array, cuts: readonly number[]): Promise<AnswerRead> => {
  const client = new OpenAI(options(bytes, cuts, eventStream));
  const stream = client.chat.completions.stream({
    model: 'm',
    messages: [hi],
    stream_options: { include_usage: true },
  });
  const thinking: Thinking[] = [];
  stream.on('chunk', ({ choices: [choice] }) => {
    if (choice !== undefined) thinking.push(choice.delta as Thinking);
  });
  return chatRead(await stream.finalChatCompletion(), thinking);
};

const readChat = async (bytes: Uint8Array): Promise<AnswerRead> => {
  const client = new OpenAI(options(bytes, [], json));
  const completion = await client.chat.completions.create({ model: 'm', messages: [hi] });
  return chatRead(
    completion,
    completion.choices.map(({ message }) => message as Thinking),
  );
};

const messageRead = (message: Anthropic.Message): AnswerRead => {
  const { usage } = message;
  const cacheRead = usage.cache_read_input_tokens ?? 0;
  return {
    text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thinking: message.content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    calls: message.content.flatMap((block) =>
      block.type === 'tool_use' ? [[block.id, block.name, block.input] as const] : [],
    ),
    seals: message.content.flatMap((block) => {
      if (block.type === 'redacted_thinking') return [block.data];
      return block.type === 'thinking' && block.signature !== '' ? [block.signature] : [];
    }),
    ending: message.stop_reason,
    usage: [usage.input_tokens + cacheRead + (usage.cache_creation_input_tokens ?? 0), cacheRead, usage.output_tokens],
  };
};

const readMessageStream = async (bytes: Uint8Array, cuts: readonly number[]): Promise<AnswerRead> => {
  const client = new Anthropic(options(bytes, cuts, eventStream));
  return messageRead(await client.messages.stream({ model: 'm', max_tokens: 9, messages: [hi] }).finalMessage());
};

const readMessage = async (bytes: Uint8Array): Promise<AnswerRead> => {
  const client = new Anthropic(options(bytes, [], json));
  return messageRead(await client.messages.create({ model: 'm', max_tokens: 9, messages: [hi] }));
};

export interface OfficialClient {
  /** Reads a stream that arrives in pieces. @param cuts Where it is cut: any numbers. */
  readStream(bytes: Uint8Array, cuts: readonly number[]): Promise<AnswerRead>;
  readWhole(bytes: Uint8Array): Promise<AnswerRead>;
}

export const openaiClient: OfficialClient = { readStream: readChatStream, readWhole: readChat };
export const anthropicClient: OfficialClient = { readStream: readMessageStream, readWhole: readMessage };
