import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../vocabulary/index.ts';
import { clientWires } from '../matchRoute.ts';
import { encodeAll, frame } from './answers.fixture.ts';

const start: AnswerPart = { type: 'answer-start', id: 'a', model: 'm' };
const finish: AnswerPart = { type: 'finish', finish: { reason: 'stop', native: 'stop', stopSequence: null } };
const end: AnswerPart = { type: 'answer-end' };
const open = (block: number): AnswerPart => ({ type: 'text-start', block });
const say = (block: number): AnswerPart => ({ type: 'text-delta', block, text: 'a' });
const close = (block: number): AnswerPart => ({ type: 'text-end', block });
const text = (block: number): AnswerPart[] => [open(block), say(block), close(block)];
const callStart = (block: number): AnswerPart => ({ type: 'tool-call-start', block, id: `c${block}`, name: 'f' });
const callDelta = (block: number): AnswerPart => ({ type: 'tool-call-delta', block, arguments: '{}' });
const callEnd = (block: number): AnswerPart => ({ type: 'tool-call-end', block });
const usage: AnswerPart = { type: 'usage', usage: {} };

describe.each([...clientWires.values()])('the encoder of $name', (wire) => {
  const encode = (...parts: AnswerPart[]): string => encodeAll(wire.codec.encodeStream(frame), parts);

  it.each<[string, AnswerPart[]]>([
    ['a block before the start', text(0)],
    ['a second start', [start, start]],
    ['a block out of order', [start, open(1)]],
    ['a block twice', [start, ...text(0), open(0)]],
    ['a delta of no block', [start, say(0)]],
    ['a delta of another kind', [start, open(0), callDelta(0)]],
    ['a delta after the end of its block', [start, ...text(0), say(0)]],
    ['an end twice', [start, ...text(0), close(0)]],
    ['an end of another kind', [start, open(0), callEnd(0)]],
    ['a finish inside a block', [start, open(0), finish]],
    ['two finishes', [start, finish, finish]],
    ['a block after the finish', [start, finish, open(0)]],
    ['an end without a finish', [start, end]],
    ['usage after the end', [start, finish, end, usage]],
    ['a second end', [start, finish, end, end]],
  ])('takes %s for a mistake of the decoder', (_, parts) => {
    expect(() => encode(...parts)).toThrow('assertion failed');
  });

  it('takes calls beside one another, and usage anywhere', () => {
    const calls = [callStart(0), callStart(1), callDelta(1), usage, callDelta(0), callEnd(1), callEnd(0)];
    expect(encode(start, usage, ...calls, finish, usage, end)).not.toBe('');
  });
});
