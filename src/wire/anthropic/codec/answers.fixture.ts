// Answers as the tests of this codec make them.
import fc from 'fast-check';

import type { Answer, AnswerContent, Finish, FinishReason, Usage } from '../../../vocabulary/index.ts';
import { someCall, someWords } from '../../codec/answers.fixture.ts';
import { sealOf } from './sealOf.ts';

const contents: fc.Arbitrary<AnswerContent> = fc.oneof(
  someWords.map((text) => ({ type: 'text' as const, text })),
  fc.record({ type: fc.constant('thinking' as const), text: someWords, seal: fc.option(someWords.map(sealOf)) }),
  someWords.map((value) => ({ type: 'redacted-thinking' as const, seal: sealOf(value) })),
  someCall,
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

/** Answers that this wire has words for. */
export const answers: fc.Arbitrary<Answer> = fc
  .record({
    id: fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/),
    model: fc.constantFrom('m-1', 'm-2'),
    content: fc.array(contents, { maxLength: 5 }),
    finish: finishes,
    usage: usages,
  })
  .map((answer) => ({ ...answer, finish: endOf(answer) }));

/** An end with calls is no plain one. */
const endOf = ({ finish, content }: Pick<Answer, 'finish' | 'content'>): Finish =>
  finish.reason === 'stop' && content.some((part) => part.type === 'tool-call')
    ? { reason: 'tool-calls', native: 'tool_use', stopSequence: null }
    : finish;
