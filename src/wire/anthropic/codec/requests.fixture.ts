// Requests as the tests of this codec make, write and read them.
import fc from 'fast-check';

import type {
  AnswerContent,
  FilePart,
  GenerateRequest,
  ImagePart,
  Message,
  TextPart,
  UserPart,
} from '../../../vocabulary/index.ts';
import { greeting, requestRig } from '../../codec/requests.fixture.ts';
import { anthropicCodec } from './anthropicCodec.ts';
import { sealOf } from './sealOf.ts';

export const { decode, write, faultOf } = requestRig(anthropicCodec);

const words = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((text) => text.trim() === text);
const texts: fc.Arbitrary<TextPart> = fc.oneof(
  { weight: 5, arbitrary: words.map((text) => ({ type: 'text' as const, text })) },
  words.map((text) => ({ type: 'text' as const, text, cache: { lifetime: '1h' as const } })),
);
const media = fc.constantFrom<ImagePart | FilePart>(
  { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
  { type: 'image', source: { type: 'stored', wire: 'anthropic', id: 'file_1' } },
  { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' },
  { type: 'file', source: { type: 'base64', mediaType: 'text/plain', data: 'w6k=' }, name: null },
);
const inputs = fc.oneof({ weight: 3, arbitrary: texts }, media);
const argumentTexts = fc
  .dictionary(words, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 })
  .map((value) => JSON.stringify(value));
const thoughts: fc.Arbitrary<AnswerContent> = fc.oneof(
  fc.record({ type: fc.constant('thinking' as const), text: words, seal: words.map(sealOf) }),
  fc.record({ type: fc.constant('redacted-thinking' as const), seal: words.map(sealOf) }),
);

const unmarked = <Part extends object>(part: Part): Part => {
  const { cache: _, ...rest } = { cache: null, ...part };
  return rest as Part;
};

type Exchange = (index: number) => readonly Message[];

const questions: fc.Arbitrary<Exchange> = fc
  .tuple(fc.array(inputs, { minLength: 1, maxLength: 3 }), fc.array(texts, { minLength: 1, maxLength: 2 }))
  .map(([question, answer]) => () => [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ]);

const results = fc.tuple(fc.array(inputs, { maxLength: 2 }), fc.boolean()).map(([content, isError]) => ({
  content: content.filter((part) => part.type === 'text' || !isError).map(unmarked),
  isError,
}));

/** Thinking, calls, their results, and an answer. */
const rounds: fc.Arbitrary<Exchange> = fc
  .tuple(texts, thoughts, fc.array(fc.tuple(argumentTexts, results), { minLength: 1, maxLength: 3 }), words)
  .map(([question, thought, calls, answer]) => (index) => [
    { role: 'user', content: [question] },
    {
      role: 'assistant',
      content: [
        thought,
        ...calls.map(([written], at) => ({
          type: 'tool-call' as const,
          id: `c${index}_${at}`,
          name: 'f',
          arguments: written,
        })),
      ],
    },
    {
      role: 'user',
      content: calls.map(([, result], at) => ({ type: 'tool-result' as const, callId: `c${index}_${at}`, ...result })),
    },
    { role: 'assistant', content: [{ type: 'text', text: answer }] },
  ]);

const conversations = fc
  .tuple(fc.array(texts, { maxLength: 2 }), fc.array(fc.oneof(questions, rounds), { maxLength: 3 }), texts)
  .map(([system, turns, question]): readonly Message[] => [
    ...(system.length === 0 ? [] : [{ role: 'system' as const, content: system }]),
    ...turns.flatMap((turn, index) => turn(index)),
    { role: 'user', content: [question] },
  ]);

const tool = {
  name: 'f',
  description: 'does f',
  parameters: { type: 'object', properties: {}, additionalProperties: false },
};

/** Requests that this wire has words for, as it reads them itself. */
export const requests: fc.Arbitrary<GenerateRequest> = fc
  .record({
    stream: fc.boolean(),
    messages: conversations,
    sampling: fc.constantFrom<Partial<GenerateRequest>>(
      {},
      { temperature: 0.5 },
      { topP: 0.9, topK: 3 },
      { temperature: 1 },
    ),
    tooling: fc.constantFrom<Partial<GenerateRequest>>(
      { toolChoice: null },
      { toolChoice: { type: 'auto' } },
      { toolChoice: { type: 'none' } },
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
      { toolChoice: { type: 'named', name: 'f' }, parallelToolCalls: false },
      { toolChoice: { type: 'auto' }, parallelToolCalls: false },
    ),
    strict: fc.constantFrom(null, true),
    outputFormat: fc.constantFrom<GenerateRequest['outputFormat']>(
      { type: 'text' },
      {
        type: 'json-schema',
        name: null,
        description: null,
        schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
        strict: true,
      },
    ),
    outputTokensMax: fc.integer({ min: 1, max: 9_999 }),
    stopSequences: fc.array(words, { maxLength: 2 }),
    endUser: fc.option(words),
  })
  .map(({ sampling, tooling, strict, ...members }) => ({
    ...greeting,
    ...members,
    ...sampling,
    ...tooling,
    tools: [{ ...tool, strict }],
    messages: withFewMarks(members.messages),
  }));

/** Keeps the marks for the cache below the vendor's limit. */
const withFewMarks = (messages: readonly Message[]): readonly Message[] => {
  let marks = 0;
  const thin = <Part extends object>(part: Part): Part => {
    if (!('cache' in part)) return part;
    marks += 1;
    return marks <= 4 ? part : unmarked(part);
  };
  return messages.map((message) => ({ ...message, content: message.content.map(thin) }) as Message);
};

const wildIds = fc.constantFrom('a', 'b', 'functions.f:0', '');
const wildUserParts: fc.Arbitrary<UserPart> = fc.oneof(
  fc.constantFrom('', ' ', 'x', 'y ').map((text) => ({ type: 'text' as const, text, cache: { lifetime: null } })),
  media,
  fc.record({
    type: fc.constant('tool-result' as const),
    callId: wildIds,
    content: fc.array(
      fc.oneof(
        fc.constant({ type: 'text' as const, text: '' }),
        texts,
        fc.constant({ type: 'image' as const, source: { type: 'url' as const, url: 'https://a' } }),
      ),
      { maxLength: 2 },
    ),
    isError: fc.boolean(),
  }),
);
const wildAnswerParts: fc.Arbitrary<AnswerContent> = fc.oneof(
  fc.constantFrom('', ' ', 'x', 'y ').map((text) => ({ type: 'text' as const, text })),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: wildIds,
    name: fc.constantFrom('f', 'g'),
    arguments: fc.constantFrom('{}', '', '{"a":1}'),
  }),
  thoughts,
  fc.constantFrom<AnswerContent>(
    { type: 'thinking', text: 'x', seal: null },
    { type: 'redacted-thinking', seal: { wire: 'openai', value: 'x' } },
    { type: 'refusal', text: 'no' },
  ),
);
const wildMessages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), content: fc.array(texts, { maxLength: 2 }) }),
  fc.record({ role: fc.constant('user' as const), content: fc.array(wildUserParts, { maxLength: 3 }) }),
  fc.record({ role: fc.constant('assistant' as const), content: fc.array(wildAnswerParts, { maxLength: 4 }) }),
);

/** Requests with histories of every kind, whole or not. */
export const wildRequests: fc.Arbitrary<GenerateRequest> = fc
  .record({
    messages: fc.array(wildMessages, { maxLength: 7 }),
    tools: fc.constantFrom([], [{ ...tool, strict: null }]),
    toolChoice: fc.constantFrom<GenerateRequest['toolChoice']>(null, { type: 'auto' }, { type: 'none' }),
    outputTokensMax: fc.constantFrom(null, 1, 1_500, 3_000, 100_000),
    temperature: fc.constantFrom(null, 0, 1, 1.7),
    topP: fc.constantFrom(null, 0.5, 1),
    topK: fc.constantFrom(null, 4),
    reasoning: fc.constantFrom<GenerateRequest['reasoning']>(
      null,
      { mode: 'on', budgetTokens: null, effort: 'high', show: true },
      { mode: 'on', budgetTokens: 20_000, effort: null, show: false },
      { mode: 'on', budgetTokens: 5, effort: null, show: false },
      { mode: 'adaptive', budgetTokens: null, effort: 'minimal', show: true },
      { mode: 'off', budgetTokens: null, effort: null, show: false },
    ),
    stopSequences: fc.constantFrom<readonly string[]>([], ['\n'], ['END', ' ']),
  })
  .map((members) => ({ ...greeting, ...members }));
