import { sseEvent } from '../sse.ts';
import {
  numbered,
  type Asked,
  type Choice,
  type Counts,
  type Ending,
  type Json,
  type Piece,
  type Said,
  type Vendor,
} from '../Words.ts';

const endings: Readonly<Record<Ending, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  pause: 'pause_turn',
};

const usageOf = ({ input, cacheRead, cacheWrite, output, reasoning }: Counts): object => ({
  input_tokens: input,
  cache_read_input_tokens: cacheRead,
  cache_creation_input_tokens: cacheWrite,
  output_tokens: output + reasoning,
  output_tokens_details: { thinking_tokens: reasoning },
});

const stopOf = ({ ending, refusal }: Said): object => ({
  stop_reason: endings[ending],
  stop_sequence: null,
  ...(refusal === undefined ? {} : { stop_details: { type: 'refusal', category: null, explanation: refusal } }),
});

const blocksOf = ({ thinking, text, calls = [] }: Said): Json[] => [
  ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: 'c2VhbA==' }]),
  ...(text === undefined ? [] : [{ type: 'text', text: text.join('') }]),
  ...calls.map(({ name, input }, index) => ({ type: 'tool_use', id: `toolu_${index}`, name, input })),
];

const head = { id: 'msg_c', type: 'message', role: 'assistant', model: 'vendor-model' };

const event = (type: string, more: object = {}): Uint8Array => sseEvent({ type, ...more }, type);

const deltasOf = (block: Json, said: Said): object[] => {
  if (block.type === 'thinking') {
    const { thinking, signature } = block;
    return [
      { type: 'thinking_delta', thinking },
      { type: 'signature_delta', signature },
    ];
  }
  if (block.type === 'text') return (said.text ?? []).map((text) => ({ type: 'text_delta', text }));
  const written = Object.keys(block.input).length === 0 ? '' : JSON.stringify(block.input);
  return [written.slice(0, 5), written.slice(5)].map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
};

const begun = (block: Json): object => {
  if (block.type === 'tool_use') return { ...block, input: {} };
  return block.type === 'text' ? { ...block, text: '' } : { ...block, thinking: '', signature: '' };
};

const eventsOf = (said: Said): Uint8Array[] => [
  event('message_start', {
    message: {
      ...head,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usageOf(said.counts), output_tokens: 1, output_tokens_details: null },
    },
  }),
  event('ping'),
  ...blocksOf(said).flatMap((block, index) => [
    event('content_block_start', { index, content_block: begun(block) }),
    ...deltasOf(block, said).map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ]),
  event('message_delta', { delta: stopOf(said), usage: usageOf(said.counts) }),
  event('message_stop'),
];

const textOf = (content: Json): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }: Json) => text).join('');

const pieceOf = (block: Json): Piece => {
  switch (block.type) {
    case 'image':
      return block.source.type === 'url'
        ? { kind: 'image-url', url: block.source.url }
        : { kind: 'image', mediaType: block.source.media_type, data: block.source.data };
    case 'tool_use':
      return { kind: 'call', id: block.id, name: block.name, input: block.input };
    case 'tool_result':
      return { kind: 'result', id: block.tool_use_id, text: textOf(block.content) };
    default:
      return { kind: 'text', text: block.text };
  }
};

const choices: Readonly<Record<string, Choice>> = { auto: 'auto', none: 'none', any: 'required' };

const choiceOf = (choice: Json): Choice => {
  if (choice === undefined) return 'auto';
  return choices[choice.type] ?? { name: choice.name };
};

const hears = (body: Json): Asked => ({
  system: textOf(body.system),
  said: numbered(
    body.messages.flatMap(({ role, content }: Json) =>
      (typeof content === 'string' ? [{ type: 'text', text: content }] : content).map((block: Json) => ({
        by: role,
        ...pieceOf(block),
      })),
    ),
  ),
  tools: (body.tools ?? []).map(({ name, description, input_schema: parameters }: Json) => ({
    name,
    description,
    parameters,
  })),
  choice: choiceOf(body.tool_choice),
  schema: body.output_config?.format?.schema ?? null,
  thinks: (body.thinking?.type ?? 'disabled') !== 'disabled',
  temperature: body.temperature ?? null,
  stop: body.stop_sequences ?? [],
  boundTokens: body.max_tokens ?? null,
});

/** Messages (docs.claude.com/en/api/messages, docs.claude.com/en/docs/build-with-claude/streaming). */
export const messagesVendor: Vendor = {
  name: 'anthropic',
  model: 'vendor-model',
  query: '',
  streamType: 'text/event-stream',
  uncounted: [],
  path: () => '/v1/messages',
  hears,
  says: (said) => ({ ...head, content: blocksOf(said), ...stopOf(said), usage: usageOf(said.counts) }),
  saysStream: eventsOf,
  wholeAfter: (events) => events.length,
  saysError: (_status, words) => ({ body: { type: 'error', error: { type: 'some_error', message: words } } }),
  saysFault: (words) => event('error', { error: { type: 'api_error', message: words } }),
};
