// Answers as the tests of this codec make, stream and read them.
import fc from 'fast-check';

import type { Answer, AnswerContent, AnswerPart, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import { assemble, encodeAll, frame, someCall, someWords } from '../../codec/answers.fixture.ts';
import type { AnswerFrame, DecodedStep } from '../../codec/Codec.ts';
import { eventsIn, factsFor } from '../../recordings.fixture.ts';
import type { StreamState } from '../../wire.ts';
import { openaiWire } from '../openaiWire.ts';
import { ChatDecoder } from './ChatDecoder.ts';
import { ChatEncoder } from './ChatEncoder.ts';

export interface DecodedStream {
  readonly steps: readonly DecodedStep[];
  /** Of all events and of the end of the connection. */
  readonly parts: readonly AnswerPart[];
  readonly closing: readonly AnswerPart[];
  readonly state: StreamState;
}

const facts = factsFor(openaiWire, 'generate', { model: 'm', messages: [], stream: true });

/** Decodes a stream that arrives in these chunks and then ends. */
export const decodeChunks = (...chunks: Uint8Array[]): DecodedStream => {
  const decoder = new ChatDecoder(facts);
  const steps = eventsIn(...chunks).map((event) => decoder.decode(event));
  const closing = decoder.closing();
  return { steps, parts: [...steps.flatMap(({ parts }) => parts), ...closing], closing, state: decoder.state };
};

export const decodeText = (text: string): DecodedStream => decodeChunks(Buffer.from(text));

/** A stream of chunks with these deltas; a finish reason follows where one is given. */
export const streamOf = (
  deltas: readonly unknown[],
  finish: string | null = 'stop',
  end = 'data: [DONE]\n\n',
): string =>
  [...deltas.map((delta) => [delta, null]), ...(finish === null ? [] : [[{}, finish]])]
    .map(([delta, reason]) => ({
      id: 'a',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: reason }],
    }))
    .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
    .join('') + end;

/** A delta with a piece of a call. */
export const callDelta = (index: number | undefined, more: object, args?: unknown): object => ({
  tool_calls: [{ index, ...more, function: { ...('name' in more ? { name: more.name } : {}), arguments: args } }],
});

/** What an answer of these deltas holds. */
export const contentOf = (deltas: readonly unknown[], finish = 'stop'): readonly AnswerContent[] =>
  assemble(decodeText(streamOf(deltas, finish)).parts).content;

export const typesOf = (parts: readonly AnswerPart[]): readonly string[] => parts.map(({ type }) => type);

/** What a client of this wire reads. */
export const encodeParts = (parts: readonly AnswerPart[], changes: Partial<AnswerFrame> = {}): string =>
  encodeAll(new ChatEncoder({ ...frame, ...changes }), parts);

const seal: fc.Arbitrary<Seal> = fc.record({
  wire: fc.constantFrom('anthropic', 'gemini', 'openai', 'some-format-v1'),
  value: fc.base64String({ minLength: 1 }),
});
const thinking: fc.Arbitrary<AnswerContent> = fc.oneof(
  fc.record({ type: fc.constant('thinking' as const), text: someWords, seal: fc.option(seal) }),
  fc.record({ type: fc.constant('thinking' as const), text: fc.constant(''), seal }),
  fc.record({ type: fc.constant('redacted-thinking' as const), seal }),
);
const usage: fc.Arbitrary<Usage> = fc.record({
  input: fc.nat(),
  cacheRead: fc.nat(),
  cacheWrite5m: fc.nat(),
  inputAudio: fc.nat(),
  inputImage: fc.nat(),
  output: fc.nat(),
  reasoning: fc.nat(),
  outputAudio: fc.nat(),
  outputImage: fc.nat(),
});

const usageKept = (buckets: Usage): Usage => ({
  ...Object.fromEntries(Object.entries(buckets).filter(([, units]) => units > 0)),
  requests: 1,
});

const finishFor = (hasCalls: boolean, hasText: boolean): fc.Arbitrary<Finish> =>
  fc
    .constantFrom(
      ...(hasCalls
        ? [['tool-calls', 'tool_calls'] as const, ['length', 'length'] as const]
        : [
            ['stop', 'stop'] as const,
            ['length', 'length'] as const,
            // With text it comes back as a refusal too.
            ...(hasText ? [] : [['content-filter', 'content_filter'] as const]),
          ]),
    )
    .chain(([reason, word]) =>
      fc.constantFrom(word, `a_${word}`).map((native) => ({ reason, native, stopSequence: null })),
    );

/** Answers that this wire has words for: thinking, then one text, a refusal, calls. */
export const answers: fc.Arbitrary<Answer> = fc
  .record({
    thinking: fc.array(thinking, { maxLength: 3 }),
    text: fc.option(someWords),
    refusal: fc.option(someWords),
    calls: fc.uniqueArray(someCall, { maxLength: 3, selector: ({ id }) => id }),
    usage: fc.option(usage.map(usageKept)),
  })
  .chain(({ text, refusal, calls, usage: told, ...rest }) => {
    const content: AnswerContent[] = [
      ...rest.thinking,
      ...(text === null ? [] : [{ type: 'text', text } as const]),
      ...(refusal === null ? [] : [{ type: 'refusal', text: refusal } as const]),
      ...calls,
    ];
    return fc.record({
      id: fc.constant('answer-1'),
      model: fc.constant('m-1'),
      content: fc.constant(content),
      finish: finishFor(calls.length > 0, text !== null && refusal === null),
      usage: fc.constant(told),
    });
  });
