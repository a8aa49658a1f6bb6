import { sseJson } from '../sse.ts';
import type { Ask, Client, Heard, Json, Piece, Told, Turn } from '../Words.ts';

/** Results name the function of their call. */
const partOf = (piece: Piece, names: ReadonlyMap<string, string>): object => {
  switch (piece.kind) {
    case 'text':
      return { text: piece.text };
    case 'image':
      return { inlineData: { mimeType: piece.mediaType, data: piece.data } };
    case 'image-url':
      return { fileData: { mimeType: 'image/png', fileUri: piece.url } };
    case 'call':
      return { functionCall: { id: piece.id, name: piece.name, args: piece.input } };
    case 'result':
      return { functionResponse: { id: piece.id, name: names.get(piece.id), response: { output: piece.text } } };
  }
};

const contentsOf = (turns: readonly Turn[]): object[] => {
  const pieces = turns.flatMap((turn) => turn.pieces);
  const names = new Map(pieces.flatMap((piece) => (piece.kind === 'call' ? [[piece.id, piece.name]] : [])));
  return turns.map(({ by, pieces: said }) => ({
    role: by === 'user' ? 'user' : 'model',
    parts: said.map((piece) => partOf(piece, names)),
  }));
};

const modes = { auto: { mode: 'AUTO' }, none: { mode: 'NONE' }, required: { mode: 'ANY' } };

const choiceOf = (choice: NonNullable<Ask['choice']>): object => ({
  functionCallingConfig:
    typeof choice === 'string' ? modes[choice] : { mode: 'ANY', allowedFunctionNames: [choice.name] },
});

const generationOf = (ask: Ask): object => ({
  maxOutputTokens: ask.boundTokens,
  ...(ask.schema === undefined ? {} : { responseMimeType: 'application/json', responseJsonSchema: ask.schema }),
  ...(ask.thinks === true ? { thinkingConfig: { thinkingBudget: 1_024, includeThoughts: true } } : {}),
  ...(ask.temperature === undefined ? {} : { temperature: ask.temperature }),
  ...(ask.stop === undefined ? {} : { stopSequences: ask.stop }),
});

const toldBy = (usage: Json): Told => {
  const reasoning = usage.thoughtsTokenCount ?? 0;
  return {
    input: usage.promptTokenCount ?? 0,
    cacheRead: usage.cachedContentTokenCount ?? 0,
    cacheWrite: 0,
    output: (usage.candidatesTokenCount ?? 0) + reasoning,
    reasoning,
  };
};

/** Each chunk of a stream has the form of an answer: the parts of all are the answer, and the last that says so says why it ended. */
const heardOf = (chunks: readonly Json[]): Heard => {
  const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []);
  const parts: readonly Json[] = candidates.flatMap(({ content }) => content?.parts ?? []);
  const texts = (isThought: boolean): string =>
    parts.map(({ text, thought }) => ((thought ?? false) === isThought ? (text ?? '') : '')).join('');
  const last = candidates.findLast(({ finishReason }) => finishReason !== undefined);
  const ending = last?.finishReason ?? '';
  const usage = chunks.findLast(({ usageMetadata }) => usageMetadata !== undefined)?.usageMetadata;
  const fault = chunks.find(({ error }) => error !== undefined)?.error.message ?? null;
  return {
    text: texts(false),
    thinking: texts(true),
    refusal: ending === 'SAFETY' ? (last.finishMessage ?? '') : '',
    // An id is optional here: the vendor's own answers mostly have none.
    calls: parts.flatMap(({ functionCall: call }, index) =>
      call === undefined ? [] : [{ id: call.id ?? `part ${index}`, name: call.name, input: call.args ?? {} }],
    ),
    ending,
    told: usage === undefined ? null : toldBy(usage),
    fault,
    isWhole: ending !== '' && fault === null,
  };
};

/** Generative Language (ai.google.dev/api/generate-content). */
export const geminiClient: Client = {
  name: 'gemini',
  endings: {
    stop: ['STOP'],
    length: ['MAX_TOKENS'],
    'context-length': ['MAX_TOKENS'],
    'tool-calls': ['STOP'],
    'content-filter': ['SAFETY'],
    pause: ['OTHER'],
  },
  hearsRefusals: false,
  untold: ['cacheWrite'],
  says: (ask, stream, model, key) => ({
    path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'x-goog-api-key': key },
    body: {
      contents: contentsOf(ask.turns),
      generationConfig: generationOf(ask),
      ...(ask.system === undefined ? {} : { systemInstruction: { parts: [{ text: ask.system }] } }),
      ...(ask.tools === undefined
        ? {}
        : {
            tools: [
              {
                functionDeclarations: ask.tools.map(({ parameters, ...tool }) => ({
                  ...tool,
                  parametersJsonSchema: parameters,
                })),
              },
            ],
          }),
      ...(ask.choice === undefined ? {} : { toolConfig: choiceOf(ask.choice) }),
    },
  }),
  hears: (body) => heardOf([body]),
  hearsStream: (text) => heardOf(sseJson(text)),
  hearsError: ({ error }, status) =>
    error?.code === status && typeof error.status === 'string' ? error.message : null,
};
