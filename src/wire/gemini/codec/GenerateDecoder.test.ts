import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Answer, AnswerPart } from '../../../vocabulary/index.ts';
import {
  assemble,
  decodeAll,
  eventsOf,
  frame,
  isWhole,
  streamed,
  withParsedArguments,
} from '../../codec/answers.fixture.ts';
import {
  fixtureBytes,
  fixtureJson,
  eventsIn,
  recordedAnswer,
  recordedStream,
  streamsOf,
} from '../../recordings.fixture.ts';
import { answers } from './answers.fixture.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { GenerateDecoder } from './GenerateDecoder.ts';
import { GenerateEncoder } from './GenerateEncoder.ts';
import { sealOf } from './sealOf.ts';

const partsOf = (...chunks: unknown[]): AnswerPart[] =>
  decodeAll(new GenerateDecoder(), eventsOf(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')));
const chunk = (parts: object[], more: object = {}) => ({
  candidates: [{ content: { parts, role: 'model' }, ...more }],
});
const stop = { finishReason: 'STOP' };
const contentOf = (...chunks: unknown[]): unknown => assemble(partsOf(...chunks)).content;
const recorded = (path: string): Answer => assemble(decodeAll(new GenerateDecoder(), eventsIn(recordedStream(path))));
const argumentsIn = ({ content }: Answer): unknown[] =>
  content.flatMap((part) =>
    part.type === 'tool-call' ? [[part.name, JSON.parse(part.arguments), part.seal !== undefined]] : [],
  );
const wholeOf = (path: string): Answer => {
  const decoded = decodeAnswer(recordedAnswer(path).body);
  if (!decoded.ok) throw new Error(decoded.fault.cause);
  return decoded.value;
};

describe('GenerateDecoder', () => {
  it('reads what the encoder writes', () => {
    fc.assert(
      fc.property(streamed(answers), ({ answer, parts }) => {
        const read = assemble(decodeAll(new GenerateDecoder(), eventsOf(new GenerateEncoder(frame).encode(parts))));
        expect({ ...read, content: withParsedArguments(read.content) }).toEqual({
          ...answer,
          content: withParsedArguments(answer.content),
        });
      }),
    );
  });

  it.each(streamsOf('google'))(
    'keeps the grammar of parts in %s, cut after any event, and ends only if it is whole',
    (path) => {
      const events = eventsIn(recordedStream(path));
      for (let length = 0; length <= events.length; length++) {
        const decoder = new GenerateDecoder();
        const parts = decodeAll(decoder, events.slice(0, length));
        if (parts.length > 0) assemble(parts);
        expect(isWhole(parts)).toBe(decoder.state.complete);
        expect(isWhole(parts)).toBe(length === events.length);
      }
    },
  );

  it('reads calls that come whole, in pieces, without arguments, and without the mark of their end', () => {
    expect(argumentsIn(recorded('recordings/google/google-tool-call-gemini3.chunks.txt'))).toEqual([
      ['weather', { location: 'San Francisco' }, true],
    ]);
    expect(argumentsIn(recorded('recordings/google/google-stream-tool-call-arguments.chunks.txt'))).toEqual([
      ['getWeather', { location: 'Boston' }, true],
      ['getWeather', { location: 'San Francisco' }, false],
    ]);
    expect(argumentsIn(recorded('recordings/google/google-stream-no-args-tool-call.chunks.txt'))).toEqual([
      ['read_theme', {}, true],
      ['read_screen', { id: 'A' }, false],
      ['read_screen', { id: 'B' }, false],
      ['read_screen', { id: 'C' }, false],
    ]);
    const missing = 'google-stream-tool-call-array-arguments-missing-terminal-function-call.chunks.txt';
    expect(argumentsIn(recorded(`recordings/google/${missing}`))).toEqual([
      [
        'writeItems',
        {
          operations: [
            { action: 'add', description: 'Fresh red apple', itemid: 'apple_001', price: 0.5 },
            { action: 'add', description: 'Ripe yellow banana', itemid: 'banana_001', price: 0.3 },
          ],
        },
        true,
      ],
    ]);
  });

  it('says that a stop after calls asks for their results', () => {
    expect(recorded('recordings/google/google-tool-call-gemini3.chunks.txt').finish).toEqual({
      reason: 'tool-calls',
      native: 'STOP',
      stopSequence: null,
    });
  });

  it('reads thoughts apart from text, and the signature that comes between', () => {
    const { content } = recorded('recordings/google/thinking-stream.response.sse');
    expect(content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    expect(content[1]).toMatchObject({
      text: expect.stringMatching(/^This is a great question!.*might not see you\.$/s),
      seal: { wire: 'gemini' },
    });
  });

  it('puts a signature on the words that it came with, after them, or alone', () => {
    expect(contentOf(chunk([{ text: 'a' }]), chunk([{ text: '', thoughtSignature: 's' }], stop))).toEqual([
      { type: 'text', text: 'a', seal: sealOf('s') },
    ]);
    expect(contentOf(chunk([{ text: 'hm', thought: true, thoughtSignature: 's' }, { text: 'a' }], stop))).toEqual([
      { type: 'thinking', text: 'hm', seal: sealOf('s') },
      { type: 'text', text: 'a' },
    ]);
    expect(contentOf(chunk([{ thoughtSignature: 's' }], stop))).toEqual([
      { type: 'text', text: '', seal: sealOf('s') },
    ]);
  });

  it('takes the usage of the last chunk, also after the reason', () => {
    const parts = partsOf(
      { ...chunk([{ text: 'a' }]), usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } },
      chunk([{ text: '' }], stop),
      { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 } },
      { usageMetadata: { trafficType: 'ON_DEMAND' } },
    );
    expect(assemble(parts).usage).toEqual({ input: 3, output: 4, requests: 1 });
    expect(isWhole(parts)).toBe(true);
  });

  it('reads a blocked prompt as an answer of its own kind (case 25)', () => {
    const blocked = fixtureJson('cases/25-stop-reason-table.upstream-gemini-blocked.json');
    expect(assemble(partsOf(blocked))).toMatchObject({
      content: [],
      finish: { reason: 'content-filter', native: 'SAFETY' },
      usage: { input: 8, requests: 1 },
    });
    const explained = { promptFeedback: { blockReason: 'OTHER', blockReasonMessage: 'No.' } };
    expect(contentOf(explained)).toEqual([{ type: 'refusal', text: 'No.' }]);
  });

  it('reads recorded answers that hold nothing, and says why', () => {
    expect(wholeOf('recordings/google/max-tokens-empty.json')).toMatchObject({
      content: [],
      finish: { reason: 'length' },
    });
    expect(wholeOf('recordings/google/safety-block.json')).toMatchObject({
      content: [],
      finish: { reason: 'content-filter' },
    });
    expect(wholeOf('recordings/google/model-armor-block.json')).toMatchObject({
      content: [{ type: 'refusal', text: expect.stringContaining('violated Responsible AI Safety') }],
      finish: { reason: 'content-filter', native: 'MODEL_ARMOR' },
    });
  });

  it('passes over what only this vendor has, and other candidates', () => {
    const code = { executableCode: { code: '1' } };
    const other = { index: 1, content: { parts: [{ text: 'no' }] }, finishReason: 'STOP' };
    expect(
      contentOf({ candidates: [other, { index: 0, content: { parts: [code, { text: 'a' }] }, finishReason: 'STOP' }] }),
    ).toEqual([{ type: 'text', text: 'a' }]);
  });

  it('reads the recorded whole answer of a signed text', () => {
    expect(wholeOf('recordings/google/google-reasoning-gemini3.json').content).toMatchObject([
      { type: 'text', seal: { wire: 'gemini' } },
    ]);
  });

  it.each<[string, unknown[], string, string]>([
    ['arguments before any name', [chunk([{ functionCall: { args: { a: 1 } } }])], 'protocol', 'malformed_tool_call'],
    [
      'a piece without a place',
      [chunk([{ functionCall: { name: 'f', partialArgs: [{ jsonPath: '$.a[9]', stringValue: 'x' }] } }])],
      'protocol',
      'malformed_tool_arguments',
    ],
    [
      'an error',
      [{ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }],
      'quota',
      'overloaded',
    ],
    [
      'an error in a list',
      [[{ error: { code: 500, message: 'Internal', status: 'INTERNAL' } }]],
      'transient',
      'server_error',
    ],
    ['no JSON object', ['text'], 'protocol', 'undecodable_event'],
  ])('fails at %s, and takes nothing after it for an end', (_, chunks, failureClass, cause) => {
    const decoder = new GenerateDecoder();
    const events = eventsOf(
      [...chunks, chunk([{ text: 'a' }], stop)].map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''),
    );
    const steps = events.map((event) => decoder.decode(event));
    expect(steps[0]).toMatchObject({ kind: 'failure', parts: [], failure: { class: failureClass, cause } });
    expect(decoder.state.complete).toBe(false);
    expect(isWhole(decodeAll(decoder, []))).toBe(false);
  });

  it('never throws, whatever a vendor sends, and keeps the grammar of parts', () => {
    const name = fc.constantFrom(
      ...'candidates content parts text thought thoughtSignature functionCall name args partialArgs jsonPath stringValue willContinue finishReason index usageMetadata promptFeedback blockReason'.split(
        ' ',
      ),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.oneof(fc.constantFrom('STOP', '$.a', '$.a[0]', 'f', ''), fc.boolean(), fc.nat(3), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(name, tie('value'), { maxKeys: 5 }),
      ),
    }));
    const parts = fc.array(fc.dictionary(name, value, { maxKeys: 4 }), { maxLength: 4 });
    const chunks = fc.oneof(
      value,
      fc.tuple(parts, fc.boolean()).map(([said, ends]) => chunk(said, ends ? stop : {})),
    );
    fc.assert(
      fc.property(fc.array(chunks, { maxLength: 5 }), (all) => {
        const said = partsOf(...all);
        if (said.length > 0) expect(assemble(said).content).toBeInstanceOf(Array);
        expect(new GenerateEncoder(frame).encode(said)).toBeTypeOf('string');
        for (const one of all) decodeAnswer(Buffer.from(JSON.stringify(one)));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['{}', '{"usageMetadata":{"promptTokenCount":1}}', '[]', '"a"', 'x'])(
    'takes %s for no whole answer',
    (body) => {
      expect(decodeAnswer(Buffer.from(body))).toMatchObject({ ok: false, fault: { class: 'protocol' } });
    },
  );

  it('gives an Anthropic stream the arguments of a call that came whole (case 03, as parts)', () => {
    const bytes = fixtureBytes('cases/03-gemini-to-anthropic-args-dropped.upstream.sse');
    expect(assemble(decodeAll(new GenerateDecoder(), eventsIn(bytes)))).toMatchObject({
      content: [{ type: 'tool-call', name: 'add_numbers', arguments: '{"a":17,"b":25}' }],
      finish: { reason: 'tool-calls' },
      usage: { input: 50, output: 12, reasoning: 30 },
    });
  });
});
