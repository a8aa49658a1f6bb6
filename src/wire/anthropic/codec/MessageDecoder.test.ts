import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../../vocabulary/index.ts';
import {
  assemble as answerOf,
  decodeAll,
  eventsOf,
  isWhole,
  withParsedArguments,
} from '../../codec/answers.fixture.ts';
import { isJsonObject, objectIn } from '../../json/JsonObject.ts';
import {
  cutAt,
  eventsIn,
  factsFor,
  fixtureBytes,
  fixtureJson,
  observeAll,
  recordedStream,
  streamsOf,
} from '../../recordings.fixture.ts';
import { anthropicWire } from '../anthropicWire.ts';
import { MessageDecoder } from './MessageDecoder.ts';

const facts = factsFor(anthropicWire, 'generate', { model: 'm', max_tokens: 9, messages: [], stream: true });
const broken = ['spliced', 'duplicate'].map((kind) => `recordings/anthropic/${kind}-message-start.chunks.txt`);
const streams = streamsOf('anthropic');

const caseParts = (name: string) => decodeAll(new MessageDecoder(), eventsIn(fixtureBytes(`cases/${name}`)));
const assemble = (parts: readonly AnswerPart[]) => ({ answer: answerOf(parts), whole: isWhole(parts) });
const event = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;
const partsOf = (...bodies: object[]) => decodeAll(new MessageDecoder(), eventsOf(bodies.map(event).join('')));

const start = { type: 'message_start', message: { id: 'a', model: 'm', usage: { input_tokens: 5, output_tokens: 1 } } };
const open = (index: number, block: object) => ({ type: 'content_block_start', index, content_block: block });
const write = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta });
const close = (index: number) => ({ type: 'content_block_stop', index });
const end = (delta: object = { stop_reason: 'end_turn' }) => ({
  type: 'message_delta',
  delta,
  usage: { output_tokens: 7 },
});
const stop = { type: 'message_stop' };

describe('MessageDecoder', () => {
  it('has recorded streams to read', () => {
    expect(streams.length).toBeGreaterThan(15);
  });

  it.each(streams)(
    'reads %s into parts that keep their grammar, and judges its events as if they passed untouched',
    (path) => {
      const events = eventsIn(recordedStream(path));
      const decoder = new MessageDecoder();
      const steps = events.map((one) => decoder.decode(one));
      const { answer, whole } = assemble(steps.flatMap((step) => step.parts));
      const observed = observeAll(anthropicWire, facts, events);
      expect(steps).toEqual(observed.steps.map((step, index) => ({ ...step, parts: steps[index]?.parts })));
      expect(decoder.state).toEqual(observed.end);
      expect(whole).toBe(!broken.includes(path));
      expect(whole).toBe(observed.end.complete);
      if (!whole) return;
      expect(answer.usage).toEqual(observed.end.usage);
      expect(answer.model).not.toBe('');
      expect(answer.finish.reason).not.toBe('unknown');
      for (const part of answer.content) {
        if (part.type === 'tool-call') expect(isJsonObject(JSON.parse(part.arguments))).toBe(true);
      }
    },
  );

  it.each(streams)('reads %s the same however its bytes are split', (path) => {
    const bytes = recordedStream(path);
    const whole = decodeAll(new MessageDecoder(), eventsIn(bytes));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (offsets) => {
        expect(decodeAll(new MessageDecoder(), eventsIn(...cutAt(bytes, offsets)))).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('numbers parallel calls one after the other (case 01)', () => {
    const { answer } = assemble(caseParts('01-anthropic-parallel-tool-index.upstream.sse'));
    expect(withParsedArguments(answer.content)).toEqual([
      { type: 'text', text: 'To answer, I need to call twice.' },
      { type: 'tool-call', id: 'toolu_A', name: 'get_weather', arguments: { city: 'Boston' } },
      { type: 'tool-call', id: 'toolu_B', name: 'get_weather', arguments: { city: 'Los Angeles' } },
    ]);
    expect(answer.finish.reason).toBe('tool-calls');
    expect(answer.usage).toEqual({ input: 390, output: 110, requests: 1 });
  });

  it('gives a call without arguments the one piece "{}" (case 05)', () => {
    expect(
      caseParts('05-noarg-tool-empty-string.upstream.sse').filter((part) => part.type === 'tool-call-delta'),
    ).toEqual([{ type: 'tool-call-delta', block: 0, arguments: '{}' }]);
  });

  it('says nothing of an end after an error inside the stream (case 07)', () => {
    const events = eventsIn(fixtureBytes('cases/07-anthropic-midstream-error.upstream.sse'));
    const decoder = new MessageDecoder();
    const steps = events.map((one) => decoder.decode(one));
    const { answer, whole } = assemble(steps.flatMap((step) => step.parts));
    expect(answer.content).toEqual([{ type: 'text', text: 'Partial ans' }]);
    expect(whole).toBe(false);
    expect(steps.at(-1)).toMatchObject({ kind: 'failure', failure: { cause: 'overloaded' }, parts: [] });
    expect(caseParts('07-anthropic-midstream-error.upstream-before-content.sse').map(({ type }) => type)).toEqual([
      'answer-start',
    ]);
  });

  it('stops where a second message is spliced in (case 11)', () => {
    const first = fixtureBytes('cases/11-midstream-error-replayed.upstream1.sse');
    const second = fixtureBytes('cases/11-midstream-error-replayed.upstream2.sse');
    const { answer, whole } = assemble(decodeAll(new MessageDecoder(), eventsIn(first, second)));
    expect(answer.content).toEqual([{ type: 'text', text: 'Hello wor' }]);
    expect(whole).toBe(false);
  });

  it.each(['a', 'b', 'c', 'd'])('replaces and never adds what is told of usage (case 15 %s)', (variant) => {
    const { answer } = assemble(caseParts(`15-message-delta-usage-merge.upstream-${variant}.sse`));
    const expected = objectIn(
      objectIn(
        objectIn(fixtureJson('cases/15-message-delta-usage-merge.case.json') as object as never, 'expected'),
        'variants',
      ),
      `upstream-${variant}`,
    );
    expect({
      input: answer.usage?.input ?? 0,
      cacheWrite: (answer.usage?.cacheWrite5m ?? 0) + (answer.usage?.cacheWrite1h ?? 0),
      cacheRead: answer.usage?.cacheRead ?? 0,
      output: answer.usage?.output ?? 0,
    }).toEqual({
      input: expected?.['input'],
      cacheWrite: expected?.['cacheWrite'],
      cacheRead: expected?.['cacheRead'],
      output: expected?.['output'],
    });
  });

  it('keeps the signature of thinking and the data of redacted thinking bit for bit (case 19)', () => {
    const { answer } = assemble(caseParts('19-signature-delta-lost.upstream.sse'));
    expect(answer.content).toEqual([
      { type: 'thinking', text: 'Greeting.', seal: { wire: 'anthropic', value: 'ErUBc2lnbmF0dXJlLXRlc3Q=' } },
      { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'EmwKAhgBopaque' } },
      { type: 'text', text: 'Hello' },
    ]);
  });

  it('tells of thinking that is hidden by its seal only, and of empty blocks not at all', () => {
    const { answer } = assemble(
      partsOf(
        start,
        open(0, { type: 'thinking', thinking: '', signature: '' }),
        write(0, { type: 'signature_delta', signature: 'sig' }),
        close(0),
        open(1, { type: 'thinking', thinking: '', signature: '' }),
        close(1),
        open(2, { type: 'text', text: '' }),
        close(2),
        open(3, { type: 'text', text: 'a' }),
        close(3),
        end(),
        stop,
      ),
    );
    expect(answer.content).toEqual([
      { type: 'thinking', text: '', seal: { wire: 'anthropic', value: 'sig' } },
      { type: 'text', text: 'a' },
    ]);
  });

  it('takes arguments that come whole with the start of the call', () => {
    const { answer } = assemble(
      partsOf(start, open(0, { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }), close(0), end(), stop),
    );
    expect(answer.content).toEqual([{ type: 'tool-call', id: 't', name: 'f', arguments: '{"a":1}' }]);
  });

  it('leaves the vendor’s own tools out and counts their bytes', () => {
    const decoder = new MessageDecoder();
    const bodies = [
      start,
      open(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      write(0, { type: 'input_json_delta', partial_json: '{"q":1}' }),
      close(0),
      open(1, { type: 'text', text: '' }),
      write(1, { type: 'text_delta', text: 'a' }),
      close(1),
      end(),
      stop,
    ];
    const { answer } = assemble(decodeAll(decoder, eventsOf(bodies.map(event).join(''))));
    expect(answer.content).toEqual([{ type: 'text', text: 'a' }]);
    expect(decoder.state.outputBytes).toBe(8);
  });

  it('tells the vendor’s reasons for a refusal', () => {
    const parts = decodeAll(
      new MessageDecoder(),
      eventsIn(recordedStream('recordings/anthropic/anthropic-refusal.chunks.txt')),
    );
    const { answer } = assemble(parts);
    expect(answer.content).toEqual([{ type: 'refusal', text: expect.stringMatching(/^This request triggered/) }]);
    expect(answer.finish).toEqual({ reason: 'content-filter', native: 'refusal', stopSequence: null });
  });

  it('makes up for starts and ends that a relay leaves out', () => {
    const { answer, whole } = assemble(
      partsOf(
        { type: 'content_block_delta', delta: { type: 'text_delta', text: 'a' } },
        start,
        open(1, { type: 'tool_use', id: 't', name: 'f', input: {} }),
        write(1, { type: 'input_json_delta', partial_json: '{}' }),
        end({ stop_reason: 'tool_use' }),
        stop,
      ),
    );
    expect(whole).toBe(true);
    expect(answer.content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'tool-call', id: 't', name: 'f', arguments: '{}' },
    ]);
  });

  it('calls an end without a known reason unknown, never a plain stop (case 25)', () => {
    expect(assemble(partsOf(start, end({ stop_reason: 'tea_break' }), stop)).answer.finish).toEqual({
      reason: 'unknown',
      native: 'tea_break',
      stopSequence: null,
    });
    expect(assemble(partsOf(start, stop)).answer.finish.reason).toBe('unknown');
  });

  it('ends no answer that did not say its last word', () => {
    expect(assemble(partsOf(start, open(0, { type: 'text', text: 'a' }), close(0), end())).whole).toBe(false);
    expect(assemble(partsOf(stop)).whole).toBe(false);
    expect(partsOf(start, stop, open(0, { type: 'text', text: 'late' })).at(-1)).toEqual({ type: 'answer-end' });
  });

  it('keeps the grammar of parts whatever a vendor sends, and never throws', () => {
    const index = fc.constantFrom(0, 1, 2, undefined, -1);
    const block = fc.constantFrom(
      { type: 'text', text: '' },
      { type: 'text', text: 'x' },
      { type: 'thinking', thinking: '' },
      { type: 'tool_use', id: 't', name: 'f', input: {} },
      { type: 'tool_use' },
      { type: 'redacted_thinking', data: 'd' },
      { type: 'hologram' },
      null,
    );
    const delta = fc.constantFrom(
      { type: 'text_delta', text: 'y' },
      { type: 'thinking_delta', thinking: 'z' },
      { type: 'signature_delta', signature: 's' },
      { type: 'input_json_delta', partial_json: '{}' },
      { type: 'text_delta', text: 7 },
      {},
    );
    const body = fc.oneof(
      { weight: 4, arbitrary: fc.record({ type: fc.constant('content_block_start'), index, content_block: block }) },
      { weight: 6, arbitrary: fc.record({ type: fc.constant('content_block_delta'), index, delta }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('content_block_stop'), index }) },
      fc.constantFrom<object>(start, stop, end(), { type: 'ping' }, { type: 'error', error: { type: 'api_error' } }),
    );
    fc.assert(
      fc.property(fc.array(body, { maxLength: 14 }), (bodies) => {
        const decoder = new MessageDecoder();
        const { whole } = assemble(decodeAll(decoder, eventsOf([start, ...bodies].map(event).join(''))));
        if (decoder.state.complete) expect(whole).toBe(true);
        else expect(typeof whole).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });
});
