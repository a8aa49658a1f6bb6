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
import { geminiCodec } from './geminiCodec.ts';
import { sealOf } from './sealOf.ts';

const rigFor = (stream: boolean) =>
  requestRig({
    ...geminiCodec,
    decodeRequest: (body) => geminiCodec.decodeRequest(body, { model: 'm', stream }),
  });

/** Reads a body that came by a path of the model `m`, which says whether it streams. */
export const decodeWith = (stream: boolean) => rigFor(stream).decode;

export const { decode, write, faultOf, bodyOf } = rigFor(false);

const words = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((text) => text.trim() === text);
const texts: fc.Arbitrary<TextPart> = words.map((text) => ({ type: 'text' as const, text }));
const media = fc.constantFrom<ImagePart | FilePart>(
  { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
  {
    type: 'file',
    source: { type: 'stored', wire: 'gemini', id: 'https://generativelanguage.googleapis.com/v1beta/files/a' },
    name: null,
  },
  { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' },
);
const inputs = fc.oneof({ weight: 3, arbitrary: texts }, media);
const argumentTexts = fc
  .dictionary(words, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 })
  .map((value) => JSON.stringify(value));
const thoughts: fc.Arbitrary<AnswerContent> = fc.record({
  type: fc.constant('thinking' as const),
  text: words,
  seal: words.map(sealOf),
});
const sealedTexts: fc.Arbitrary<TextPart> = fc.oneof(
  texts,
  fc.record({ type: fc.constant('text' as const), text: fc.constantFrom('', 'so'), seal: words.map(sealOf) }),
);

type Exchange = (index: number) => readonly Message[];

const questions: fc.Arbitrary<Exchange> = fc
  .tuple(fc.array(inputs, { minLength: 1, maxLength: 3 }), fc.array(sealedTexts, { minLength: 1, maxLength: 2 }))
  .map(([question, answer]) => () => [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ]);

const results = fc.record({ content: fc.array(texts, { maxLength: 1 }), isError: fc.boolean() });
const seals = fc.option(words.map(sealOf), { nil: undefined });

/** Thinking, calls, their results, and an answer. */
const rounds: fc.Arbitrary<Exchange> = fc
  .tuple(texts, thoughts, fc.array(fc.tuple(argumentTexts, results, seals), { minLength: 1, maxLength: 3 }), words)
  .map(([question, thought, calls, answer]) => (index) => [
    { role: 'user', content: [question] },
    {
      role: 'assistant',
      content: [
        thought,
        ...calls.map(([written, , seal], at) => ({
          type: 'tool-call' as const,
          id: `c${index}_${at}`,
          name: 'f',
          arguments: written,
          ...(seal === undefined ? {} : { seal }),
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
  strict: null,
};

const tooling = fc.constantFrom<Partial<GenerateRequest>>(
  { tools: [tool], toolChoice: null },
  { tools: [tool], toolChoice: { type: 'auto' } },
  { tools: [tool], toolChoice: { type: 'none' } },
  { tools: [tool], toolChoice: { type: 'required' } },
  { tools: [tool], toolChoice: { type: 'named', name: 'f' } },
);

const forms = fc.constantFrom<Partial<GenerateRequest>>(
  { outputFormat: { type: 'json-object' } },
  {
    outputFormat: {
      type: 'json-schema',
      name: null,
      description: null,
      schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
      strict: true,
    },
  },
);

/** Requests that this wire has words for, as it reads them itself: of models that take no form beside tools, so there is one or the other. */
export const requests: fc.Arbitrary<GenerateRequest> = fc
  .record({
    messages: conversations,
    sampling: fc.constantFrom<Partial<GenerateRequest>>({}, { temperature: 1.5 }, { topP: 0.9, topK: 3 }),
    tooling: fc.oneof(tooling, forms),
    outputTokensMax: fc.option(fc.integer({ min: 1, max: 9_999 })),
    stopSequences: fc.array(words, { maxLength: 2 }),
    reasoning: fc.constantFrom<GenerateRequest['reasoning']>(
      null,
      { mode: 'on', budgetTokens: 2_000, effort: null, show: true },
      { mode: 'off', budgetTokens: null, effort: null, show: false },
      { mode: 'adaptive', budgetTokens: null, effort: null, show: false },
      { mode: 'adaptive', budgetTokens: null, effort: null, show: true },
    ),
  })
  .map(({ sampling, tooling: how, ...members }) => ({ ...greeting, ...members, ...sampling, ...how }));

const wildIds = fc.constantFrom('a', 'b', 'functions.f:0', '');
const wildUserParts: fc.Arbitrary<UserPart> = fc.oneof(
  fc.constantFrom('', ' ', 'x', 'y ').map((text) => ({ type: 'text' as const, text, cache: { lifetime: null } })),
  media,
  fc.record({
    type: fc.constant('tool-result' as const),
    callId: wildIds,
    content: fc.array(fc.oneof(fc.constant({ type: 'text' as const, text: '' }), texts, media), { maxLength: 2 }),
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
    { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'x' } },
    { type: 'redacted-thinking', seal: sealOf('x') },
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
    tools: fc.constantFrom([], [tool]),
    outputTokensMax: fc.constantFrom(null, 1, 100_000),
    reasoning: fc.constantFrom<GenerateRequest['reasoning']>(
      null,
      { mode: 'on', budgetTokens: null, effort: 'high', show: true },
      { mode: 'on', budgetTokens: 200_000, effort: null, show: false },
      { mode: 'adaptive', budgetTokens: null, effort: 'minimal', show: true },
      { mode: 'off', budgetTokens: null, effort: null, show: false },
    ),
    stopSequences: fc.constantFrom<readonly string[]>([], ['\n'], ['END', ' ']),
  })
  .map((members) => ({ ...greeting, ...members }));
