import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { assemble } from '../../codec/answers.fixture.ts';
import { decodeText, streamOf, typesOf } from './answers.fixture.ts';

describe('ChatDecoder', () => {
  it('starts an answer once, ends blocks with the finish reason and the answer with [DONE]', () => {
    const { steps } = decodeText(streamOf([{ role: 'assistant', content: '' }, { content: 'a' }, { content: 'b' }]));
    expect(steps.map(({ kind, parts }) => [kind, ...typesOf(parts)])).toEqual([
      ['preamble', 'answer-start'],
      ['content', 'text-start', 'text-delta'],
      ['content', 'text-delta'],
      ['closing', 'text-end'],
      ['terminal', 'finish', 'answer-end'],
    ]);
  });

  it('owes the finish where a whole answer ends without [DONE], and nothing where it is cut', () => {
    expect(decodeText(streamOf([{ content: 'a' }], 'stop', '')).closing).toEqual([
      { type: 'finish', finish: { reason: 'stop', native: 'stop', stopSequence: null } },
      { type: 'answer-end' },
    ]);
    expect(decodeText(streamOf([{ content: 'a' }], null, '')).closing).toEqual([]);
    expect(decodeText(streamOf([{ content: 'a' }], null)).parts.at(-1)?.type).toBe('text-delta');
    expect(decodeText(streamOf([{ content: 'a' }])).closing).toEqual([]);
  });

  it('gives usage when it comes, before the end', () => {
    const usage = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\ndata: [DONE]\n\n';
    const { parts } = decodeText(streamOf([{ content: 'a' }], 'stop', usage));
    expect(typesOf(parts).slice(-3)).toEqual(['usage', 'finish', 'answer-end']);
    expect(assemble(parts).usage).toEqual({ input: 3, output: 2, requests: 1 });
  });

  it('does not take a chunk that stands before the answer for its start', () => {
    const before = 'data: {"id":"","model":"","choices":[],"prompt_filter_results":[]}\n\n';
    expect(decodeText(before + streamOf([{ content: 'a' }])).parts[0]).toEqual({
      type: 'answer-start',
      id: 'a',
      model: 'm',
    });
  });

  it('reads words that come after the finish reason, and says the reason once', () => {
    const { parts } = decodeText(streamOf([{ content: 'a' }], 'length', '') + streamOf([{ content: 'b' }], 'length'));
    expect(typesOf(parts).filter((type) => type === 'finish')).toHaveLength(1);
    expect(assemble(parts).content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
  });

  it('says nothing after [DONE] or a failure', () => {
    const late = streamOf([{ content: 'late' }]);
    expect(assemble(decodeText(streamOf([{ content: 'a' }]) + late).parts).content).toEqual([
      { type: 'text', text: 'a' },
    ]);
    const failed = decodeText(`data: {"error":{"message":"x"}}\n\n`);
    expect(failed.steps.map(({ kind, parts }) => [kind, parts])).toEqual([['failure', []]]);
  });

  it('reads only the first of several choices', () => {
    const second = 'data: {"choices":[{"index":1,"delta":{"content":"other"}}]}\n\n';
    expect(assemble(decodeText(second + streamOf([{ content: 'a' }])).parts).content).toEqual([
      { type: 'text', text: 'a' },
    ]);
  });
});

describe('anything else', () => {
  const memberNames = fc.constantFrom(
    'role',
    'content',
    'refusal',
    'reasoning',
    'reasoning_details',
    'tool_calls',
    'function_call',
    'function',
    'name',
    'arguments',
    'index',
    'id',
    'type',
    'text',
    'signature',
    'data',
    'thinking',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, '', 'a', '{}', '{"a":', 0, 1, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(memberNames, tie('value'), { maxKeys: 5 }),
    ),
  }));

  it('is read without a throw, and within the grammar', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), fc.constantFrom('stop', null), (deltas, finish) => {
        const { parts, steps, state } = decodeText(streamOf(deltas, finish));
        expect(() => assemble(parts)).not.toThrow();
        const failed = steps.some(({ kind }) => kind === 'failure');
        expect(parts.at(-1)?.type === 'answer-end').toBe(state.complete);
        expect(state.complete).toBe(!failed && finish !== null);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [200, true],
    [100_000, false],
  ])('is passed over %i levels deep, and a fault where that is deeper than is decoded', (levels, complete) => {
    const deep = `${'['.repeat(levels)}"a"${']'.repeat(levels)}`;
    const chunk = `data: {"choices":[{"index":0,"delta":{"content":${deep}}}]}\n\n`;
    const { steps, state } = decodeText(chunk + streamOf([{ content: 'a' }]));
    expect(state.complete).toBe(complete);
    expect(steps.some(({ kind }) => kind === 'failure')).toBe(!complete);
  });
});
