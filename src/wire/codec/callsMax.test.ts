import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../vocabulary/index.ts';
import type { JsonObject } from '../json/JsonObject.ts';
import { clientWires, wires } from '../matchRoute.ts';
import { factsFor } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import { frame } from './answers.fixture.ts';
import { callsMax } from './callsMax.ts';
import type { Codec, UpstreamCodec } from './Codec.ts';

const facts = factsFor(clientWires.get('openai') ?? expect.fail('there is a wire of chat completions'), 'generate', {
  model: 'm',
  messages: [],
});

type MakeCalls = (count: number) => readonly JsonObject[];
const times =
  (make: (index: number) => JsonObject): MakeCalls =>
  (count) =>
    Array.from({ length: count }, (_, index) => make(index));

/** Whole answers with so many calls, by wire. */
const answers: Readonly<Record<string, (count: number) => JsonObject>> = {
  openai: (count) => ({
    choices: [{ message: { tool_calls: times(() => ({ function: { name: 'f', arguments: '{}' } }))(count) } }],
  }),
  anthropic: (count) => ({ content: times(() => ({ type: 'tool_use', name: 'f', input: {} }))(count) }),
  responses: (count) => ({ output: times(() => ({ type: 'function_call', name: 'f', arguments: '{}' }))(count) }),
  gemini: (count) => ({
    candidates: [{ content: { parts: times(() => ({ functionCall: { name: 'f' } }))(count) }, finishReason: 'STOP' }],
  }),
  bedrock: (count) => ({
    output: { message: { content: times(() => ({ toolUse: { name: 'f', input: {} } }))(count) } },
  }),
};

/** Events that each begin a call, none of which ends, by wire. */
const begun: Readonly<Record<string, MakeCalls>> = {
  openai: times((index) => ({ choices: [{ delta: { tool_calls: [{ index, function: { name: 'f' } }] } }] })),
  'openai, without names': times((index) => ({ choices: [{ delta: { tool_calls: [{ index }] } }] })),
  anthropic: times((index) => ({ type: 'content_block_start', index, content_block: { type: 'tool_use', name: 'f' } })),
  responses: times((index) => ({
    type: 'response.output_item.added',
    output_index: index,
    item: { type: 'function_call', name: 'f' },
  })),
  gemini: times(() => ({
    candidates: [{ content: { parts: [{ functionCall: { name: 'f', willContinue: true } }] } }],
  })),
  bedrock: times((index) => ({ contentBlockIndex: index, start: { toolUse: { name: 'f' } } })),
};

const codecOf = (name: string): UpstreamCodec => wires.get(name.split(',')[0] ?? '')?.codec ?? expect.fail(name);

const tooLarge = { class: 'protocol', cause: 'answer_too_large' };

describe('the calls of one answer', () => {
  it.each(Object.entries(answers))('have a bound in a whole one of %s', (name, answerOf) => {
    const decode = (count: number) => codecOf(name).decodeAnswer(utf8Bytes(JSON.stringify(answerOf(count))), facts);
    expect(decode(callsMax)).toMatchObject({ ok: true });
    expect(decode(callsMax + 1)).toMatchObject({ ok: false, fault: tooLarge });
  });

  it.each(Object.entries(begun))('have a bound in a streamed one of %s', (name, eventsOf) => {
    const decoder = codecOf(name).decodeStream(facts);
    const event = name === 'bedrock' ? 'contentBlockStart' : null;
    const steps = eventsOf(callsMax + 1).map((body) =>
      decoder.decode({ event, data: JSON.stringify(body), raw: new Uint8Array(0) }),
    );
    expect(steps.findIndex(({ kind }) => kind === 'failure')).toBe(callsMax);
    expect(steps.at(-1)).toMatchObject({ failure: tooLarge, parts: [] });
    expect(decoder.state.complete).toBe(false);
  });
});

// Looking at all calls again with each one, these would not end before the test gives up.
describe('very many calls beside one another', () => {
  const count = 40_000;
  const blocks = Array.from({ length: count }, (_, block) => block);
  const parts: readonly AnswerPart[] = [
    { type: 'answer-start', id: 'a', model: 'm' },
    ...blocks.map((block): AnswerPart => ({ type: 'tool-call-start', block, id: `${block}`, name: 'f' })),
    ...blocks.map((block): AnswerPart => ({ type: 'tool-call-delta', block, arguments: '{}' })),
    ...blocks.map((block): AnswerPart => ({ type: 'tool-call-end', block })),
    { type: 'finish', finish: { reason: 'tool-calls', native: 'tool_calls', stopSequence: null } },
    { type: 'answer-end' },
  ];

  it.each([...clientWires].map(([name, { codec }]): [string, Codec] => [name, codec]))(
    'are written for clients of %s',
    (_, codec) => {
      const text = codec.encodeStream(frame).encode(parts);
      expect(text.split('"name":"f"').length).toBeGreaterThan(count);
    },
  );
});
