// Answers as the tests of this codec make, stream and read them.
import fc from 'fast-check';

import type { Answer, AnswerContent, AnswerPart, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import type { AnswerFrame, DecodedStep } from '../../codec.ts';
import { eventsIn, factsFor } from '../../recordings.fixture.ts';
import type { StreamState } from '../../wire.ts';
import { openaiWire } from '../openaiWire.ts';
import { assembleContent } from './assembleContent.ts';
import { ChatDecoder } from './ChatDecoder.ts';
import { ChatEncoder } from './ChatEncoder.ts';

export const frame: AnswerFrame = {
  requestId: 'req_1',
  model: 'asked',
  createdAtS: 1_700_000_000,
  inputEstimateTokens: 12,
  usageAsked: true,
  showThinking: true,
};

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

/** The answer that these parts make. */
export const assemble = (parts: readonly AnswerPart[]): Answer => {
  const only = <Type extends AnswerPart['type']>(type: Type): Extract<AnswerPart, { type: Type }> | undefined =>
    parts.findLast((part): part is Extract<AnswerPart, { type: Type }> => part.type === type);
  return {
    id: only('answer-start')?.id ?? '',
    model: only('answer-start')?.model ?? '',
    content: assembleContent(parts),
    finish: only('finish')?.finish ?? { reason: 'unknown', native: 'missing', stopSequence: null },
    usage: only('usage')?.usage ?? null,
  };
};

/** An answer as parts, its words and arguments in pieces of at most `length` UTF-16 units. */
export const partsOf = (answer: Answer, length: number): readonly AnswerPart[] => [
  { type: 'answer-start', id: answer.id, model: answer.model },
  ...answer.content.flatMap((block, number) => blockParts(block, number, length)),
  ...(answer.usage === null ? [] : [{ type: 'usage', usage: answer.usage } as const]),
  { type: 'finish', finish: answer.finish },
  { type: 'answer-end' },
];

const blockParts = (content: AnswerContent, block: number, length: number): readonly AnswerPart[] => {
  switch (content.type) {
    case 'text':
      return [{ type: 'text-start', block }, ...deltas('text-delta', content.text), { type: 'text-end', block }];
    case 'refusal':
      return [
        { type: 'refusal-start', block },
        ...deltas('refusal-delta', content.text),
        { type: 'refusal-end', block },
      ];
    case 'thinking':
      return [
        { type: 'thinking-start', block },
        ...deltas('thinking-delta', content.text),
        { type: 'thinking-end', block, seal: content.seal },
      ];
    case 'redacted-thinking':
      return [{ ...content, block }];
    case 'tool-call':
      return [
        { type: 'tool-call-start', block, id: content.id, name: content.name },
        ...piecesOf(content.arguments, length).map(
          (piece) => ({ type: 'tool-call-delta', block, arguments: piece }) as const,
        ),
        { type: 'tool-call-end', block },
      ];
  }
  function deltas<Type extends 'text-delta' | 'refusal-delta' | 'thinking-delta'>(
    type: Type,
    text: string,
  ): { type: Type; block: number; text: string }[] {
    return piecesOf(text, length).map((piece) => ({ type, block, text: piece }));
  }
};

const piecesOf = (text: string, length: number): readonly string[] => {
  const letters = Array.from(text);
  return Array.from({ length: Math.ceil(letters.length / length) }, (_, index) =>
    letters.slice(index * length, (index + 1) * length).join(''),
  );
};

/** What a client of this wire reads. */
export const encodeParts = (parts: readonly AnswerPart[], changes: Partial<AnswerFrame> = {}): string => {
  const encoder = new ChatEncoder({ ...frame, ...changes });
  return parts.map((part) => encoder.encode([part])).join('');
};

const words = fc.string({ unit: 'grapheme', minLength: 1 });
const seal: fc.Arbitrary<Seal> = fc.record({
  wire: fc.constantFrom('anthropic', 'gemini', 'openai', 'some-format-v1'),
  value: fc.base64String({ minLength: 1 }),
});
const thinking: fc.Arbitrary<AnswerContent> = fc.oneof(
  fc.record({ type: fc.constant('thinking' as const), text: words, seal: fc.option(seal) }),
  fc.record({ type: fc.constant('thinking' as const), text: fc.constant(''), seal }),
  fc.record({ type: fc.constant('redacted-thinking' as const), seal }),
);
const call = fc.record({
  type: fc.constant('tool-call' as const),
  id: fc.uuid(),
  name: fc.stringMatching(/^[a-z_]{1,12}$/),
  arguments: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
});
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
    text: fc.option(words),
    refusal: fc.option(words),
    calls: fc.uniqueArray(call, { maxLength: 3, selector: ({ id }) => id }),
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
