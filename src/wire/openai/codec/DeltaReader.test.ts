import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { assemble } from '../../codec/answers.fixture.ts';
import { callDelta, contentOf, decodeText, streamOf, typesOf } from './answers.fixture.ts';
import { decodeAnswer } from './decodeAnswer.ts';

describe('thinking in a stream', () => {
  it.each([
    ['reasoning_content', { reasoning_content: 'so' }],
    ['reasoning', { reasoning: 'so' }],
    ['both names at once', { reasoning_content: 'so', reasoning: 'so' }],
    ['details beside the text', { reasoning: 'so', reasoning_details: [{ type: 'reasoning.text', text: 'so' }] }],
    ['details alone', { reasoning_details: [{ type: 'reasoning.summary', summary: 'so' }] }],
    ['a list of parts', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'so' }] }] }],
  ])('comes once as %s', (_, delta) => {
    expect(contentOf([delta, delta, { content: 'a' }])).toEqual([
      { type: 'thinking', text: 'soso', seal: null },
      { type: 'text', text: 'a' },
    ]);
  });

  it('may change from plain text to details after words', () => {
    const detail = { reasoning_details: [{ type: 'reasoning.text', text: 'b' }] };
    expect(contentOf([{ reasoning: 'a' }, { content: 'x' }, detail, detail])).toEqual([
      { type: 'thinking', text: 'a', seal: null },
      { type: 'text', text: 'x' },
      { type: 'thinking', text: 'bb', seal: null },
    ]);
  });

  it('keeps seals with their blocks, and takes none for another vendor’s', () => {
    const detail = (more: object): object => ({
      reasoning_details: [{ type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0, ...more }],
    });
    expect(
      contentOf([
        { reasoning: 'one', ...detail({ text: 'one' }) },
        detail({ signature: 'S1' }),
        detail({ text: 'two', index: 1 }),
        { reasoning_details: [{ type: 'reasoning.encrypted', data: 'X', format: 'anthropic-claude-v1' }] },
        { reasoning_details: [{ type: 'reasoning.encrypted', data: 'Y', format: 'other-v2' }] },
        { reasoning_details: [{ type: 'reasoning.encrypted', data: 'Z' }] },
      ]),
    ).toEqual([
      { type: 'thinking', text: 'one', seal: { wire: 'anthropic', value: 'S1' } },
      { type: 'thinking', text: 'two', seal: null },
      { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'X' } },
      { type: 'redacted-thinking', seal: { wire: 'other-v2', value: 'Y' } },
      { type: 'redacted-thinking', seal: { wire: 'openai', value: 'Z' } },
    ]);
  });
});

describe('tool calls in a stream', () => {
  it('may run beside one another', () => {
    const parts = decodeText(
      streamOf(
        [
          callDelta(0, { id: 'A', name: 'f' }, ''),
          callDelta(1, { id: 'B', name: 'g' }, '{"b"'),
          callDelta(0, {}, '{"a":1}'),
          callDelta(1, {}, ':2}'),
        ],
        'tool_calls',
      ),
    ).parts;
    expect(assemble(parts)).toMatchObject({
      content: [
        { type: 'tool-call', id: 'A', name: 'f', arguments: '{"a":1}' },
        { type: 'tool-call', id: 'B', name: 'g', arguments: '{"b":2}' },
      ],
      finish: { reason: 'tool-calls' },
    });
  });

  it('come to the same in any pieces and any order between them', () => {
    const texts = fc.array(
      fc.dictionary(fc.string(), fc.jsonValue()).map((one) => JSON.stringify(one)),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(texts, fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 0, max: 6 }))), (args, moves) => {
        const left = args.map((text) => Array.from(text));
        const rest = args.map((_, index) => [index, Number.POSITIVE_INFINITY] as const);
        const pieces = [...moves.filter(([index]) => index < args.length), ...rest].map(([index, length]) =>
          callDelta(index, {}, left[index]?.splice(0, length).join('')),
        );
        const starts = args.map((_, index) => callDelta(index, { id: `id-${index}`, name: 'f' }, ''));
        expect(contentOf([...starts, ...pieces], 'tool_calls')).toEqual(
          args.map((text, index) => ({ type: 'tool-call', id: `id-${index}`, name: 'f', arguments: text })),
        );
      }),
    );
  });

  it('end where another block starts and they can have no more to say', () => {
    const { steps } = decodeText(
      streamOf([
        callDelta(0, { id: 'A', name: 'f' }, '{"a":1}'),
        callDelta(1, { id: 'B', name: 'g' }, '{}'),
        { content: 'x' },
      ]),
    );
    expect(steps.slice(1, 3).map(({ parts }) => typesOf(parts))).toEqual([
      ['tool-call-end', 'tool-call-start', 'tool-call-delta'],
      ['tool-call-end', 'text-start', 'text-delta'],
    ]);
  });

  it('hold back words that come while they are unfinished', () => {
    const { parts } = decodeText(
      streamOf([
        callDelta(0, { id: 'A', name: 'f' }, '{"a"'),
        { content: 'x' },
        callDelta(0, {}, ':1}'),
        { content: 'y' },
      ]),
    );
    expect(assemble(parts).content).toEqual([
      { type: 'tool-call', id: 'A', name: 'f', arguments: '{"a":1}' },
      { type: 'text', text: 'xy' },
    ]);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['space', ' \n'],
    ['null', 'null'],
    ['an object', {}],
  ])('have the arguments "{}" where the vendor says %s', (_, args) => {
    expect(contentOf([callDelta(0, { id: 'A', name: 'f' }, args), callDelta(0, {}, '')])).toEqual([
      { type: 'tool-call', id: 'A', name: 'f', arguments: '{}' },
    ]);
  });

  it.each([
    [
      'no index, each in its own delta',
      [callDelta(undefined, { id: 'A', name: 'f' }, '{}'), callDelta(undefined, { id: 'B', name: 'f' }, '{}')],
    ],
    ['the index 0 for all', [callDelta(0, { id: 'A', name: 'f' }, '{}'), callDelta(0, { id: 'B', name: 'f' }, '{}')]],
    [
      'indices that leave some out',
      [callDelta(1, { id: 'A', name: 'f' }, '{}'), callDelta(4, { id: 'B', name: 'f' }, '{}')],
    ],
    [
      'empty ids after the first piece',
      [
        callDelta(0, { id: 'A', name: 'f' }, ''),
        callDelta(0, { id: '' }, '{}'),
        callDelta(1, { id: 'B', name: 'f' }, '{}'),
      ],
    ],
    [
      'no index and no id after the first piece',
      [
        callDelta(undefined, { id: 'A', name: 'f' }, '{'),
        callDelta(undefined, {}, '}'),
        callDelta(undefined, { id: 'B', name: 'f' }, '{}'),
      ],
    ],
  ])('are told apart with %s', (_, deltas) => {
    expect(contentOf(deltas)).toEqual([
      { type: 'tool-call', id: 'A', name: 'f', arguments: '{}' },
      { type: 'tool-call', id: 'B', name: 'f', arguments: '{}' },
    ]);
  });

  it('get ids of their own where they have none or the same, the same each time', () => {
    const deltas = [0, 1, 2].map((index) => callDelta(index, index < 2 ? { name: 'f' } : { id: 'A', name: 'f' }, '{}'));
    const ids = contentOf([...deltas, callDelta(3, { id: 'A', name: 'f' }, '{}')]).map((part) =>
      part.type === 'tool-call' ? part.id : '',
    );
    expect(new Set(ids).size).toBe(4);
    expect(ids.filter((id) => /^[A-Za-z0-9]{9}$/.test(id))).toHaveLength(3);
    expect(ids).toEqual(
      contentOf([...deltas, callDelta(3, { id: 'A', name: 'f' }, '{}')]).map((part) =>
        part.type === 'tool-call' ? part.id : '',
      ),
    );
  });

  it('may be of the older kind', () => {
    expect(
      contentOf(
        [{ function_call: { name: 'f', arguments: '' } }, { function_call: { arguments: '{}' } }],
        'function_call',
      ),
    ).toMatchObject([{ type: 'tool-call', name: 'f', arguments: '{}' }]);
  });

  it.each([
    ['cut', '{"a":'],
    ['a list', '[1]'],
    ['a text', '"a"'],
    ['followed by more', '{}{}'],
    ['no JSON', 'city=Paris'],
  ])('make the stream a failure where their arguments are %s', (_, args) => {
    const { steps, closing, state } = decodeText(streamOf([callDelta(0, { id: 'A', name: 'f' }, args)], 'tool_calls'));
    expect(steps[1]).toMatchObject({
      kind: 'failure',
      failure: { class: 'protocol', cause: 'malformed_tool_arguments' },
      parts: [],
    });
    expect(state.complete).toBe(false);
    expect(closing).toEqual([]);
    const message = { tool_calls: [{ id: 'A', function: { name: 'f', arguments: args } }] };
    expect(decodeAnswer(Buffer.from(JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] })))).toMatchObject({
      ok: false,
      fault: { class: 'protocol', cause: 'malformed_tool_arguments' },
    });
  });

  it.each(['length', 'content_filter', 'model_length'])('cut off by %s have what there is', (reason) => {
    for (const args of ['{"a":"b', 'nul']) {
      const { steps, parts, state } = decodeText(streamOf([callDelta(0, { id: 'A', name: 'f' }, args)], reason));
      expect([steps.some(({ kind }) => kind === 'failure'), state.complete]).toEqual([false, true]);
      const content = [{ type: 'tool-call', id: 'A', name: 'f', arguments: args }];
      expect(assemble(parts)).toMatchObject({ content, finish: { native: reason } });
      const message = { tool_calls: [{ id: 'A', function: { name: 'f', arguments: args } }] };
      const whole = Buffer.from(JSON.stringify({ choices: [{ message, finish_reason: reason }] }));
      expect(decodeAnswer(whole)).toMatchObject({ ok: true, value: { content, finish: { native: reason } } });
    }
  });

  it('make it a failure where they go on after their end, or have no name', () => {
    const ended = [callDelta(0, { id: 'A', name: 'f' }, '{}'), { content: 'x' }, callDelta(0, {}, '{}')];
    expect(decodeText(streamOf(ended)).steps[2]).toMatchObject({ kind: 'failure', failure: { class: 'protocol' } });
    const nameless = streamOf([callDelta(0, { id: 'A' }, '{}')]);
    expect(decodeText(nameless).steps[1]).toMatchObject({ failure: { cause: 'malformed_tool_call' } });
  });
});
