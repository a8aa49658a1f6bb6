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
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
};

const usageOf = ({ input, cacheRead, cacheWrite, output, reasoning }: Counts): object => {
  if (cacheWrite > 0) throw new Unsayable('no count of what is written to a cache');
  return {
    usageMetadata: {
      promptTokenCount: input + cacheRead,
      cachedContentTokenCount: cacheRead,
      candidatesTokenCount: output,
      thoughtsTokenCount: reasoning,
      totalTokenCount: input + cacheRead + output + reasoning,
    },
  };
};

const endOf = ({ ending, refusal }: Said): object => {
  const word = endings[ending];
  if (word === undefined) throw new Unsayable(`no finishReason for ${ending}`);
  return { finishReason: word, ...(refusal === undefined ? {} : { finishMessage: refusal }) };
};

const partsOf = ({ thinking, text = [], calls = [] }: Said): object[] => [
  ...(thinking === undefined ? [] : [{ text: thinking, thought: true }]),
  ...text.map((piece) => ({ text: piece })),
  ...calls.map(({ name, input }) => ({ functionCall: { name, args: input } })),
];

const answerOf = (parts: readonly object[], more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  modelVersion: 'vendor-model',
  responseId: 'r-c',
});

const textOf = (content: Json): string => (content?.parts ?? []).map(({ text }: Json) => text).join('');

const pieceOf = (part: Json): Piece => {
  const { inlineData: inline, fileData: file, functionCall: call, functionResponse: result } = part;
  if (inline !== undefined) return { kind: 'image', mediaType: inline.mimeType, data: inline.data };
  if (file !== undefined) return { kind: 'image-url', url: file.fileUri };
  if (call !== undefined) return { kind: 'call', id: call.id, name: call.name, input: call.args ?? {} };
  return result === undefined
    ? { kind: 'text', text: part.text }
    : { kind: 'result', id: result.id, text: result.response.output };
};

const modes: Readonly<Record<string, Choice>> = { AUTO: 'auto', NONE: 'none', ANY: 'required' };

const choiceOf = (config: Json): Choice => {
  const [name] = config?.allowedFunctionNames ?? [];
  return name === undefined ? (modes[config?.mode ?? 'AUTO'] ?? 'auto') : { name };
};

const hears = ({ systemInstruction, contents, tools, toolConfig, generationConfig: config = {} }: Json): Asked => ({
  system: textOf(systemInstruction),
  said: numbered(
    contents.flatMap(({ role, parts }: Json) =>
      parts.map((part: Json) => ({ by: role === 'model' ? 'assistant' : 'user', ...pieceOf(part) })),
    ),
  ),
  tools: (tools?.[0]?.functionDeclarations ?? []).map(({ name, description, parametersJsonSchema }: Json) => ({
    name,
    description,
    parameters: parametersJsonSchema,
  })),
  choice: choiceOf(toolConfig?.functionCallingConfig),
  schema: config.responseJsonSchema ?? null,
  thinks: (config.thinkingConfig?.thinkingBudget ?? 0) !== 0,
  temperature: config.temperature ?? null,
  stop: config.stopSequences ?? [],
  boundTokens: config.maxOutputTokens ?? null,
});

const words: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

const errorOf = (status: number, message: string): object => ({
  error: { code: status, message, status: words[status] ?? 'UNKNOWN' },
});

/** Generative Language (ai.google.dev/api/generate-content). */
export const geminiVendor: Vendor = {
  name: 'gemini',
  model: 'gemini-2.5-flash',
  query: '',
  streamType: 'text/event-stream',
  uncounted: [],
  path: (stream) => `/v1beta/models/gemini-2.5-flash:${stream ? 'streamGenerateContent' : 'generateContent'}`,
  hears,
  says: (said) => ({ ...answerOf(partsOf(said), endOf(said)), ...usageOf(said.counts) }),
  saysStream: (said) => [
    ...partsOf(said).map((part) => sseEvent(answerOf([part]))),
    sseEvent({ ...answerOf([{ text: '' }], endOf(said)), ...usageOf(said.counts) }),
  ],
  wholeAfter: (events) => events.length,
  saysError: (status, message) => ({ body: errorOf(status, message) }),
  saysFault: (message) => sseEvent(errorOf(500, message)),
};
