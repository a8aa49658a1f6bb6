import { describe, expect, it } from 'vitest';

import { assemble } from '../../codec/answers.fixture.ts';
import { callDelta, decodeText, streamOf } from './answers.fixture.ts';

describe('why an answer ended', () => {
  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['model_length', 'context-length'],
    ['insufficient_system_resource', 'unknown'],
    ['abort', 'unknown'],
    ['constructor', 'unknown'],
  ])('is read from %s', (native, reason) => {
    const { parts } = decodeText(streamOf([{ content: 'a' }], native));
    expect(assemble(parts).finish).toEqual({ reason, native, stopSequence: null });
  });

  it('is tool calls where a vendor says stop after them', () => {
    const { parts } = decodeText(streamOf([callDelta(0, { id: 'A', name: 'f' }, '{}')], 'stop'));
    expect(assemble(parts).finish).toEqual({ reason: 'tool-calls', native: 'stop', stopSequence: null });
  });

  it('keeps the word of the vendor behind, and the stop sequence', () => {
    const choice = {
      index: 0,
      delta: {},
      finish_reason: 'stop',
      native_finish_reason: 'completed',
      stop_reason: '###',
    };
    const { parts } = decodeText(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
    expect(assemble(parts).finish).toEqual({ reason: 'stop', native: 'completed', stopSequence: '###' });
  });
});
