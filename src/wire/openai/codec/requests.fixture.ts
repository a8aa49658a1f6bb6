// Requests as the tests of this codec make, write and read them.
import fc from 'fast-check';

import type {
  GenerateRequest,
  Message,
  OutputFormat,
  Tool,
  ToolCallPart,
  UserPart,
} from '../../../vocabulary/index.ts';
import { greeting, requestRig } from '../../codec/requests.fixture.ts';
import { openaiCodec } from './openaiCodec.ts';

export const { decode, write, bodyOf, faultOf } = requestRig(openaiCodec);

const words = fc.string({ unit: 'grapheme', minLength: 1 });
const argumentsText = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));
const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const text = words.map((one) => ({ type: 'text' as const, text: one }));
const base64 = fc.base64String({ minLength: 4 });

const media: fc.Arbitrary<UserPart> = fc.oneof(
  fc.record({
    type: fc.constant('image' as const),
    source: fc.oneof(
      fc.record({
        type: fc.constant('base64' as const),
        mediaType: fc.constantFrom('image/png', 'image/jpeg'),
        data: base64,
      }),
      fc.record({ type: fc.constant('url' as const), url: fc.webUrl({ validSchemes: ['https'] }) }),
    ),
    detail: fc.constantFrom('low', 'auto'),
  }),
  fc.record({
    type: fc.constant('audio' as const),
    source: fc.record({
      type: fc.constant('base64' as const),
      mediaType: fc.constantFrom('audio/wav', 'audio/mpeg'),
      data: base64,
    }),
  }),
  fc.record({
    type: fc.constant('file' as const),
    source: fc.record({
      type: fc.constant('base64' as const),
      mediaType: fc.constant('application/pdf'),
      data: base64,
    }),
    name: fc.constantFrom('a.pdf', 'b'),
  }),
  fc.record({
    type: fc.constant('file' as const),
    source: fc.record({ type: fc.constant('stored' as const), wire: fc.constant('openai'), id: name }),
    name: fc.constant(null),
  }),
);

/** One text, or parts that are not all text: texts alone become one. */
const said: fc.Arbitrary<Message> = fc
  .oneof(
    text.map((one) => [one]),
    fc.tuple(fc.array(text, { maxLength: 2 }), media).map(([texts, one]) => [...texts, one]),
  )
  .map((content) => ({ role: 'user', content }));

const call: fc.Arbitrary<ToolCallPart> = fc.record({
  type: fc.constant('tool-call' as const),
  id: fc.uuid(),
  name,
  arguments: argumentsText,
});

const calling: fc.Arbitrary<Message[]> = fc
  .record({
    words: fc.option(text),
    calls: fc.array(fc.tuple(call, fc.option(text)), { minLength: 1, maxLength: 3 }),
  })
  .map(({ words: before, calls }) => [
    { role: 'assistant', content: [...(before === null ? [] : [before]), ...calls.map(([one]) => one)] },
    {
      role: 'user',
      content: calls.map(([{ id }, result]) => ({
        type: 'tool-result',
        callId: id,
        content: result === null ? [] : [result],
        isError: false,
      })),
    },
  ]);

const turn: fc.Arbitrary<Message[]> = fc.oneof(
  said.map((message) => [message]),
  calling,
  text.map((one): Message[] => [{ role: 'assistant', content: [one] }]),
  text.map((one): Message[] => [{ role: 'system', content: [one] }]),
);

const conversation = fc
  .tuple(fc.array(turn, { maxLength: 5 }), said)
  .map(([turns, last]) => [...turns.flat(), last] satisfies Message[]);

const closed = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const open = { type: 'object', properties: { a: { type: 'string' } } };

const tool: fc.Arbitrary<Tool> = fc.record({
  name,
  description: fc.option(words),
  parameters: fc.constantFrom(closed, open),
  strict: fc.constantFrom(false, null),
});

const format: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constantFrom({ type: 'text' as const }, { type: 'json-object' as const }),
  fc
    .record({ name, description: fc.option(words), strict: fc.boolean() })
    .map((one) => ({ ...one, type: 'json-schema' as const, schema: one.strict ? closed : open })),
);

/** Requests that this wire has words for, as it reads them itself. */
export const requests: fc.Arbitrary<GenerateRequest> = fc
  .record({
    stream: fc.boolean(),
    messages: conversation,
    tools: fc.array(tool, { maxLength: 2 }),
    toolChoice: fc.option(
      fc.oneof(
        fc.constantFrom({ type: 'auto' as const }, { type: 'none' as const }, { type: 'required' as const }),
        fc.record({ type: fc.constant('named' as const), name }),
      ),
    ),
    parallelToolCalls: fc.option(fc.boolean()),
    outputFormat: format,
    outputTokensMax: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
    temperature: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
    topP: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    stopSequences: fc.array(words, { maxLength: 4 }),
    reasoning: fc.option(
      fc.oneof(
        fc.constant({ mode: 'off' as const, budgetTokens: null, effort: null, show: false }),
        fc
          .constantFrom('minimal', 'low', 'high', 'max')
          .map((effort) => ({ mode: 'on' as const, budgetTokens: null, effort, show: true })),
      ),
    ),
    endUser: fc.option(name),
  })
  .map((request) => ({
    ...greeting,
    ...request,
    ...choiceAmong(request),
  }));

/** Only a tool that is offered can be chosen. */
const choiceAmong = ({
  tools: [first],
  toolChoice,
}: Pick<GenerateRequest, 'tools' | 'toolChoice'>): Partial<GenerateRequest> => {
  if (first === undefined) return { toolChoice: null, parallelToolCalls: null };
  return toolChoice?.type === 'named' ? { toolChoice: { type: 'named', name: first.name } } : {};
};
