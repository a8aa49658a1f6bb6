// Requests as the tests of this codec make, write and read them.
import fc from 'fast-check';

import type { GenerateRequest, Message, UserPart } from '../../../vocabulary/index.ts';
import { greeting, requestRig } from '../../codec/requests.fixture.ts';
import { openaiCodec } from './openaiCodec.ts';
import {
  base64,
  call,
  document,
  name,
  outputFormat,
  picture,
  storedFile,
  text,
  toolChoice,
  toolOf,
  words,
} from './pieces.fixture.ts';

export const { decode, write, bodyOf, faultOf } = requestRig(openaiCodec);

const sound: fc.Arbitrary<UserPart> = fc.record({
  type: fc.constant('audio' as const),
  source: fc.record({
    type: fc.constant('base64' as const),
    mediaType: fc.constantFrom('audio/wav', 'audio/mpeg'),
    data: base64,
  }),
});

const media = fc.oneof(picture, sound, document, storedFile('openai'));

/** One text, or parts that are not all text: texts alone become one. */
const said: fc.Arbitrary<Message> = fc
  .oneof(
    text.map((one) => [one]),
    fc.tuple(fc.array(text, { maxLength: 2 }), media).map(([texts, one]) => [...texts, one]),
  )
  .map((content) => ({ role: 'user', content }));

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

/** Requests that this wire has words for, as it reads them itself. */
export const requests: fc.Arbitrary<GenerateRequest> = fc
  .record({
    stream: fc.boolean(),
    messages: conversation,
    tools: fc.array(toolOf(fc.constantFrom(false, null)), { maxLength: 2 }),
    toolChoice: fc.option(toolChoice),
    parallelToolCalls: fc.option(fc.boolean()),
    outputFormat,
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
