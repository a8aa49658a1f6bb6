import { sseEvent } from '../sse.ts';
import {
  numbered,
  Unsayable,
  type Asked,
  type Choice,
  type Counts,
  type Ending,
  type Json,
  type Piece,
  type Said,
  type Turn,
  type Vendor,
} from '../Words.ts';

/** What stands beside the status "incomplete". */
const reasons: Readonly<Partial<Record<Ending, string | null>>> = {
  stop: null,
  'tool-calls': null,
  length: 'max_output_tokens',
  'content-filter': 'content_filter',
};

const reasonOf = ({ ending, refusal }: Said): string | null => {
  const reason = refusal === undefined ? reasons[ending] : null;
  if (reason === undefined) throw new Unsayable(`no reason for ${ending}`);
  return reason;
};

const usageOf = ({ input, cacheRead, cacheWrite, output, reasoning }: Counts): object => ({
  input_tokens: input + cacheRead + cacheWrite,
  input_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
  output_tokens: output + reasoning,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + cacheRead + cacheWrite + output + reasoning,
});

const itemsOf = ({ thinking, text, refusal, calls = [] }: Said): Json[] => {
  const part =
    refusal === undefined
      ? { type: 'output_text', text: (text ?? []).join(''), annotations: [] }
      : { type: 'refusal', refusal };
  return [
    ...(thinking === undefined
      ? []
      : [{ id: 'rs_c', type: 'reasoning', summary: [{ type: 'summary_text', text: thinking }] }]),
    ...(text === undefined && refusal === undefined
      ? []
      : [{ id: 'msg_c', type: 'message', status: 'completed', role: 'assistant', content: [part] }]),
    ...calls.map(({ name, input }, index) => ({
      id: `fc_${index}`,
      type: 'function_call',
      status: 'completed',
      call_id: `call_${index}`,
      name,
      arguments: JSON.stringify(input),
    })),
  ];
};

const responseOf = (said: Said): object => {
  const reason = reasonOf(said);
  return {
    id: 'resp_c',
    object: 'response',
    created_at: 1,
    status: reason === null ? 'completed' : 'incomplete',
    error: null,
    incomplete_details: reason === null ? null : { reason },
    model: 'vendor-model',
    output: itemsOf(said),
    usage: usageOf(said.counts),
  };
};

const event = (type: string, more: object): Uint8Array => sseEvent({ type, ...more }, type);

/** What a stream says of one item between its beginning and its end. */
const piecesOfItem = (item: Json, said: Said, place: object): Uint8Array[] => {
  if (item.type === 'function_call') {
    const written: string = item.arguments;
    return [
      ...[written.slice(0, 5), written.slice(5)].map((delta) =>
        event('response.function_call_arguments.delta', { ...place, delta }),
      ),
      event('response.function_call_arguments.done', { ...place, arguments: written }),
    ];
  }
  if (item.type === 'reasoning') {
    const at = { ...place, summary_index: 0 };
    const { text } = item.summary[0];
    return [
      event('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } }),
      event('response.reasoning_summary_text.delta', { ...at, delta: text }),
      event('response.reasoning_summary_text.done', { ...at, text }),
      event('response.reasoning_summary_part.done', { ...at, part: { type: 'summary_text', text } }),
    ];
  }
  const at = { ...place, content_index: 0 };
  const [part] = item.content;
  const isRefusal = part.type === 'refusal';
  const deltas = isRefusal ? [part.refusal] : (said.text ?? []);
  const word = isRefusal ? 'refusal' : 'output_text';
  const empty = isRefusal ? { type: word, refusal: '' } : { type: word, text: '', annotations: [] };
  return [
    event('response.content_part.added', { ...at, part: empty }),
    ...deltas.map((delta) => event(`response.${word}.delta`, { ...at, delta })),
    event(`response.${word}.done`, { ...at, ...(isRefusal ? { refusal: part.refusal } : { text: part.text }) }),
    event('response.content_part.done', { ...at, part }),
  ];
};

const begun = (item: Json): object => {
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' };
  return item.type === 'reasoning' ? { ...item, summary: [] } : { ...item, status: 'in_progress', content: [] };
};

const eventsOf = (said: Said): Uint8Array[] => {
  const response = responseOf(said);
  const opened = { ...response, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  return [
    event('response.created', { response: opened }),
    event('response.in_progress', { response: opened }),
    ...itemsOf(said).flatMap((item, index) => [
      event('response.output_item.added', { output_index: index, item: begun(item) }),
      ...piecesOfItem(item, said, { item_id: item.id, output_index: index }),
      event('response.output_item.done', { output_index: index, item }),
    ]),
    event(reasonOf(said) === null ? 'response.completed' : 'response.incomplete', { response }),
  ];
};

const partOf = (part: Json): Piece => {
  if (part.type !== 'input_image') return { kind: 'text', text: part.text };
  const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/s.exec(part.image_url) ?? [];
  return data === undefined
    ? { kind: 'image-url', url: part.image_url }
    : { kind: 'image', mediaType: `${mediaType}`, data };
};

const textOf = (content: Json): string =>
  typeof content === 'string' ? content : content.map(({ text }: Json) => text).join('');

const sayingsOf = (item: Json): readonly ({ readonly by: Turn['by'] } & Piece)[] => {
  switch (item.type) {
    case 'function_call':
      return [{ by: 'assistant', kind: 'call', id: item.call_id, name: item.name, input: JSON.parse(item.arguments) }];
    case 'function_call_output':
      return [{ by: 'user', kind: 'result', id: item.call_id, text: textOf(item.output) }];
    default: {
      const parts = typeof item.content === 'string' ? [{ type: 'input_text', text: item.content }] : item.content;
      return parts.map((part: Json) => ({ by: item.role, ...partOf(part) }));
    }
  }
};

const isSystem = ({ role }: Json): boolean => role === 'system' || role === 'developer';

const choiceOf = (choice: Json): Choice => {
  if (choice === undefined) return 'auto';
  return typeof choice === 'string' ? (choice as Choice) : { name: choice.name };
};

const hears = (body: Json): Asked => {
  const items: readonly Json[] = body.input;
  return {
    system: [body.instructions ?? '', ...items.filter(isSystem).map(({ content }) => textOf(content))].join(''),
    said: numbered(items.filter((item) => !isSystem(item)).flatMap(sayingsOf)),
    tools: (body.tools ?? []).map(({ name, description, parameters }: Json) => ({ name, description, parameters })),
    choice: choiceOf(body.tool_choice),
    schema: body.text?.format?.schema ?? null,
    thinks: (body.reasoning?.effort ?? 'none') !== 'none',
    temperature: body.temperature ?? null,
    stop: [],
    boundTokens: body.max_output_tokens ?? null,
  };
};

/** Responses (platform.openai.com/docs/api-reference/responses, .../responses-streaming). */
export const responsesVendor: Vendor = {
  name: 'responses',
  model: 'vendor-model',
  query: '',
  streamType: 'text/event-stream',
  uncounted: [],
  path: () => '/v1/responses',
  hears,
  says: responseOf,
  saysStream: eventsOf,
  wholeAfter: (events) => events.length,
  saysError: (_status, words) => ({ body: { error: { message: words, type: 'some_error', param: null, code: null } } }),
  saysFault: (words) => event('error', { code: 'server_error', message: words, param: null }),
};
