import { sseJson } from '../sse.ts';
import type { Ask, Client, Heard, Json, Piece, Told, Turn } from '../Words.ts';
import { Unsayable } from '../Words.ts';

const partOf = (by: Turn['by'], piece: Piece): object[] => {
  if (piece.kind === 'text') return [{ type: by === 'user' ? 'input_text' : 'output_text', text: piece.text }];
  if (piece.kind === 'image')
    return [{ type: 'input_image', image_url: `data:${piece.mediaType};base64,${piece.data}` }];
  return piece.kind === 'image-url' ? [{ type: 'input_image', image_url: piece.url }] : [];
};

const itemsOf = ({ by, pieces }: Turn): object[] => {
  const parts = pieces.flatMap((piece) => partOf(by, piece));
  const message = parts.length === 0 ? [] : [{ type: 'message', role: by, content: parts }];
  const others = pieces.flatMap((piece): object[] => {
    if (piece.kind === 'result') return [{ type: 'function_call_output', call_id: piece.id, output: piece.text }];
    if (piece.kind !== 'call') return [];
    const { id, name, input } = piece;
    return [{ type: 'function_call', call_id: id, name, arguments: JSON.stringify(input) }];
  });
  return by === 'user' ? [...others, ...message] : [...message, ...others];
};

const choiceOf = (choice: NonNullable<Ask['choice']>): unknown =>
  typeof choice === 'string' ? choice : { type: 'function', name: choice.name };

const toldBy = (usage: Json): Told | null =>
  usage === undefined || usage === null
    ? null
    : {
        input: usage.input_tokens,
        cacheRead: usage.input_tokens_details?.cached_tokens ?? 0,
        cacheWrite: usage.input_tokens_details?.cache_write_tokens ?? 0,
        output: usage.output_tokens,
        reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0,
      };

const textsOf = (items: readonly Json[], member: 'content' | 'summary', type: string, word: string): string =>
  items
    .flatMap((item) => item[member] ?? [])
    .map((part: Json) => (part.type === type ? part[word] : ''))
    .join('');

/** Several events say why a response ended: its status, the reason beside it, and what stands in it. */
const heardOf = (response: Json): Heard => {
  const { output, status, incomplete_details: incomplete } = response;
  return {
    text: textsOf(output, 'content', 'output_text', 'text'),
    thinking: textsOf(output, 'summary', 'summary_text', 'text'),
    refusal: textsOf(output, 'content', 'refusal', 'refusal'),
    calls: output
      .filter(({ type }: Json) => type === 'function_call')
      .map((item: Json) => ({ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) })),
    ending: incomplete?.reason ?? status,
    told: toldBy(response.usage),
    fault: response.error?.message ?? null,
    isWhole: status === 'completed' || status === 'incomplete',
  };
};

/** What the pieces of a stream say, which must be what its last event says. */
const heardInPieces = (events: readonly Json[]): Pick<Heard, 'text' | 'thinking' | 'refusal'> => {
  const joined = (type: string): string => events.map((event) => (event.type === type ? event.delta : '')).join('');
  return {
    text: joined('response.output_text.delta'),
    thinking: joined('response.reasoning_summary_text.delta'),
    refusal: joined('response.refusal.delta'),
  };
};

/** What the pieces say of each call, by the id of its item. */
const argumentsInPieces = (events: readonly Json[]): ReadonlyMap<string, string> => {
  const written = new Map<string, string>();
  for (const { type, item_id: id, delta } of events) {
    if (type === 'response.function_call_arguments.delta') written.set(id, (written.get(id) ?? '') + delta);
  }
  return written;
};

/** The response with arguments as the pieces had them; a call without any has no piece. */
const asInPieces = (response: Json, events: readonly Json[]): Json => {
  const written = argumentsInPieces(events);
  const output = response.output.map((item: Json) =>
    item.type === 'function_call' ? { ...item, arguments: written.get(item.id) || '{}' } : item,
  );
  return { ...response, output };
};

const lastTypes = ['response.completed', 'response.incomplete'];

/** Responses (platform.openai.com/docs/api-reference/responses). */
export const responsesClient: Client = {
  name: 'responses',
  endings: {
    stop: ['completed'],
    length: ['max_output_tokens'],
    'context-length': ['max_output_tokens'],
    'tool-calls': ['completed'],
    'content-filter': ['content_filter'],
    pause: ['max_output_tokens'],
  },
  hearsRefusals: true,
  untold: [],
  says: (ask, stream, model, key) => {
    if (ask.stop !== undefined) throw new Unsayable('no stop sequences');
    return {
      path: '/v1/responses',
      headers: { authorization: `Bearer ${key}` },
      body: {
        model,
        ...(ask.system === undefined ? {} : { instructions: ask.system }),
        input: ask.turns.flatMap(itemsOf),
        max_output_tokens: ask.boundTokens,
        store: false,
        ...(stream ? { stream: true } : {}),
        ...(ask.tools === undefined
          ? {}
          : { tools: ask.tools.map((tool) => ({ type: 'function', strict: false, ...tool })) }),
        ...(ask.choice === undefined ? {} : { tool_choice: choiceOf(ask.choice) }),
        ...(ask.schema === undefined
          ? {}
          : { text: { format: { type: 'json_schema', name: 'answer', schema: ask.schema, strict: true } } }),
        ...(ask.thinks === true ? { reasoning: { effort: 'low', summary: 'auto' } } : {}),
        ...(ask.temperature === undefined ? {} : { temperature: ask.temperature }),
      },
    };
  },
  hears: heardOf,
  hearsStream: (text) => {
    const events = sseJson(text);
    const last = events.at(-1);
    const pieces = heardInPieces(events);
    if (!lastTypes.includes(last?.type)) {
      const fault = last?.error?.message ?? last?.response?.error?.message ?? null;
      return { ...pieces, calls: [], ending: '', told: null, fault, isWhole: false };
    }
    return { ...heardOf(asInPieces(last.response, events)), ...pieces };
  },
  hearsError: ({ error }) => (typeof error?.type === 'string' ? error.message : null),
};
