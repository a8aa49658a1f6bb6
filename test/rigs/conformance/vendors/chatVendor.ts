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
  type Vendor,
} from '../Words.ts';

const endings: Readonly<Partial<Record<Ending, string>>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
};

/** A refusal in words ends plainly, as recorded (test/fixtures/recordings/openai/refusal.0.json). */
const endingOf = ({ ending, refusal }: Said): string => {
  const word = refusal === undefined ? endings[ending] : 'stop';
  if (word === undefined) throw new Unsayable(`no finish_reason for ${ending}`);
  return word;
};

const usageOf = ({ input, cacheRead, cacheWrite, output, reasoning }: Counts): object => ({
  prompt_tokens: input + cacheRead + cacheWrite,
  completion_tokens: output + reasoning,
  total_tokens: input + cacheRead + cacheWrite + output + reasoning,
  prompt_tokens_details: { cached_tokens: cacheRead, cache_write_tokens: cacheWrite },
  completion_tokens_details: { reasoning_tokens: reasoning },
});

const argumentsOf = (input: object): string => (Object.keys(input).length === 0 ? '' : JSON.stringify(input));

const head = { id: 'chatcmpl-c', created: 1, model: 'vendor-model' };

const chunk = (delta: object, finish: string | null = null): Uint8Array =>
  sseEvent({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });

/** Arguments come in two pieces, those of several calls in turn. */
const callChunks = (calls: NonNullable<Said['calls']>): Uint8Array[] => {
  const written = calls.map(({ input }) => argumentsOf(input));
  const piece = (index: number, text: string): Uint8Array =>
    chunk({ tool_calls: [{ index, function: { arguments: text } }] });
  return [
    ...calls.map(({ name }, index) =>
      chunk({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] }),
    ),
    ...written.map((text, index) => piece(index, text.slice(0, 5))),
    ...written.map((text, index) => piece(index, text.slice(5))),
  ];
};

const piecesOf = (message: Json): Piece[] => {
  const { role, content, tool_calls: calls = [], tool_call_id: id } = message;
  if (role === 'tool') return [{ kind: 'result', id, text: content }];
  const parts: readonly Json[] = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  return [
    ...parts.map((part): Piece => {
      if (part.type === 'text') return { kind: 'text', text: part.text };
      const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/s.exec(part.image_url.url) ?? [];
      return data === undefined
        ? { kind: 'image-url', url: part.image_url.url }
        : { kind: 'image', mediaType: `${mediaType}`, data };
    }),
    ...calls.map((call: Json): Piece => ({
      kind: 'call',
      id: call.id,
      name: call.function.name,
      input: JSON.parse(call.function.arguments),
    })),
  ];
};

const choiceOf = (choice: Json): Choice => {
  if (choice === undefined) return 'auto';
  return typeof choice === 'string' ? (choice as Choice) : { name: choice.function.name };
};

const isSystem = ({ role }: Json): boolean => role === 'system' || role === 'developer';

const hears = (body: Json): Asked => {
  const messages: readonly Json[] = body.messages;
  return {
    system: messages
      .filter(isSystem)
      .flatMap(piecesOf)
      .map((piece) => (piece.kind === 'text' ? piece.text : ''))
      .join(''),
    said: numbered(
      messages
        .filter((message) => !isSystem(message))
        .flatMap((message) =>
          piecesOf(message).map(
            (piece) => ({ by: message.role === 'assistant' ? 'assistant' : 'user', ...piece }) as const,
          ),
        ),
    ),
    tools: (body.tools ?? []).map(({ function: { name, description, parameters } }: Json) => ({
      name,
      description,
      parameters,
    })),
    choice: choiceOf(body.tool_choice),
    schema: body.response_format?.json_schema?.schema ?? null,
    thinks: (body.reasoning_effort ?? 'none') !== 'none',
    temperature: body.temperature ?? null,
    stop: body.stop ?? [],
    boundTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
  };
};

/** Chat completions (platform.openai.com/docs/api-reference/chat); thinking as DeepSeek says it (api-docs.deepseek.com/guides/thinking_mode). */
export const chatVendor: Vendor = {
  name: 'openai',
  model: 'vendor-model',
  query: '',
  streamType: 'text/event-stream',
  uncounted: [],
  path: () => '/v1/chat/completions',
  hears,
  says: (said) => {
    const { text, thinking, refusal, calls = [] } = said;
    const message = {
      role: 'assistant',
      content: text === undefined ? null : text.join(''),
      ...(thinking === undefined ? {} : { reasoning_content: thinking }),
      ...(refusal === undefined ? {} : { refusal }),
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ name, input }, index) => ({
              id: `call_${index}`,
              type: 'function',
              function: { name, arguments: argumentsOf(input) },
            })),
          }),
    };
    const choices = [{ index: 0, message, finish_reason: endingOf(said) }];
    return { ...head, object: 'chat.completion', choices, usage: usageOf(said.counts) };
  },
  saysStream: (said) => [
    chunk({ role: 'assistant', content: '' }),
    ...(said.thinking === undefined ? [] : [chunk({ reasoning_content: said.thinking })]),
    ...(said.text ?? []).map((text) => chunk({ content: text })),
    ...(said.refusal === undefined ? [] : [chunk({ refusal: said.refusal })]),
    ...callChunks(said.calls ?? []),
    chunk({}, endingOf(said)),
    sseEvent({ ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(said.counts) }),
    Buffer.from('data: [DONE]\n\n'),
  ],
  // The reason is the last that must come: usage and [DONE] are missing with some vendors.
  wholeAfter: (events) => events.length - 2,
  saysError: (status, words) => ({
    body: {
      error: { message: words, type: status === 429 ? 'rate_limit_error' : 'some_error', param: null, code: null },
    },
  }),
  saysFault: (words) => sseEvent({ error: { message: words, type: 'server_error', param: null, code: null } }),
};

/** The same at a deployment of Azure (learn.microsoft.com/azure/ai-foundry/openai/reference). */
export const azureVendor: Vendor = {
  ...chatVendor,
  name: 'azure-openai',
  query: 'api-version=2024-10-21',
  path: () => '/openai/deployments/vendor-model/chat/completions',
};
