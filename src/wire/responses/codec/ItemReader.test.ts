import { describe, expect, it } from 'vitest';

import { recordedStream } from '../../recordings.fixture.ts';
import { assemble, isWhole } from '../../codec/answers.fixture.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { contentOf, decodeChunks, decodeText, streamOf } from './answers.fixture.ts';

const added = (index: number, item: object) => ({ type: 'response.output_item.added', output_index: index, item });
const done = (index: number, item: object) => ({ type: 'response.output_item.done', output_index: index, item });
const message = (...texts: string[]) => ({
  type: 'message',
  id: 'msg_1',
  content: texts.map((text) => ({ type: 'output_text', text })),
});
const call = (written: unknown, more: object = {}) => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'c1',
  name: 'f',
  arguments: written,
  ...more,
});
const said = (delta: string, more: object = {}) => ({
  type: 'response.output_text.delta',
  output_index: 0,
  content_index: 0,
  delta,
  ...more,
});
const wrote = (delta: string, more: object = {}) => ({
  type: 'response.function_call_arguments.delta',
  output_index: 0,
  delta,
  ...more,
});
const text = (words: string) => ({ type: 'text', text: words });
const called = (written: string, id = 'c1', name = 'f') => ({ type: 'tool-call', id, name, arguments: written });

describe('what is told by pieces and once more whole', () => {
  it('is read of the pieces alone, where the whole is never told', () => {
    expect(
      contentOf([
        added(0, message()),
        said('a'),
        said('b'),
        added(1, call('')),
        wrote('{"x":', { output_index: 1 }),
        wrote('1}', { output_index: 1 }),
      ]),
    ).toEqual([text('ab'), called('{"x":1}')]);
  });

  it('is read of the whole alone, where no piece comes', () => {
    expect(contentOf([added(0, message()), done(0, message('a', 'b')), done(1, call('{"x":1}'))])).toEqual([
      text('a'),
      text('b'),
      called('{"x":1}'),
    ]);
    const isDone = { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'ab' };
    expect(contentOf([added(0, message()), isDone, done(0, message('ab'))])).toEqual([text('ab')]);
    const written = { type: 'response.function_call_arguments.done', output_index: 0, arguments: '{"x":1}' };
    expect(contentOf([added(0, call('')), written, done(0, call('{"x":1}'))])).toEqual([called('{"x":1}')]);
  });

  it('is read of the last event, where nothing else comes', () => {
    const response = { id: 'resp_1', status: 'completed', output: [message('a'), call('{}')] };
    expect(contentOf([], { type: 'response.completed', response })).toEqual([text('a'), called('{}')]);
  });

  it('has the rest from the whole, where pieces were lost at the end', () => {
    expect(contentOf([added(0, message()), said('a'), done(0, message('abc'))])).toEqual([text('abc')]);
    expect(contentOf([added(0, call('')), wrote('{"x"'), done(0, call('{"x":1}'))])).toEqual([called('{"x":1}')]);
  });

  it('stays as it was said, where the whole says otherwise', () => {
    expect(contentOf([added(0, message()), said('abc'), done(0, message('xyz'))])).toEqual([text('abc')]);
  });

  it('is found by its place, though each event has another id', () => {
    const { content } = assemble(
      decodeChunks(recordedStream('recordings/responses/github-copilot-id-rotation.1.chunks.txt')).parts,
    );
    expect(content).toMatchObject([
      { type: 'thinking', text: '**Counting character occurrences**', seal: null },
      { type: 'text', text: expect.stringMatching(/^There are \*\*3\*\* letter/) },
    ]);
  });

  it('is found by its id, where the place of the item is told and that of its pieces is not', () => {
    const words = { type: 'response.output_text.delta', item_id: 'a', delta: 'hi' };
    const delta = { type: 'response.function_call_arguments.delta', item_id: 'b', delta: '{"x":1}' };
    const items = [added(0, { ...message(), id: 'a' }), added(1, call('', { id: 'b' }))];
    expect(contentOf([...items, words, delta])).toEqual([called('{"x":1}'), text('hi')]);
    expect(contentOf([added(3, call('', { id: 'b' })), delta])).toEqual([called('{"x":1}')]);
  });

  it('is found by its place, where another item had its id before', () => {
    const items = [added(0, { ...message(), id: 'a' }), added(1, call('', { id: 'a' }))];
    expect(contentOf([...items, said('hi', { item_id: 'a' }), wrote('{}', { item_id: 'a', output_index: 1 })])).toEqual(
      [called('{}'), text('hi')],
    );
  });

  it('is found by its id, where no place is told', () => {
    const one = { type: 'response.output_item.added', item: { ...message(), id: 'a' } };
    const other = { type: 'response.output_item.added', item: call('', { id: 'b' }) };
    const delta = { type: 'response.function_call_arguments.delta', item_id: 'b', delta: '{}' };
    const words = { type: 'response.output_text.delta', item_id: 'a', delta: 'hi' };
    expect(contentOf([one, words, other, delta])).toEqual([text('hi'), called('{}')]);
  });
});

describe('reasoning', () => {
  const reasoning = (more: object) => ({ type: 'reasoning', id: 'rs_1', summary: [], ...more });
  const summed = (index: number, delta: string) => ({
    type: 'response.reasoning_summary_text.delta',
    output_index: 0,
    summary_index: index,
    delta,
  });
  const seal = { wire: 'responses', value: 'C', id: 'rs_1' };

  it('has its summaries as paragraphs, and the cipher of its end', () => {
    const end = done(0, reasoning({ encrypted_content: 'C' }));
    expect(
      contentOf([
        added(0, reasoning({ encrypted_content: 'early' })),
        summed(0, 'a'),
        summed(0, 'b'),
        summed(1, 'c'),
        end,
      ]),
    ).toEqual([{ type: 'thinking', text: 'ab\n\nc', seal }]);
  });

  it('that shows itself is not told twice with its summary', () => {
    const shown = { type: 'response.reasoning_text.delta', output_index: 0, content_index: 0, delta: 'think' };
    const whole = reasoning({
      content: [{ type: 'reasoning_text', text: 'think' }],
      summary: [{ type: 'summary_text', text: 's' }],
    });
    expect(contentOf([added(0, reasoning({})), shown, summed(0, 's'), done(0, whole)])).toEqual([
      { type: 'thinking', text: 'think', seal: null },
    ]);
  });

  it('that only its vendor can read is whole at once; without a cipher it is nothing', () => {
    expect(contentOf([done(0, reasoning({ encrypted_content: 'C' })), done(1, reasoning({}))])).toEqual([
      { type: 'redacted-thinking', seal },
    ]);
  });
});

describe('calls', () => {
  it.each([
    ['', '{}'],
    ['null', '{}'],
    [{ a: 1 }, '{"a":1}'],
  ])('with the arguments %j have %s', (written, expected) => {
    expect(contentOf([done(0, call(written))])).toEqual([called(expected)]);
  });

  it('get an id where they have none, or another one’s', () => {
    const ids = contentOf([done(0, call('{}')), done(1, call('{}')), done(2, call('{}', { call_id: '' }))]).map(
      (part) => (part.type === 'tool-call' ? part.id : ''),
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids.slice(1).every((id) => /^call_[A-Za-z0-9]{24}$/.test(id))).toBe(true);
  });

  it('whose name comes at the end are read', () => {
    expect(contentOf([added(0, call('', { name: '' })), wrote('{}'), done(0, call('{}'))])).toEqual([called('{}')]);
    expect(contentOf([wrote('{}'), done(0, call('{}'))])).toEqual([called('{}')]);
  });

  it.each([
    ['broken arguments', [done(0, call('{"a":'))], 'malformed_tool_arguments'],
    [
      'arguments that are no object',
      [added(0, call('')), wrote('[1]'), done(0, call('[1]'))],
      'malformed_tool_arguments',
    ],
    ['no name', [wrote('{}')], 'malformed_tool_call'],
  ])('with %s break the stream', (_, events, cause) => {
    const { steps, parts, state } = decodeText(streamOf(events));
    expect(steps.find(({ kind }) => kind === 'failure')?.failure).toMatchObject({ class: 'protocol', cause });
    expect([isWhole(parts), state.complete]).toEqual([false, false]);
  });

  const cut = { id: 'resp_1', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  const length = { reason: 'length', native: 'max_output_tokens', stopSequence: null };

  it.each([
    ['that say so', { status: 'incomplete' }, '{"a":"b'],
    ['whose answer alone says so', {}, '{"a":"b'],
    ['that say to be whole', { status: 'completed' }, '{"a":"b'],
    ['that are no object yet', { status: 'incomplete' }, 'nul'],
  ])('cut off by the bound of the output, %s, have what there is', (_, more, written) => {
    const item = call(written, more);
    const end = { type: 'response.incomplete', response: { ...cut, output: [item] } };
    const streams = [[added(0, call('')), wrote(written), done(0, item)], [done(0, item)], []];
    for (const events of streams) {
      const { steps, parts, state } = decodeText(streamOf(events, end));
      expect(steps.map(({ kind }) => kind)).not.toContain('failure');
      expect(assemble(parts)).toMatchObject({ content: [called(written)], finish: length });
      expect(state.complete).toBe(true);
    }
    expect(decodeAnswer(Buffer.from(JSON.stringify({ ...cut, output: [item] })))).toMatchObject({
      ok: true,
      value: { content: [called(written)], finish: length },
    });
  });

  it('cut off in an answer that says to be whole do not wait for results', () => {
    const { parts } = decodeText(streamOf([done(0, call('{"a":"b', { status: 'incomplete' }))]));
    expect(assemble(parts)).toMatchObject({ content: [called('{"a":"b')], finish: { reason: 'length' } });
  });

  it('of a tool that takes any text have it as their one argument', () => {
    const { content } = assemble(
      decodeChunks(recordedStream('recordings/responses/openai-custom-tool.1.chunks.txt')).parts,
    );
    expect(content).toEqual([
      called('{"input":"SELECT * FROM users WHERE age > 25"}', 'call_custom_sql_001', 'write_sql'),
    ]);
  });

  it('several in one of a wrapper are calls of their own', () => {
    const lines = recordedStream('recordings/responses/parallel-tool-call-wrapper.1.chunks.txt')
      .toString()
      .split('\n\n');
    const { parts } = decodeText(
      `${streamOf([], null)}${lines.slice(1, 5).join('\n\n')}\n\n${streamOf([]).split('\n\n')[1]}\n\n`,
    );
    expect(assemble(parts).content).toEqual([
      called('{"location":"San Francisco"}', 'call_parallel_0', 'weather'),
      called('{"city":"Rome"}', 'call_parallel_1', 'cityAttractions'),
    ]);
  });

  it('of a tool that is really called like a wrapper are its own', () => {
    expect(
      contentOf([
        added(0, call('', { name: 'parallel' })),
        wrote('{"a":1}'),
        done(0, call('{"a":1}', { name: 'parallel' })),
      ]),
    ).toEqual([called('{"a":1}', 'c1', 'parallel')]);
  });

  it('of the vendor’s own tools are passed over', () => {
    expect(contentOf([done(0, { type: 'web_search_call', id: 'ws_1' }), done(1, message('a'))])).toEqual([text('a')]);
  });
});

describe('the end', () => {
  it.each([
    [
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      },
      'length',
      'max_output_tokens',
    ],
    [
      { type: 'response.incomplete', response: { incomplete_details: { reason: 'content_filter' } } },
      'content-filter',
      'content_filter',
    ],
    [{ type: 'response.incomplete', response: {} }, 'unknown', 'incomplete'],
    [
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'constructor' } },
      },
      'unknown',
      'constructor',
    ],
    [{ type: 'response.completed', response: { status: 'completed' } }, 'stop', 'completed'],
    [{ type: 'response.completed' }, 'stop', null],
  ])('%j is told as %s', (end, reason, native) => {
    expect(assemble(decodeText(streamOf([done(0, message('a'))], end)).parts).finish).toEqual({
      reason,
      native,
      stopSequence: null,
    });
  });

  it('belongs to one answer: what follows is passed over', () => {
    const { parts, state } = decodeChunks(
      recordedStream('recordings/responses/openai-reasoning-encrypted-content.1.chunks.txt'),
    );
    expect(assemble(parts).content).toMatchObject([{ type: 'thinking' }, { type: 'tool-call', name: 'calculator' }]);
    expect(state.complete).toBe(true);
  });

  it.each([
    [{ type: 'error', error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'no' } }, 'operator'],
    [{ type: 'error', code: 'rate_limit_exceeded', message: 'slow', param: null }, 'quota'],
    [
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'oops' } } },
      'transient',
    ],
    [
      { type: 'response.failed', response: { status: 'failed', error: { code: 'invalid_prompt', message: 'no' } } },
      'content_policy',
    ],
    [{ type: 'response.failed', response: null }, 'transient'],
    [{ error: { message: 'down', code: 503 } }, 'transient'],
  ])('%j is a failure, and nothing more is read', (event, failureClass) => {
    const { steps, parts, state } = decodeText(streamOf([done(0, message('a')), event, done(1, message('b'))]));
    expect(steps.find(({ kind }) => kind === 'failure')?.failure?.class).toBe(failureClass);
    expect(parts.filter(({ type }) => type === 'text-delta')).toHaveLength(1);
    expect([isWhole(parts), state.complete]).toEqual([false, false]);
  });
});
