// Answers as parts: putting them together under the grammar of parts, and taking generated ones apart in every legal way.
import fc from 'fast-check';

import type { Answer, AnswerContent, AnswerPart, Finish, FinishReason, Usage } from '../../../vocabulary/index.ts';
import type { AnswerFrame, StreamDecoder } from '../../codec.ts';
import { eventsIn } from '../../recordings.fixture.ts';
import type { SseEvent } from '../../sse/SseReader.ts';
import { ownSeal } from './ownSeal.ts';

export const frame: AnswerFrame = {
  requestId: '0199',
  model: 'asked',
  createdAtS: 1_700_000_000,
  inputEstimateTokens: 12,
  usageAsked: true,
  showThinking: true,
};

export const decodeAll = (decoder: StreamDecoder, events: readonly SseEvent[]): AnswerPart[] => [
  ...events.flatMap((event) => decoder.decode(event).parts),
  ...decoder.closing(),
];

export const eventsOf = (sse: string): SseEvent[] => eventsIn(Buffer.from(sse));

type Draft = { -readonly [Key in keyof Answer]: Answer[Key] } & { content: AnswerContent[] };

/** Puts parts together, and throws where they break their grammar. `whole` tells whether the answer has its end. */
export const assemble = (parts: readonly AnswerPart[]): { readonly answer: Answer; readonly whole: boolean } => {
  const draft: Draft = {
    id: '',
    model: '',
    content: [],
    finish: { reason: 'unknown', native: null, stopSequence: null },
    usage: null,
  };
  const live = new Set<number>();
  let stage: 'before' | 'content' | 'finished' | 'ended' = 'before';
  const must = (condition: boolean, what: string): void => {
    if (!condition) throw new Error(`the parts break their grammar: ${what} in ${JSON.stringify(parts)}`);
  };
  for (const part of parts) {
    must(stage !== 'ended', 'a part after the end');
    if ('block' in part) {
      must(stage === 'content', 'a block outside of the content');
      const isStart = part.type.endsWith('-start') || part.type === 'redacted-thinking';
      must(isStart ? part.block === draft.content.length : live.has(part.block), `block ${part.block}`);
      if (part.type.endsWith('-start')) live.add(part.block);
      if (part.type.endsWith('-end')) live.delete(part.block);
      draft.content[part.block] = withPart(draft.content[part.block], part);
    } else if (part.type === 'answer-start') {
      must(stage === 'before', 'a second start');
      stage = 'content';
      draft.id = part.id;
      draft.model = part.model;
    } else if (part.type === 'usage') {
      draft.usage = part.usage;
    } else if (part.type === 'finish') {
      must(stage === 'content' && live.size === 0, 'a finish inside a block');
      stage = 'finished';
      draft.finish = part.finish;
    } else {
      must(stage === 'finished', 'an end without a finish');
      stage = 'ended';
    }
  }
  return { answer: draft, whole: stage === 'ended' };
};

const withPart = (
  content: AnswerContent | undefined,
  part: Extract<AnswerPart, { readonly block: number }>,
): AnswerContent => {
  if (part.type === 'text-start') return { type: 'text', text: '' };
  if (part.type === 'refusal-start') return { type: 'refusal', text: '' };
  if (part.type === 'thinking-start') return { type: 'thinking', text: '', seal: null };
  if (part.type === 'tool-call-start') return { type: 'tool-call', id: part.id, name: part.name, arguments: '' };
  if (part.type === 'redacted-thinking') return { type: 'redacted-thinking', seal: part.seal };
  if (content === undefined) throw new Error(`${part.type} before its start`);
  return grown(content, part);
};

const grown = (content: AnswerContent, part: Extract<AnswerPart, { readonly block: number }>): AnswerContent => {
  const name = part.type.replace(/-(?:delta|end)$/, '');
  if (name !== content.type) throw new Error(`${part.type} in ${content.type}`);
  if (part.type === 'thinking-end' && content.type === 'thinking') return { ...content, seal: part.seal };
  if ('text' in part && 'text' in content) return { ...content, text: content.text + part.text };
  if (part.type === 'tool-call-delta' && content.type === 'tool-call') {
    return { ...content, arguments: content.arguments + part.arguments };
  }
  return content;
};

/** Calls with their arguments as values, since two wires may write the same object with other blanks. */
export const withParsedArguments = (content: readonly AnswerContent[]): unknown[] =>
  content.map((part) => (part.type === 'tool-call' ? { ...part, arguments: JSON.parse(part.arguments) } : part));

const words = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const seals = fc.option(words.map(ownSeal));
const argumentObjects = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
const callIds = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);

const contents: fc.Arbitrary<AnswerContent> = fc.oneof(
  words.map((text) => ({ type: 'text' as const, text })),
  fc.record({ type: fc.constant('thinking' as const), text: words, seal: seals }),
  words.map((value) => ({ type: 'redacted-thinking' as const, seal: ownSeal(value) })),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: callIds,
    name: fc.stringMatching(/^[a-zA-Z0-9_-]{1,8}$/),
    arguments: argumentObjects.map((value) => JSON.stringify(value)),
  }),
);

const finishes: fc.Arbitrary<Finish> = fc
  .constantFrom<readonly [FinishReason, string, string | null]>(
    ['stop', 'end_turn', null],
    ['stop', 'stop_sequence', 'END'],
    ['length', 'max_tokens', null],
    ['context-length', 'model_context_window_exceeded', null],
    ['tool-calls', 'tool_use', null],
    ['content-filter', 'refusal', null],
    ['pause', 'pause_turn', null],
    ['unknown', 'tea_break', null],
  )
  .map(([reason, native, stopSequence]) => ({ reason, native, stopSequence }));

const counts = fc.integer({ min: 1, max: 1_000_000 });
const usages: fc.Arbitrary<Usage> = fc
  .record(
    { input: counts, cacheRead: counts, cacheWrite5m: counts, cacheWrite1h: counts, output: counts, reasoning: counts },
    { requiredKeys: ['input', 'output'] },
  )
  .map((usage) => ({ ...usage, requests: 1 }));

/** Answers that this wire can say without loss. */
export const answers: fc.Arbitrary<Answer> = fc
  .record({
    id: callIds,
    model: fc.constantFrom('m-1', 'm-2'),
    content: fc.array(contents, { maxLength: 5 }),
    finish: finishes,
    usage: usages,
  })
  .map((answer) => ({ ...answer, finish: finishOf(answer) }));

/** An end with calls is no plain one. */
const finishOf = ({ finish, content }: Pick<Answer, 'finish' | 'content'>): Finish =>
  finish.reason === 'stop' && content.some((part) => part.type === 'tool-call')
    ? { reason: 'tool-calls', native: 'tool_use', stopSequence: null }
    : finish;

/** An answer as parts, the words cut anywhere, and calls in a row running beside one another. */
export const streamedAnswers = fc
  .tuple(answers, fc.array(fc.nat(1_000), { minLength: 40, maxLength: 40 }))
  .map(([answer, choices]) => ({ answer, parts: partsOf(answer, choices) }));

const partsOf = ({ id, model, content, finish, usage }: Answer, choices: readonly number[]): AnswerPart[] => {
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
        { type: `${part.type}-end`, block },
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
        { type: 'tool-call-start', block, id: part.id, name: part.name },
        ...pieces(part.arguments, choose).map((text): AnswerPart => ({
          type: 'tool-call-delta',
          block,
          arguments: text,
        })),
        { type: 'tool-call-end', block },
      ];
  }
};

const pieces = (text: string, choose: (below: number) => number): string[] => {
  const letters = Array.from(text);
  const cut: string[] = [];
  while (letters.length > 0) cut.push(letters.splice(0, 1 + choose(4)).join(''));
  return cut;
};
