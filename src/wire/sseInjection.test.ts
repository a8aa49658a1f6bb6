// Whatever a model writes, and whatever it calls things: an event stays one event.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerPart } from '../vocabulary/index.ts';
import { encodeAll, eventsOf, frame } from './codec/answers.fixture.ts';
import { clientWires } from './matchRoute.ts';
import type { ClientError } from './wire.ts';

/** Text in which what ends lines and events is frequent. */
const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\r\n\r\n',
      '\n\ndata: {"choices":[]}\n\n',
      '\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
      'event: error\n',
      'data: [DONE]\n\n',
      'id: 1\n',
      ':',
      '\0',
      '\u0085',
      '\u2028',
      '\u2029',
      '"',
      '\\',
      '\ud800',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 12,
});

interface Said {
  readonly id: string;
  readonly model: string;
  readonly texts: readonly string[];
  readonly thought: string;
  readonly call: string;
  readonly tool: string;
  readonly stop: string;
}

const said: fc.Arbitrary<Said> = fc.record({
  id: hostileText,
  model: hostileText,
  texts: fc.array(hostileText, { minLength: 1, maxLength: 4 }),
  thought: hostileText,
  call: hostileText,
  tool: hostileText,
  stop: hostileText,
});

/** The same said in letters: each text as long as it was. */
const harmless = ({ texts, ...rest }: Said): Said => {
  const letters = (text: string): string => 'a'.repeat(text.length);
  const { id, model, thought, call, tool, stop } = rest;
  return {
    id: letters(id),
    model: letters(model),
    texts: texts.map(letters),
    thought: letters(thought),
    call: letters(call),
    tool: letters(tool),
    stop: letters(stop),
  };
};

const partsOf = ({ id, model, texts, thought, call, tool, stop }: Said): readonly AnswerPart[] => [
  { type: 'answer-start', id, model },
  { type: 'thinking-start', block: 0 },
  { type: 'thinking-delta', block: 0, text: thought },
  { type: 'thinking-end', block: 0, seal: null },
  { type: 'text-start', block: 1 },
  ...texts.map((text): AnswerPart => ({ type: 'text-delta', block: 1, text })),
  { type: 'text-end', block: 1 },
  { type: 'tool-call-start', block: 2, id: call, name: tool },
  { type: 'tool-call-delta', block: 2, arguments: JSON.stringify({ [tool]: thought }) },
  { type: 'tool-call-end', block: 2 },
  { type: 'finish', finish: { reason: 'tool-calls', native: stop, stopSequence: stop } },
  { type: 'answer-end' },
];

/** Lines of a stream as the protocol has them: names of ours, and JSON. */
const expectOwnLines = (text: string): void => {
  expect(text).not.toMatch(/[\r\0]/);
  for (const line of text.split('\n')) {
    if (line === '' || line === 'data: [DONE]') continue;
    expect(line).toMatch(/^(?:event: [a-z_.]+|data: \{[^]*\})$/);
    if (line.startsWith('data: ')) JSON.parse(line.slice(6));
  }
};

const clients = [...clientWires.values()];

describe.each(clients.map((wire) => [wire.name, wire] as const))('a stream in the words of %s', (_, wire) => {
  const written = (what: Said): string => encodeAll(wire.codec.encodeStream(frame), partsOf(what));

  it('has the same events whatever a model writes, is called, or calls [A28]', () => {
    fc.assert(
      fc.property(said, (what) => {
        const text = written(what);
        expectOwnLines(text);
        expect(eventsOf(text).map(({ event }) => event)).toEqual(
          eventsOf(written(harmless(what))).map(({ event }) => event),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('has one event more for an error, whatever its words are [A28]', () => {
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, (message, code, requestId) => {
        const error: ClientError = { code, status: 502, message, requestId, parameter: message };
        const text = Buffer.from(wire.streamError(error)).toString();
        expectOwnLines(text);
        expect(eventsOf(text)).toHaveLength(1);
      }),
    );
  });
});

it('control: words that are written as they stand make events of their own', () => {
  const naive = (words: string): string => `data: ${words}\n\n`;
  const samples = fc.sample(hostileText, 200);
  expect(samples.some((words) => eventsOf(naive(words)).length > 1)).toBe(true);
});
