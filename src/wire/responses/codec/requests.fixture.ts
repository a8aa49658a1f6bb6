// Requests as the tests of this codec make, write and read them.
import fc from 'fast-check';

import type { GenerateRequest, Message, ToolResultPart } from '../../../vocabulary/index.ts';
import { greeting, requestRig } from '../../codec/requests.fixture.ts';
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
} from '../../openai/codec/pieces.fixture.ts';
import { responsesCodec } from './responsesCodec.ts';

export const { decode, write, bodyOf, faultOf } = requestRig(responsesCodec);

const media = fc.oneof(picture, document);
const stored = storedFile('responses');

const said: fc.Arbitrary<Message> = fc
  .array(fc.oneof({ weight: 4, arbitrary: text }, { weight: 2, arbitrary: media }, { weight: 1, arbitrary: stored }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((content) => ({ role: 'user', content }));

/** A text alone, or parts that are not one text. */
const resultContent: fc.Arbitrary<ToolResultPart['content']> = fc.oneof(
  text.map((one) => [one]),
  fc.tuple(fc.array(text, { maxLength: 2 }), media).map(([texts, one]) => [...texts, one]),
);

const calling: fc.Arbitrary<Message[]> = fc
  .record({
    words: fc.option(text),
    calls: fc.array(fc.tuple(call, resultContent), { minLength: 1, maxLength: 3 }),
  })
  .map(({ words: before, calls }) => [
    { role: 'assistant', content: [...(before === null ? [] : [before]), ...calls.map(([one]) => one)] },
    {
      role: 'user',
      content: calls.map(([{ id }, content]) => ({ type: 'tool-result', callId: id, content, isError: false })),
    },
  ]);

/** What this wire has thought itself goes back to it. */
const thoughtful: fc.Arbitrary<Message[]> = fc
  .record({ thought: words, cipher: base64, id: name, answer: text })
  .map(({ thought, cipher, id, answer }) => [
    {
      role: 'assistant',
      content: [
        { type: 'thinking', text: thought, seal: { wire: 'responses', value: cipher, id: `rs_${id}` } },
        { type: 'redacted-thinking', seal: { wire: 'responses', value: cipher, id: `rs_${id}_` } },
        answer,
      ],
    },
    { role: 'user', content: [answer] },
  ]);

/** An answer is followed by something else: two in a row are one. */
const turn: fc.Arbitrary<Message[]> = fc.oneof(
  said.map((message) => [message]),
  calling,
  thoughtful,
  text.map((one): Message[] => [
    { role: 'assistant', content: [one] },
    { role: 'system', content: [one] },
  ]),
);

const conversation = fc
  .tuple(fc.option(text), fc.array(turn, { maxLength: 4 }), said)
  .map(([first, turns, last]) => [
    ...(first === null ? [] : [{ role: 'system', content: [first] } satisfies Message]),
    ...turns.flat(),
    last,
  ]);

/** Requests that this wire has words for, as it reads them itself. */
export const requests: fc.Arbitrary<GenerateRequest> = fc
  .record({
    stream: fc.boolean(),
    messages: conversation,
    tools: fc.array(toolOf(fc.constant(false)), { maxLength: 2 }),
    toolChoice: fc.option(toolChoice),
    parallelToolCalls: fc.option(fc.boolean()),
    outputFormat,
    outputTokensMax: fc.option(fc.integer({ min: 16, max: 1_000_000 })),
    temperature: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
    topP: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    reasoning: fc.oneof(
      fc.constant({ mode: 'off' as const, budgetTokens: null, effort: null, show: false }),
      fc
        .constantFrom('minimal', 'low', 'high', 'max')
        .map((effort) => ({ mode: 'on' as const, budgetTokens: null, effort, show: true })),
      fc.constant({ mode: 'adaptive' as const, budgetTokens: null, effort: null, show: true }),
    ),
    endUser: fc.option(name),
  })
  .map((request) => ({ ...greeting, ...request, ...choiceAmong(request) }));

/** Only a tool that is offered can be chosen. */
const choiceAmong = ({
  tools: [first],
  toolChoice,
}: Pick<GenerateRequest, 'tools' | 'toolChoice'>): Partial<GenerateRequest> => {
  if (first === undefined) return { toolChoice: null, parallelToolCalls: null };
  return toolChoice?.type === 'named' ? { toolChoice: { type: 'named', name: first.name } } : {};
};
