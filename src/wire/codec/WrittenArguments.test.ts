import { describe, expect, it } from 'vitest';

import { CallReader } from '../responses/codec/CallReader.ts';
import { ToolCallReader } from '../openai/codec/ToolCallReader.ts';
import { PartCollector } from './PartCollector.ts';
import { WrittenArguments } from './WrittenArguments.ts';

const takenOf = (...pieces: string[]): readonly string[] => {
  const written = new WrittenArguments();
  return pieces.map((piece) => {
    written.add(piece);
    return written.take();
  });
};

describe('WrittenArguments', () => {
  it('gives out each piece as it is, once an object has begun', () => {
    expect(takenOf(' ', '', '\n{', '"a"', ' ', ':1}')).toEqual(['', '', ' \n{', '"a"', ' ', ':1}']);
  });

  it('keeps to itself what is no object, until all is asked for', () => {
    expect(takenOf(' ', '[', '{')).toEqual(['', '', '']);
    expect(new WrittenArguments('[1').takeAll()).toBe('[1');
  });

  it.each([
    ['', true],
    [' \n', true],
    [' null ', true],
    ['nul', false],
    ['{}', false],
    ['[]', false],
  ])('of %j says whether it stands for nothing: %s', (text, isEmpty) => {
    expect(new WrittenArguments(text).isEmpty).toBe(isEmpty);
  });

  it('knows its whole at any time', () => {
    const written = new WrittenArguments('{"a"');
    expect([written.text, written.length, written.isWhole]).toEqual(['{"a"', 4, false]);
    written.add(':1}');
    written.add(' ');
    expect([written.text, written.length, written.isWhole]).toEqual(['{"a":1} ', 8, true]);
  });
});

// Looking at the whole again with each piece, these would not end before the test gives up.
describe('a call in very many pieces', () => {
  const count = 400_000;
  const piece = 'abcdefgh';
  const lengthOf = (parts: PartCollector): number =>
    parts.take().reduce((sum, part) => sum + (part.type === 'tool-call-delta' ? part.arguments.length : 0), 0);

  it('is read to its end on the wire of responses', () => {
    const parts = new PartCollector();
    const calls = new CallReader(parts, 'a');
    const call = calls.open({ type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":"' });
    for (let number = 0; number < count; number += 1) calls.write(call, piece);
    calls.write(call, '"}');
    calls.finish(call, false);
    expect([lengthOf(parts), calls.fault]).toEqual([count * piece.length + 8, null]);
  });

  it('is read to its end on the wire of chat completions', () => {
    const parts = new PartCollector();
    const calls = new ToolCallReader(parts, () => 'a');
    calls.read({ id: 'c', function: { name: 'f', arguments: '{"a":"' } }, 0);
    for (let number = 0; number < count; number += 1) calls.read({ function: { arguments: piece } }, 0);
    calls.read({ function: { arguments: '"}' } }, 0);
    calls.end(false);
    expect([lengthOf(parts), calls.fault]).toEqual([count * piece.length + 8, null]);
  });
});
