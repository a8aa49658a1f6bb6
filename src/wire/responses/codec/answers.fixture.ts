// Answers as the tests of this codec make, stream and read them.
import fc from 'fast-check';

import type { Answer, AnswerContent, AnswerPart, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import { assemble, encodeAll, frame, someCall, someWords } from '../../codec/answers.fixture.ts';
import type { AnswerFrame, DecodedStep } from '../../codec/Codec.ts';
import { eventsIn } from '../../recordings.fixture.ts';
import type { StreamState } from '../../wire.ts';
import { ResponseDecoder } from './ResponseDecoder.ts';
import { ResponseEncoder } from './ResponseEncoder.ts';

export interface DecodedStream {
  readonly steps: readonly DecodedStep[];
  readonly parts: readonly AnswerPart[];
  readonly state: StreamState;
}

/** Decodes a stream that arrives in these chunks and then ends. */
export const decodeChunks = (...chunks: Uint8Array[]): DecodedStream => {
  const decoder = new ResponseDecoder();
  const steps = eventsIn(...chunks).map((event) => decoder.decode(event));
  return { steps, parts: [...steps.flatMap(({ parts }) => parts), ...decoder.closing()], state: decoder.state };
};

export const decodeText = (text: string): DecodedStream => decodeChunks(Buffer.from(text));

/** A stream of these events; each is named by its type, and a response with no output ends it unless said. */
export const streamOf = (
  events: readonly object[],
  end: object | null = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
): string =>
  [{ type: 'response.created', response: { id: 'resp_1', model: 'm', output: [] } }, ...events, end]
    .filter((event) => event !== null)
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .join('');

/** What an answer of these events holds. */
export const contentOf = (events: readonly object[], end?: object | null): readonly AnswerContent[] =>
  assemble(decodeText(streamOf(events, end)).parts).content;

/** What a client of this wire reads. */
export const encodeParts = (parts: readonly AnswerPart[], changes: Partial<AnswerFrame> = {}): string =>
  encodeAll(new ResponseEncoder({ ...frame, ...changes }), parts);

const seal: fc.Arbitrary<Seal> = fc.record({
  wire: fc.constantFrom('anthropic', 'gemini', 'responses'),
  value: fc.base64String({ minLength: 1 }),
});

const thinking: fc.Arbitrary<AnswerContent> = fc.oneof(
  fc.record({ type: fc.constant('thinking' as const), text: someWords, seal: fc.option(seal) }),
  fc.record({ type: fc.constant('redacted-thinking' as const), seal }),
);
const words: fc.Arbitrary<AnswerContent> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: someWords }),
  fc.record({ type: fc.constant('refusal' as const), text: someWords }),
);

const usage: fc.Arbitrary<Usage> = fc
  .record({
    input: fc.nat(),
    cacheRead: fc.nat(),
    cacheWrite5m: fc.nat(),
    output: fc.nat(),
    reasoning: fc.nat(),
  })
  .map((buckets) => ({
    ...Object.fromEntries(Object.entries(buckets).filter(([, units]) => units > 0)),
    requests: 1,
  }));

const finishes = (hasCalls: boolean): fc.Arbitrary<Finish> =>
  fc
    .constantFrom(
      hasCalls ? (['tool-calls', 'completed'] as const) : (['stop', 'completed'] as const),
      ['length', 'max_output_tokens'] as const,
      ['content-filter', 'content_filter'] as const,
    )
    .map(([reason, native]) => ({ reason, native, stopSequence: null }));

/** Answers that this wire has words for, in any order. */
export const answers: fc.Arbitrary<Answer> = fc
  .record({
    content: fc.array(fc.oneof(thinking, words, someCall), { maxLength: 6 }).filter((content) => {
      const ids = content.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
      return new Set(ids).size === ids.length;
    }),
    usage: fc.option(usage),
  })
  .chain(({ content, usage: told }) =>
    fc.record({
      id: fc.constant('resp_1'),
      model: fc.constant('m-1'),
      content: fc.constant(content),
      finish: finishes(content.some(({ type }) => type === 'tool-call')),
      usage: fc.constant(told),
    }),
  );

/** An answer without the ids of its seals, which each telling makes anew. */
export const withoutSealIds = (answer: Answer): Answer => ({
  ...answer,
  content: answer.content.map((part) => {
    if (!('seal' in part) || part.seal === null || part.seal === undefined) return part;
    const { wire, value } = part.seal;
    return { ...part, seal: { wire, value } };
  }),
});
