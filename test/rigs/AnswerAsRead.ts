import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';

/** Why an answer ended, in words of neither wire. */
type Ending = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'pause';

/** What an SDK of either wire makes of an answer, said alike, so that two can be compared. */
export interface AnswerAsRead {
  /** All that is said to the user, a refusal's words too. */
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
  /** Why it ended: "stop", "tool-calls"; the wire's own word where it is none that we know. */
  readonly ending: string;
  /** Null where the answer told none. Input is all of it, cached or not; output is all of it, reasoning included. */
  readonly usage: { readonly input: number; readonly cacheRead: number; readonly output: number } | null;
}

const chatEndings: Readonly<Record<string, Ending>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  content_filter: 'content-filter',
};

const messageEndings: Readonly<Record<string, Ending>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
  pause_turn: 'pause',
};

const argumentsIn = (text: string): unknown => JSON.parse(text.trim() === '' ? '{}' : text);

/** What vendors add to the SDK's own type: words of thinking, contents in pieces, usage at odd places. */
interface LooseDelta {
  readonly content?: unknown;
  readonly refusal?: string | null;
  readonly reasoning?: unknown;
  readonly reasoning_content?: unknown;
}

/** A filtered answer may lack its message. */
type LooseChoice = Partial<OpenAI.ChatCompletion.Choice>;

interface Words {
  readonly text: string;
  readonly thinking: string;
}

const wordsIn = ({ content, refusal, reasoning, reasoning_content: reasoningContent }: LooseDelta): Words => {
  const thought = reasoningContent ?? reasoning;
  const thinking = typeof thought === 'string' ? thought : '';
  if (!Array.isArray(content)) {
    return { text: `${typeof content === 'string' ? content : ''}${refusal ?? ''}`, thinking };
  }
  const pieces: readonly { type: string; text?: string; thinking?: readonly { text: string }[] }[] = content;
  return {
    text: pieces.map(({ text = '' }) => text).join(''),
    thinking: thinking + pieces.flatMap(({ thinking: inner = [] }) => inner.map(({ text }) => text)).join(''),
  };
};

const chatUsage = (usage: OpenAI.CompletionUsage | null | undefined): AnswerAsRead['usage'] =>
  usage
    ? {
        input: usage.prompt_tokens,
        cacheRead: usage.prompt_tokens_details?.cached_tokens ?? 0,
        output: usage.completion_tokens,
      }
    : null;

const chatEnding = (reason: string | null | undefined): AnswerAsRead['ending'] =>
  chatEndings[reason ?? ''] ?? `${reason}`;

export const readCompletion = ({ choices, usage }: OpenAI.ChatCompletion): AnswerAsRead => {
  const { message, finish_reason: finish }: LooseChoice = choices[0]!;
  return {
    ...wordsIn(message ?? {}),
    calls: (message?.tool_calls ?? [])
      .filter((call) => call.type === 'function')
      .map(({ function: { name, arguments: text } }) => ({ name, arguments: argumentsIn(text) })),
    ending: chatEnding(finish),
    usage: chatUsage(usage),
  };
};

/** Puts the chunks together that the SDK hands out one by one. */
export const readChunks = (chunks: readonly OpenAI.ChatCompletionChunk[]): AnswerAsRead => {
  // By the position that the vendor told: some begin at 1, some tell none.
  const calls = new Map<number | undefined, { name: string; text: string }>();
  const words = chunks.map(({ choices }) => wordsIn(choices[0]?.delta ?? {}));
  let finish: string | null = null;
  let usage: OpenAI.CompletionUsage | null = null;
  for (const chunk of chunks) {
    const choice = chunk.choices[0];
    finish = choice?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
    for (const { index, function: part } of choice?.delta.tool_calls ?? []) {
      const { name, text } = calls.get(index) ?? { name: '', text: '' };
      calls.set(index, { name: name + (part?.name ?? ''), text: text + (part?.arguments ?? '') });
    }
  }
  return {
    text: words.map(({ text }) => text).join(''),
    thinking: words.map(({ thinking }) => thinking).join(''),
    calls: [...calls.values()].map(({ name, text }) => ({ name, arguments: argumentsIn(text) })),
    ending: chatEnding(finish),
    usage: chatUsage(usage),
  };
};

type MessageCounts = Partial<
  Record<'input_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens' | 'output_tokens', number | null>
>;

const messageUsage = (usage: MessageCounts): AnswerAsRead['usage'] => {
  const { input_tokens: input, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage;
  const cacheRead = read ?? 0;
  return { input: (input ?? 0) + cacheRead + (written ?? 0), cacheRead, output: usage.output_tokens ?? 0 };
};

export const readMessage = ({ content, stop_reason: stop, usage }: Anthropic.Message): AnswerAsRead => ({
  text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
  thinking: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
  calls: content.filter((block) => block.type === 'tool_use').map(({ name, input }) => ({ name, arguments: input })),
  ending: messageEndings[stop ?? ''] ?? `${stop}`,
  usage: messageUsage(usage),
});

/** Puts the events together that the SDK hands out one by one. */
export const readEvents = (events: readonly Anthropic.RawMessageStreamEvent[]): AnswerAsRead => {
  const calls = new Map<number, { name: string; text: string }>();
  let [text, thinking, stop] = ['', '', ''];
  let usage: MessageCounts = {};
  for (const event of events) {
    if (event.type === 'message_start') usage = { ...event.message.usage };
    if (event.type === 'content_block_start') {
      if (event.content_block.type === 'text') text += event.content_block.text;
      if (event.content_block.type === 'tool_use') calls.set(event.index, { name: event.content_block.name, text: '' });
    }
    if (event.type === 'content_block_delta') {
      const call = calls.get(event.index);
      if (event.delta.type === 'text_delta') text += event.delta.text;
      if (event.delta.type === 'thinking_delta') thinking += event.delta.thinking;
      if (event.delta.type === 'input_json_delta' && call) call.text += event.delta.partial_json;
    }
    if (event.type === 'message_delta') {
      stop = event.delta.stop_reason ?? stop;
      const told = Object.entries(event.usage).filter(([, count]) => typeof count === 'number');
      usage = { ...usage, ...Object.fromEntries(told) };
    }
  }
  return {
    text,
    thinking,
    calls: [...calls.values()].map((call) => ({ name: call.name, arguments: argumentsIn(call.text) })),
    ending: messageEndings[stop] ?? stop,
    usage: messageUsage(usage),
  };
};

/** The payloads of a message's stream that is whole events. */
export const messageEventsIn = (text: string): Anthropic.RawMessageStreamEvent[] =>
  text
    .split('\n\n')
    .flatMap((event) => /^data: (.*)$/m.exec(event)?.[1] ?? [])
    .map((data) => JSON.parse(data));
