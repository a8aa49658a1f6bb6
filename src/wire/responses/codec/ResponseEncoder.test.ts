import { describe, expect, it } from 'vitest';

import type { AnswerPart, Tool } from '../../../vocabulary/index.ts';
import { eventsOf } from '../../codec/answers.fixture.ts';
import { handedSeal } from '../../codec/handedSeal.ts';
import { isJsonObject, listIn, objectIn, parseJson, type JsonObject } from '../../json/JsonObject.ts';
import { judgeResponses } from '../../streamGrammar.fixture.ts';
import { encodeParts } from './answers.fixture.ts';
import { decode } from './requests.fixture.ts';
import { responsesCodec } from './responsesCodec.ts';
import { frame } from '../../codec/answers.fixture.ts';

const start: AnswerPart = { type: 'answer-start', id: '', model: 'm' };
const end: readonly AnswerPart[] = [
  { type: 'finish', finish: { reason: 'tool-calls', native: null, stopSequence: null } },
  { type: 'answer-end' },
];
const call = (block: number, name: string, ...pieces: string[]): readonly AnswerPart[] => [
  { type: 'tool-call-start', block, id: `c${block}`, name },
  ...pieces.map((written): AnswerPart => ({ type: 'tool-call-delta', block, arguments: written })),
  { type: 'tool-call-end', block },
];

const dataOf = (sse: string): readonly JsonObject[] =>
  eventsOf(sse)
    .map(({ data }) => parseJson(data ?? ''))
    .filter(isJsonObject);

const outputOf = (sse: string): readonly unknown[] => {
  expect(judgeResponses(sse)).toEqual({ fault: null, whole: true });
  return listIn(objectIn(dataOf(sse).at(-1) ?? null, 'response'), 'output');
};

const toolsOf = (...tools: object[]): readonly Tool[] => decode({ model: 'm', input: 'hi', tools }).tools;

describe('a stream of responses', () => {
  it('has words in a row as parts of one message, and thinking and calls as items of their own', () => {
    const sse = encodeParts([
      start,
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'a' },
      { type: 'text-end', block: 0 },
      { type: 'refusal-start', block: 1 },
      { type: 'refusal-delta', block: 1, text: 'no' },
      { type: 'refusal-end', block: 1 },
      ...call(2, 'f', '{}'),
      { type: 'text-start', block: 3 },
      { type: 'text-delta', block: 3, text: 'b' },
      { type: 'text-end', block: 3 },
      ...end,
    ]);
    expect(outputOf(sse)).toMatchObject([
      { id: 'msg_archipel_0199_0', content: [{ text: 'a' }, { type: 'refusal', refusal: 'no' }] },
      { id: 'fc_archipel_0199_2', type: 'function_call', call_id: 'c2', arguments: '{}', status: 'completed' },
      { id: 'msg_archipel_0199_3', content: [{ text: 'b' }] },
    ]);
  });

  it('says that nothing of it is kept', () => {
    for (const { response } of dataOf(encodeParts([start, ...end])))
      expect(response).toMatchObject({ store: false, id: 'resp_0199' });
  });

  it('has nothing of what is empty, or is not to be seen', () => {
    const seal = { wire: 'anthropic', value: 'S' };
    const parts: AnswerPart[] = [
      start,
      { type: 'thinking-start', block: 0 },
      { type: 'thinking-delta', block: 0, text: 'secret' },
      { type: 'thinking-end', block: 0, seal },
      { type: 'redacted-thinking', block: 1, seal },
      { type: 'text-start', block: 2 },
      { type: 'text-end', block: 2 },
      ...end,
    ];
    expect(outputOf(encodeParts(parts, { showThinking: false }))).toEqual([]);
    expect(outputOf(encodeParts(parts))).toMatchObject([
      { summary: [{ text: 'secret' }], encrypted_content: handedSeal(seal, frame.sealedAt) },
      { summary: [], encrypted_content: handedSeal(seal, frame.sealedAt) },
    ]);
  });

  it('calls a tool of a group as the client does', () => {
    const f = { type: 'function', name: 'f', parameters: {} };
    const tools = toolsOf({ type: 'namespace', name: 'files', description: '', tools: [f] }, f);
    const output = outputOf(
      encodeParts([start, ...call(0, 'files__f', '{"a":', '1}'), ...call(1, 'f', '{}'), ...end], { tools }),
    );
    expect(output).toMatchObject([
      { type: 'function_call', namespace: 'files', name: 'f', arguments: '{"a":1}' },
      { type: 'function_call', name: 'f' },
    ]);
    expect(output[1]).not.toHaveProperty('namespace');
  });

  it('gives a tool that takes any text its text, however the model cut its JSON', () => {
    const tools = toolsOf({ type: 'custom', name: 'patch' });
    const sse = encodeParts([start, ...call(0, 'patch', '{"in', 'put":"a\\', 'n\\"b\\""}'), ...end], { tools });
    expect(outputOf(sse)).toMatchObject([
      { id: 'ctc_archipel_0199_0', type: 'custom_tool_call', call_id: 'c0', name: 'patch', input: 'a\n"b"' },
    ]);
    expect(sse).toContain('event: response.custom_tool_call_input.delta');
    expect(sse).not.toContain('function_call_arguments');
  });

  it('gives it as it stands where the model wrote something else', () => {
    const tools = toolsOf({ type: 'custom', name: 'patch' });
    expect(outputOf(encodeParts([start, ...call(0, 'patch', '{"text":"a"}'), ...end], { tools }))).toMatchObject([
      { input: '{"text":"a"}' },
    ]);
  });

  it('calls tools alike in a whole answer', () => {
    const tools = toolsOf({ type: 'custom', name: 'patch' });
    const whole = responsesCodec.encodeAnswer(
      {
        id: '',
        model: 'm',
        content: [{ type: 'tool-call', id: 'c0', name: 'patch', arguments: '{"input":"a"}' }],
        finish: { reason: 'tool-calls', native: null, stopSequence: null },
        usage: null,
      },
      { ...frame, tools },
    );
    const body = parseJson(Buffer.from(whole).toString());
    const sse = encodeParts([start, ...call(0, 'patch', '{"input":"a"}'), ...end], { tools });
    expect(isJsonObject(body) && body['output']).toEqual(outputOf(sse));
  });

  it('tells apart calls that came without an id, or with one that is too long', () => {
    const given = ['', '', 'x'.repeat(65)].flatMap((id, block): AnswerPart[] => [
      { type: 'tool-call-start', block, id, name: 'f' },
      { type: 'tool-call-delta', block, arguments: '{}' },
      { type: 'tool-call-end', block },
    ]);
    const ids = outputOf(encodeParts([start, ...given, ...end])).map((item) => isJsonObject(item) && item['call_id']);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^call_[A-Za-z0-9]{24}$/);
  });
});
