import { describe, expect, it } from 'vitest';

import type { FinishReason } from '../../../vocabulary/index.ts';
import { isJsonObject, objectIn } from '../../json/JsonObject.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { finishMembers, finishOf } from './finishReasons.ts';

const table = fixtureJson('cases/25-stop-reason-table.table.json');
const words = Object.keys((isJsonObject(table) ? objectIn(table, 'gemini') : null) ?? {});

describe('why an answer of this wire ended', () => {
  it.each<[string, boolean, FinishReason]>([
    ['STOP', false, 'stop'],
    ['STOP', true, 'tool-calls'],
    ['MAX_TOKENS', false, 'length'],
    ['MAX_TOKENS', true, 'length'],
    ['SAFETY', false, 'content-filter'],
    ['RECITATION', false, 'content-filter'],
    ['BLOCKLIST', false, 'content-filter'],
    ['PROHIBITED_CONTENT', false, 'content-filter'],
    ['SPII', false, 'content-filter'],
    ['MODEL_ARMOR', false, 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', false, 'unknown'],
    ['constructor', false, 'unknown'],
    ['A_WORD_OF_THE_FUTURE', true, 'unknown'],
  ])('is read of %s, with calls: %s, as %s (case 25)', (word, hasCalls, reason) => {
    expect(finishOf(word, hasCalls)).toEqual({ reason, native: word, stopSequence: null });
  });

  it('is known for every word of the table (case 25)', () => {
    expect(words).toHaveLength(8);
    const unknown = words.filter((word) => finishOf(word, false).reason === 'unknown');
    expect(unknown).toEqual(['MALFORMED_FUNCTION_CALL']);
  });

  it.each<[FinishReason, string | null, object]>([
    ['stop', 'end_turn', { finishReason: 'STOP' }],
    ['tool-calls', 'tool_use', { finishReason: 'STOP' }],
    ['length', 'max_tokens', { finishReason: 'MAX_TOKENS' }],
    ['context-length', 'model_context_window_exceeded', { finishReason: 'MAX_TOKENS' }],
    ['content-filter', 'refusal', { finishReason: 'SAFETY' }],
    ['content-filter', 'RECITATION', { finishReason: 'RECITATION' }],
    ['pause', 'pause_turn', { finishReason: 'OTHER', finishMessage: 'pause_turn' }],
    ['unknown', null, { finishReason: 'OTHER' }],
    ['unknown', 'tea_break', { finishReason: 'OTHER', finishMessage: 'tea_break' }],
    ['unknown', 'STOP', { finishReason: 'OTHER', finishMessage: 'STOP' }],
    ['unknown', 'LANGUAGE', { finishReason: 'LANGUAGE' }],
  ])(
    'is written for %s, which its vendor calls %s, as %j: never as a plain stop unless it was one',
    (reason, native, members) => {
      expect(finishMembers({ reason, native, stopSequence: null }, new Set(['text']))).toEqual(members);
    },
  );
});
