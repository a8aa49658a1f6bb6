import { sseJson } from '../sse.ts';
import type { Ask, Client, Heard, Json, Piece, Told, Turn } from '../Words.ts';

const blockOf = (piece: Piece): object => {
  switch (piece.kind) {
    case 'text':
      return { type: 'text', text: piece.text };
    case 'image':
      return { type: 'image', source: { type: 'base64', media_type: piece.mediaType, data: piece.data } };
    case 'image-url':
      return { type: 'image', source: { type: 'url', url: piece.url } };
    case 'call':
      return { type: 'tool_use', id: piece.id, name: piece.name, input: piece.input };
    case 'result':
      return { type: 'tool_result', tool_use_id: piece.id, content: piece.text };
  }
};

const messageOf = ({ by, pieces }: Turn): object => ({ role: by, content: pieces.map(blockOf) });

const choices = { auto: { type: 'auto' }, none: { type: 'none' }, required: { type: 'any' } };

const choiceOf = (choice: NonNullable<Ask['choice']>): object =>
  typeof choice === 'string' ? choices[choice] : { type: 'tool', name: choice.name };

const toldBy = (usage: Json): Told => {
  const cacheRead = usage.cache_read_input_tokens ?? 0;
  const cacheWrite = usage.cache_creation_input_tokens ?? 0;
  return {
    input: usage.input_tokens + cacheRead + cacheWrite,
    cacheRead,
    cacheWrite,
    output: usage.output_tokens,
    reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
};

const joined = (blocks: readonly Json[], type: string, word: string): string =>
  blocks.map((block) => (block.type === type ? block[word] : '')).join('');

const heardOf = (
  content: readonly Json[],
  { stop_reason: ending, stop_details: details }: Json,
  usage: Json,
): Heard => ({
  text: joined(content, 'text', 'text'),
  thinking: joined(content, 'thinking', 'thinking'),
  refusal: details?.explanation ?? '',
  calls: content.flatMap((block) =>
    block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
  ),
  ending,
  told: toldBy(usage),
  fault: null,
  isWhole: true,
});

/** Where the pieces of a block go. */
const words: Readonly<Record<string, string>> = { text_delta: 'text', thinking_delta: 'thinking' };

const addTo = (block: Json, delta: Json): void => {
  const word = words[delta.type];
  if (word !== undefined) block[word] += delta[word];
  if (delta.type === 'input_json_delta') block.written = (block.written ?? '') + delta.partial_json;
};

/** A count that is null or absent says nothing new. */
const toldNew = (usage: Json): object =>
  Object.fromEntries(Object.entries(usage ?? {}).filter(([, told]) => told !== null));

/** Messages (docs.claude.com/en/api/messages, docs.claude.com/en/docs/build-with-claude/streaming). */
export const messagesClient: Client = {
  name: 'anthropic',
  endings: {
    stop: ['end_turn'],
    length: ['max_tokens'],
    'context-length': ['model_context_window_exceeded'],
    'tool-calls': ['tool_use'],
    'content-filter': ['refusal'],
    pause: ['pause_turn'],
  },
  hearsRefusals: false,
  untold: [],
  says: (ask, stream, model, key) => ({
    path: '/v1/messages',
    headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
    body: {
      model,
      max_tokens: ask.boundTokens,
      ...(ask.system === undefined ? {} : { system: ask.system }),
      messages: ask.turns.map(messageOf),
      ...(stream ? { stream: true } : {}),
      ...(ask.tools === undefined
        ? {}
        : { tools: ask.tools.map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters })) }),
      ...(ask.choice === undefined ? {} : { tool_choice: choiceOf(ask.choice) }),
      ...(ask.schema === undefined ? {} : { output_config: { format: { type: 'json_schema', schema: ask.schema } } }),
      ...(ask.thinks === true ? { thinking: { type: 'enabled', budget_tokens: 1_024 } } : {}),
      ...(ask.temperature === undefined ? {} : { temperature: ask.temperature }),
      ...(ask.stop === undefined ? {} : { stop_sequences: ask.stop }),
    },
  }),
  hears: (message) => heardOf(message.content, message, message.usage),
  hearsStream: (text) => {
    const blocks: Json[] = [];
    let [end, usage]: Json[] = [{ stop_reason: '' }, {}];
    let [last, fault]: [string, string | null] = ['', null];
    for (const event of sseJson(text)) {
      last = event.type;
      if (last === 'message_start') usage = { ...event.message.usage };
      if (last === 'content_block_start') blocks[event.index] = { ...event.content_block };
      if (last === 'content_block_delta') addTo(blocks[event.index], event.delta);
      if (last === 'message_delta') {
        end = event.delta;
        usage = { ...usage, ...toldNew(event.usage) };
      }
      if (last === 'error') fault = event.error.message;
    }
    const isWhole = last === 'message_stop';
    const read = blocks.map((block) =>
      isWhole && block.type === 'tool_use' ? { ...block, input: JSON.parse(block.written || '{}') } : block,
    );
    const told = usage.input_tokens === undefined ? null : toldBy(usage);
    return { ...heardOf(read, end, usage), told, fault, isWhole };
  },
  hearsError: ({ type, error }) => (type === 'error' && typeof error?.type === 'string' ? error.message : null),
};
