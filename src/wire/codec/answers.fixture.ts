// Answers as the tests of all codecs make them, take them apart and put them together.
import fc from 'fast-check';

import type { Answer, AnswerContent, AnswerPart, Seal, ToolCallPart } from '../../vocabulary/index.ts';
import { eventsIn } from '../recordings.fixture.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { assembleContent } from './assembleContent.ts';
import type { AnswerFrame, StreamDecoder, StreamEncoder } from './Codec.ts';
import { PartGrammar } from './PartGrammar.ts';

export const frame: AnswerFrame = {
  requestId: '0199',
  model: 'asked',
  createdAtS: 1_700_000_000,
  inputEstimateTokens: 12,
  usageAsked: true,
  showThinking: true,
  tools: [],
  sealedAt: { boundary: 'v/main/-', model: 'm' },
};

export const eventsOf = (sse: string): SseEvent[] => eventsIn(Buffer.from(sse));

/** All parts of events and of the end of the connection. */
export const decodeAll = (decoder: StreamDecoder, events: readonly SseEvent[]): AnswerPart[] => [
  ...events.flatMap((event) => decoder.decode(event).parts),
  ...decoder.closing(),
];

/** Text of a stream whose parts come one by one. */
export const encodeAll = (encoder: StreamEncoder, parts: readonly AnswerPart[]): string =>
  parts.map((part) => encoder.encode([part])).join('');

export const isWhole = (parts: readonly AnswerPart[]): boolean => parts.at(-1)?.type === 'answer-end';

/** The answer that these parts make; throws where they break their grammar. */
export const assemble = (parts: readonly AnswerPart[]): Answer => {
  const grammar = new PartGrammar();
  for (const part of parts) grammar.check(part);
  const last = <Type extends AnswerPart['type']>(type: Type): Extract<AnswerPart, { type: Type }> | undefined =>
    parts.findLast((part): part is Extract<AnswerPart, { type: Type }> => part.type === type);
  return {
    id: last('answer-start')?.id ?? '',
    model: last('answer-start')?.model ?? '',
    content: assembleContent(parts),
    finish: last('finish')?.finish ?? { reason: 'unknown', native: 'missing', stopSequence: null },
    usage: last('usage')?.usage ?? null,
  };
};

/** An answer as its vendor gave it: clients are given marks beside its seals, and bring them back. */
export const unmarked = (answer: Answer): Answer => ({
  ...answer,
  content: answer.content.map((part) => {
    if (!('seal' in part) || part.seal === null || part.seal === undefined) return part;
    const { mark: _mark, ...seal } = part.seal;
    return { ...part, seal };
  }),
});

/** Calls with their arguments as values, since two wires may write the same object with other blanks. */
export const withParsedArguments = (content: readonly AnswerContent[]): unknown[] =>
  content.map((part) => (part.type === 'tool-call' ? { ...part, arguments: JSON.parse(part.arguments) } : part));

export interface StreamedAnswer {
  readonly answer: Answer;
  readonly parts: readonly AnswerPart[];
}

/** Answers as parts, the words cut anywhere, and calls in a row running beside one another. */
export const streamed = (answers: fc.Arbitrary<Answer>): fc.Arbitrary<StreamedAnswer> =>
  fc
    .tuple(answers, fc.array(fc.nat(1_000), { minLength: 40, maxLength: 40 }))
    .map(([answer, choices]) => ({ answer, parts: partsOf(answer, choices) }));

/** An answer as parts. @param choices Where it is cut, and which of several calls goes on: any numbers. */
export const partsOf = (
  { id, model, content, finish, usage }: Answer,
  choices: readonly number[],
): readonly AnswerPart[] => {
  let at = 0;
  const choose = (below: number): number => (choices[at++ % choices.length] ?? 0) % below;
  const parts: AnswerPart[] = [{ type: 'answer-start', id, model }];
  for (let first = 0; first < content.length;) {
    const length = content[first]?.type === 'tool-call' ? callsFrom(content, first) : 1;
    const blocks = content.slice(first, first + length).map((part, offset) => blockParts(part, first + offset, choose));
    parts.push(...interleaved(blocks, choose));
    first += length;
  }
  if (usage !== null) parts.push({ type: 'usage', usage });
  return [...parts, { type: 'finish', finish }, { type: 'answer-end' }];
};

const callsFrom = (content: readonly AnswerContent[], first: number): number => {
  const end = content.findIndex((part, index) => index >= first && part.type !== 'tool-call');
  return (end === -1 ? content.length : end) - first;
};

/** Mixes blocks so that each keeps its order and they start in theirs. */
const interleaved = (blocks: readonly AnswerPart[][], choose: (below: number) => number): AnswerPart[] => {
  const parts: AnswerPart[] = [];
  const waiting = blocks.map((block) => [...block]);
  const running: AnswerPart[][] = [];
  while (waiting.length > 0 || running.length > 0) {
    const index = choose(running.length + (waiting.length > 0 ? 1 : 0));
    if (index === running.length) running.push(...waiting.splice(0, 1));
    const block = running[index];
    const part = block?.shift();
    if (part !== undefined) parts.push(part);
    if (block?.length === 0) running.splice(index, 1);
  }
  return parts;
};

const blockParts = (part: AnswerContent, block: number, choose: (below: number) => number): AnswerPart[] => {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [
        { type: `${part.type}-start`, block },
        ...pieces(part.text, choose).map((text): AnswerPart => ({ type: `${part.type}-delta`, block, text })),
        { type: `${part.type}-end`, block, ...sealIn(part) },
      ];
    case 'thinking':
      return [
        { type: 'thinking-start', block },
        ...pieces(part.text, choose).map((text): AnswerPart => ({ type: 'thinking-delta', block, text })),
        { type: 'thinking-end', block, seal: part.seal },
      ];
    case 'redacted-thinking':
      return [{ type: 'redacted-thinking', block, seal: part.seal }];
    case 'tool-call':
      return [
        { type: 'tool-call-start', block, id: part.id, name: part.name, ...sealIn(part) },
        ...pieces(part.arguments, choose).map((text): AnswerPart => ({
          type: 'tool-call-delta',
          block,
          arguments: text,
        })),
        { type: 'tool-call-end', block, ...sealIn(part) },
      ];
  }
};

const sealIn = (part: AnswerContent): { seal?: Seal } =>
  (part.type === 'text' || part.type === 'tool-call') && part.seal !== undefined ? { seal: part.seal } : {};

const pieces = (text: string, choose: (below: number) => number): string[] => {
  const letters = Array.from(text);
  const cut: string[] = [];
  while (letters.length > 0) cut.push(letters.splice(0, 1 + choose(4)).join(''));
  return cut;
};

export const someWords = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
export const someArguments = fc
  .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value) => JSON.stringify(value));
export const someCall: fc.Arbitrary<ToolCallPart> = fc.record({
  type: fc.constant('tool-call' as const),
  id: fc.uuid(),
  name: fc.stringMatching(/^[a-zA-Z0-9_-]{1,8}$/),
  arguments: someArguments,
});
