import { describe, expect, it } from 'vitest';

import type { Answer, AnswerPart, ToolCallPart } from '../../../vocabulary/index.ts';
import { assemble, decodeAll, encodeAll, eventsOf, frame } from '../../codec/answers.fixture.ts';
import { sealMark } from '../../codec/sealMark.ts';
import { factsFor } from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { openaiWire } from '../openaiWire.ts';
import { ChatEncoder } from './ChatEncoder.ts';
import { decodeRequest } from './decodeRequest.ts';
import { openaiCodec } from './openaiCodec.ts';

const answerOf = (content: Answer['content']): Answer => ({
  id: 'a',
  model: 'm',
  content,
  finish: { reason: 'tool-calls', native: 'STOP', stopSequence: null },
  usage: null,
});
const seal = { wire: 'gemini', value: 'a+/=_-' };
const call: ToolCallPart = { type: 'tool-call', id: 'c1', name: 'f', arguments: '{}', seal };
const mark = sealMark(seal, frame.sealedAt);
const written = { extra_content: { google: { thought_signature: seal.value }, archipel: { mark } } };
/** The call as a client brings it back. */
const marked = { ...call, seal: { ...seal, mark } };
const facts = factsFor(openaiWire, 'generate', { model: 'm', messages: [], stream: true });

const parts: readonly AnswerPart[] = [
  { type: 'answer-start', id: 'a', model: 'm' },
  { type: 'tool-call-start', block: 0, id: 'c1', name: 'f' },
  { type: 'tool-call-delta', block: 0, arguments: '{}' },
  { type: 'tool-call-end', block: 0, seal },
  { type: 'finish', finish: answerOf([]).finish },
  { type: 'answer-end' },
];

const piecesOf = (sse: string): unknown[] =>
  eventsOf(sse)
    .filter(({ data }) => data?.includes('tool_calls') === true)
    .flatMap(({ data }) => JSON.parse(data ?? '').choices[0].delta.tool_calls ?? []);

describe('the signature of a call', () => {
  it('is given to clients bit for bit, and comes back as it was', () => {
    const body = JSON.parse(Buffer.from(openaiCodec.encodeAnswer(answerOf([call]), frame)).toString());
    const { message } = body.choices[0];
    expect(message.tool_calls).toMatchObject([{ id: 'c1', ...written }]);
    const history = { model: 'm', messages: [message, { role: 'tool', tool_call_id: 'c1', content: 'ok' }] };
    const decoded = decodeRequest(utf8Bytes(JSON.stringify(history)));
    expect(decoded.ok && decoded.value.messages[0]?.content).toEqual([marked]);
    expect(decoded.ok && decoded.value.hints).toEqual([]);
  });

  it('stands in the first piece of a call that comes whole, and in one of its own after others', () => {
    const whole = piecesOf(new ChatEncoder(frame).encode(parts));
    expect(whole[0]).toMatchObject({ id: 'c1', ...written });
    expect(whole).toHaveLength(2);
    const pieces = piecesOf(encodeAll(new ChatEncoder(frame), parts));
    expect(pieces[0]).not.toHaveProperty('extra_content');
    expect(pieces[2]).toEqual({ index: 0, function: { arguments: '' }, ...written });
  });

  it('is read of a stream, wherever it stands', () => {
    for (const sse of [new ChatEncoder(frame).encode(parts), encodeAll(new ChatEncoder(frame), parts)]) {
      expect(assemble(decodeAll(openaiCodec.decodeStream(facts), eventsOf(sse))).content).toEqual([marked]);
    }
  });

  it('is nobody else’s: seals of other wires have no place on a call', () => {
    const foreign = { ...call, seal: { wire: 'anthropic', value: 'x' } };
    expect(Buffer.from(openaiCodec.encodeAnswer(answerOf([foreign]), frame)).toString()).not.toContain('extra_content');
  });
});
