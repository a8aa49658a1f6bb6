// Answers as the tests of this codec make them.
import fc from 'fast-check';

import type { Answer, AnswerContent, Finish, FinishReason, Seal, Usage } from '../../../vocabulary/index.ts';
import { someCall, someWords } from '../../codec/answers.fixture.ts';
import { sealOf } from './sealOf.ts';

const seals: fc.Arbitrary<{ seal?: Seal }> = fc.oneof(
  fc.constant({}),
  someWords.map((value) => ({ seal: sealOf(value) })),
);

const contents: fc.Arbitrary<AnswerContent> = fc.oneof(
  fc.tuple(someWords, seals).map(([text, seal]) => ({ type: 'text' as const, text, ...seal })),
  fc.record({ type: fc.constant('thinking' as const), text: someWords, seal: fc.option(someWords.map(sealOf)) }),
  fc.tuple(someCall, seals).map(([call, seal]) => ({ ...call, ...seal })),
);

const finishes: fc.Arbitrary<Finish> = fc
  .constantFrom<readonly [FinishReason, string]>(
    ['stop', 'STOP'],
    ['length', 'MAX_TOKENS'],
    ['content-filter', 'RECITATION'],
    ['unknown', 'MALFORMED_FUNCTION_CALL'],
    ['unknown', 'A_WORD_OF_THE_FUTURE'],
  )
  .map(([reason, native]) => ({ reason, native, stopSequence: null }));

const counts = fc.integer({ min: 1, max: 1_000_000 });
const usages: fc.Arbitrary<Usage> = fc
  .record(
    {
      input: counts,
      cacheRead: counts,
      inputAudio: counts,
      inputImage: counts,
      output: counts,
      reasoning: counts,
      outputAudio: counts,
      outputImage: counts,
    },
    { requiredKeys: ['input', 'output'] },
  )
  .map((usage) => ({ ...usage, requests: 1 }));

/** Answers that this wire has words for. Words of one kind in a row are one block there. */
export const answers: fc.Arbitrary<Answer> = fc
  .record({
    id: fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/),
    model: fc.constantFrom('m-1', 'm-2'),
    content: fc
      .array(contents, { maxLength: 5 })
      .map((blocks) => blocks.filter(({ type }, at) => type === 'tool-call' || blocks[at - 1]?.type !== type)),
    finish: finishes,
    usage: usages,
  })
  .map((answer) => ({ ...answer, finish: endOf(answer) }));

/** A plain stop after calls means that they are to be answered. */
const endOf = ({ finish, content }: Pick<Answer, 'finish' | 'content'>): Finish =>
  finish.reason === 'stop' && content.some((part) => part.type === 'tool-call')
    ? { ...finish, reason: 'tool-calls' }
    : finish;
