// What the vendors' own SDKs read of an answer, without a network.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type GenerateContentResponse } from '@google/genai';
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

/** What one vendor adds to a call; the SDK hands it on, too. */
interface SignedCall {
  readonly extra_content?: { readonly google: { readonly thought_signature: string } };
}

const chatRead = ({ choices: [choice], usage }: OpenAI.ChatCompletion, thinking: readonly Thinking[]): AnswerRead => {
  const seals = thinking.flatMap(({ reasoning_details: details = [] }) =>
    details.map((one) => one.signature ?? one.data),
  );
  const callSeals = (choice?.message.tool_calls ?? []).flatMap((call) => {
    const { extra_content: extra } = call as SignedCall;
    return extra === undefined ? [] : [extra.google.thought_signature];
  });
  return {
    text: choice?.message.content ?? '',
    thinking: thinking.map((one) => one.reasoning_content ?? '').join(''),
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [[call.id, call.function.name, JSON.parse(call.function.arguments) as unknown] as const]
        : [],
    ),
    seals: [...seals.filter((seal) => seal !== undefined), ...callSeals],
    ending: choice?.finish_reason ?? null,
    // A vendor may say null with each chunk, and nothing else.
    usage: usage
      ? [usage.prompt_tokens, usage.prompt_tokens_details?.cached_tokens ?? 0, usage.completion_tokens]
      : null,
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

const geminiOptions = (bytes: Uint8Array, cuts: readonly number[], type: string) => ({
  apiKey: 'none',
  httpOptions: { baseUrl: 'http://sdk.invalid', fetch: responding(bytes, cuts, type) },
});

/** Each chunk of a stream has the form of an answer: the parts of all are the answer, and the last that says so says why it ended. */
const chunksRead = (chunks: readonly GenerateContentResponse[]): AnswerRead => {
  const candidates = chunks.flatMap(({ candidates: [candidate] = [] }) => (candidate === undefined ? [] : [candidate]));
  const parts = candidates.flatMap(({ content }) => content?.parts ?? []);
  const usage = chunks.findLast(({ usageMetadata }) => usageMetadata !== undefined)?.usageMetadata;
  return {
    text: parts.map(({ text = '', thought }) => (thought === true ? '' : text)).join(''),
    thinking: parts.map(({ text = '', thought }) => (thought === true ? text : '')).join(''),
    calls: parts.flatMap(({ functionCall: call }) =>
      call === undefined ? [] : [[call.id ?? '', call.name ?? '', call.args] as const],
    ),
    seals: parts.flatMap(({ thoughtSignature: seal }) => (seal === undefined ? [] : [seal])),
    ending: candidates.findLast(({ finishReason }) => finishReason !== undefined)?.finishReason ?? null,
    usage:
      usage === undefined
        ? null
        : [
            usage.promptTokenCount ?? 0,
            usage.cachedContentTokenCount ?? 0,
            (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
          ],
  };
};

const readGeminiStream = async (bytes: Uint8Array, cuts: readonly number[]): Promise<AnswerRead> => {
  const client = new GoogleGenAI(geminiOptions(bytes, cuts, eventStream));
  const stream = await client.models.generateContentStream({ model: 'm', contents: 'hi' });
  return chunksRead(await Array.fromAsync(stream));
};

const readGemini = async (bytes: Uint8Array): Promise<AnswerRead> => {
  const client = new GoogleGenAI(geminiOptions(bytes, [], json));
  return chunksRead([await client.models.generateContent({ model: 'm', contents: 'hi' })]);
};

/** Reasoning as it stands in the output; the SDK hands its cipher on as it comes. */
const responseRead = ({
  output,
  output_text,
  status,
  incomplete_details,
  usage,
}: OpenAI.Responses.Response): AnswerRead => ({
  text: output_text,
  thinking: output.flatMap((item) => (item.type === 'reasoning' ? item.summary.map(({ text }) => text) : [])).join(''),
  calls: output.flatMap((item) =>
    item.type === 'function_call' ? [[item.call_id, item.name, JSON.parse(item.arguments) as unknown] as const] : [],
  ),
  seals: output.flatMap((item) => (item.type === 'reasoning' ? [item.encrypted_content ?? ''] : [])).filter(Boolean),
  ending: incomplete_details?.reason ?? status ?? null,
  usage:
    usage === undefined || usage === null
      ? null
      : [usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens],
});

/** By the helper, which holds the pieces against the whole; and the pieces by themselves, which must make the same words. */
const readResponseStream = async (bytes: Uint8Array, cuts: readonly number[]): Promise<AnswerRead> => {
  const client = new OpenAI(options(bytes, cuts, eventStream));
  const runner = client.responses.stream({ model: 'm', input: 'hi' });
  let pieces = '';
  runner.on('response.output_text.delta', ({ delta }) => {
    pieces += delta;
  });
  const read = responseRead(await runner.finalResponse());
  if (pieces !== read.text) throw new Error('the pieces are not the whole');
  return read;
};

const readResponse = async (bytes: Uint8Array): Promise<AnswerRead> => {
  const client = new OpenAI(options(bytes, [], json));
  return responseRead(await client.responses.create({ model: 'm', input: 'hi' }));
};

export interface OfficialClient {
  /** Reads a stream that arrives in pieces. @param cuts Where it is cut: any numbers. */
  readStream(bytes: Uint8Array, cuts: readonly number[]): Promise<AnswerRead>;
  readWhole(bytes: Uint8Array): Promise<AnswerRead>;
}

export const openaiClient: OfficialClient = { readStream: readChatStream, readWhole: readChat };
export const anthropicClient: OfficialClient = { readStream: readMessageStream, readWhole: readMessage };
export const geminiClient: OfficialClient = { readStream: readGeminiStream, readWhole: readGemini };
export const responsesClient: OfficialClient = { readStream: readResponseStream, readWhole: readResponse };
