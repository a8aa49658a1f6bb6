import { sseData, sseJson } from '../sse.ts';
import type { Ask, Client, Heard, Json, Piece, Told, Turn } from '../Words.ts';

const partOf = (piece: Piece): object[] => {
  if (piece.kind === 'text') return [{ type: 'text', text: piece.text }];
  if (piece.kind === 'image')
    return [{ type: 'image_url', image_url: { url: `data:${piece.mediaType};base64,${piece.data}` } }];
  return piece.kind === 'image-url' ? [{ type: 'image_url', image_url: { url: piece.url } }] : [];
};

const messagesOf = ({ by, pieces }: Turn): object[] => {
  const results = pieces.flatMap((piece) =>
    piece.kind === 'result' ? [{ role: 'tool', tool_call_id: piece.id, content: piece.text }] : [],
  );
  const calls = pieces.flatMap((piece) =>
    piece.kind === 'call'
      ? [{ id: piece.id, type: 'function', function: { name: piece.name, arguments: JSON.stringify(piece.input) } }]
      : [],
  );
  const parts = pieces.flatMap(partOf);
  if (by === 'user') return parts.length === 0 ? results : [...results, { role: 'user', content: parts }];
  const text = pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
  return [
    { role: 'assistant', content: text === '' ? null : text, ...(calls.length === 0 ? {} : { tool_calls: calls }) },
  ];
};

const choiceOf = (choice: NonNullable<Ask['choice']>): unknown =>
  typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };

const toldBy = (usage: Json): Told | null =>
  usage === undefined || usage === null
    ? null
    : {
        input: usage.prompt_tokens,
        cacheRead: usage.prompt_tokens_details?.cached_tokens ?? 0,
        cacheWrite: usage.prompt_tokens_details?.cache_write_tokens ?? 0,
        output: usage.completion_tokens,
        reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
      };

/** What was filtered may stand as text and, for those who look there, as a refusal: it is said once. */
const besideText = (refusal: string, text: string): string => (refusal === text ? '' : refusal);

/** Some vendors say nothing where a call has no arguments, and their own clients get that as it stands. */
const callsOf = (calls: readonly Json[]): Heard['calls'] =>
  calls.map(({ id, function: called }) => ({ id, name: called.name, input: JSON.parse(called.arguments || '{}') }));

/** Chat completions (platform.openai.com/docs/api-reference/chat); thinking as DeepSeek says it (api-docs.deepseek.com/guides/thinking_mode). */
export const chatClient: Client = {
  name: 'openai',
  endings: {
    stop: ['stop'],
    length: ['length'],
    'context-length': ['length'],
    'tool-calls': ['tool_calls'],
    'content-filter': ['content_filter'],
    pause: ['length'],
  },
  hearsRefusals: true,
  untold: [],
  says: (ask, stream, model, key) => ({
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}` },
    body: {
      model,
      messages: [
        ...(ask.system === undefined ? [] : [{ role: 'system', content: ask.system }]),
        ...ask.turns.flatMap(messagesOf),
      ],
      max_completion_tokens: ask.boundTokens,
      ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
      ...(ask.tools === undefined ? {} : { tools: ask.tools.map((tool) => ({ type: 'function', function: tool })) }),
      ...(ask.choice === undefined ? {} : { tool_choice: choiceOf(ask.choice) }),
      ...(ask.schema === undefined
        ? {}
        : {
            response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: ask.schema, strict: true } },
          }),
      ...(ask.thinks === true ? { reasoning_effort: 'low' } : {}),
      ...(ask.temperature === undefined ? {} : { temperature: ask.temperature }),
      ...(ask.stop === undefined ? {} : { stop: ask.stop }),
    },
  }),
  hears: ({ choices, usage }) => {
    const [{ message, finish_reason: ending }] = choices;
    return {
      text: message.content ?? '',
      thinking: message.reasoning_content ?? '',
      refusal: besideText(message.refusal ?? '', message.content ?? ''),
      calls: callsOf(message.tool_calls ?? []),
      ending,
      told: toldBy(usage),
      fault: null,
      isWhole: true,
    };
  },
  hearsStream: (text) => {
    const said = { text: '', thinking: '', refusal: '' };
    const calls: { id: string; function: { name: string; arguments: string } }[] = [];
    let [ending, fault]: [string, string | null] = ['', null];
    let told: Told | null = null;
    for (const chunk of sseJson(text)) {
      if (chunk.error !== undefined) fault = chunk.error.message;
      told = toldBy(chunk.usage) ?? told;
      for (const { delta, finish_reason: reason } of chunk.choices ?? []) {
        said.text += delta.content ?? '';
        said.thinking += delta.reasoning_content ?? '';
        said.refusal += delta.refusal ?? '';
        ending = reason ?? ending;
        for (const { index, id, function: piece } of delta.tool_calls ?? []) {
          const call = (calls[index] ??= { id: '', function: { name: '', arguments: '' } });
          call.id = id ?? call.id;
          call.function.name += piece?.name ?? '';
          call.function.arguments += piece?.arguments ?? '';
        }
      }
    }
    const isWhole = fault === null && ending !== '' && sseData(text).at(-1) === '[DONE]';
    const refusal = besideText(said.refusal, said.text);
    return { ...said, refusal, calls: isWhole ? callsOf(calls) : [], ending, told, fault, isWhole };
  },
  hearsError: ({ error }) => (typeof error?.type === 'string' ? error.message : null),
};
