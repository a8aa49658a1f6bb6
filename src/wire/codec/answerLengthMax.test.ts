import { describe, expect, it } from 'vitest';

import type { AnswerPart } from '../../vocabulary/index.ts';
import { TranslatingRelay } from '../passage/TranslatingRelay.ts';
import { ItemReader } from '../responses/codec/ItemReader.ts';
import { responsesCodec } from '../responses/codec/responsesCodec.ts';
import { frame } from './answers.fixture.ts';
import { answerLengthMax } from './answerLengthMax.ts';

const half = 'a'.repeat(answerLengthMax / 2);
const failure = { class: 'protocol', cause: 'answer_too_large' };

describe('an answer that is kept while it is read or written', () => {
  it.each([
    ['response.output_text.delta', {}],
    ['response.refusal.delta', {}],
    ['response.reasoning_text.delta', {}],
  ])('has a bound for its words in %s', (type, more) => {
    const items = new ItemReader('a');
    for (const delta of [half, half]) items.read(type, { output_index: 0, delta, ...more });
    expect(items.fault).toBeNull();
    items.read(type, { output_index: 0, delta: 'a' });
    expect(items.fault).toMatchObject(failure);
  });

  it('has one bound for the words of all its items', () => {
    const items = new ItemReader('a');
    for (const index of [0, 1, 2]) {
      items.read('response.output_text.delta', { output_index: index, delta: half });
      items.read('response.output_item.done', { output_index: index, item: { type: 'message' } });
    }
    expect(items.fault).toMatchObject(failure);
  });

  it('fails on its way to a client whose wire tells all once more at the end', () => {
    const parts: readonly AnswerPart[] = [
      { type: 'answer-start', id: 'a', model: 'm' },
      { type: 'text-start', block: 0 },
    ];
    const steps = [parts, ...[half, half, 'a'].map((text): AnswerPart[] => [{ type: 'text-delta', block: 0, text }])];
    let step = -1;
    const decoder = {
      state: { usage: null, model: null, complete: false, outputBytes: 0 },
      decode: () => ({ kind: 'content', hide: false, parts: steps[(step += 1)] ?? [] }) as const,
      closing: () => [],
    };
    const relay = new TranslatingRelay(decoder, responsesCodec, frame);
    const told = steps.map(() => relay.relay({ event: null, data: '', raw: new Uint8Array(0) }));
    expect(told.map(({ kind }) => kind)).toEqual(['content', 'content', 'content', 'failure']);
    expect(told.at(-1)).toMatchObject({ failure, bytes: new Uint8Array(0) });
  });
});
