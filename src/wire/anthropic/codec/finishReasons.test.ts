import { describe, expect, it } from 'vitest';

import type { AnswerContent, Finish, FinishReason } from '../../../vocabulary/index.ts';
import { isJsonObject, objectIn } from '../../json/JsonObject.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { finishMembers, finishOf } from './finishReasons.ts';

const stopReasonOf = (finish: Finish, content: ReadonlySet<AnswerContent['type']>): string =>
  finishMembers(finish, content).stop_reason;
const table = fixtureJson('cases/25-stop-reason-table.table.json');
const rows = (name: string): [string, string][] =>
  Object.entries(objectIn(isJsonObject(table) ? table : {}, name) ?? {}).map(([word, other]) => [word, String(other)]);

/** What each reason of ours is called in the table, which speaks of the chat wire. */
const chatWords: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  pause: '$continue-or-explicit (never stop)',
  unknown: '',
};

describe('finish reasons (case 25)', () => {
  it.each(rows('anthropic'))('takes %s for what the table says: %s', (word, other) => {
    const finish = finishOf(word, null);
    expect(chatWords[finish.reason]).toBe(other);
    expect(finish.native).toBe(word);
  });

  it.each(rows('openaiToAnthropic'))('says %s of the chat wire as %s', (word, own) => {
    const [reason] = Object.entries(chatWords).find(([, other]) => other === word) ?? [];
    expect(stopReasonOf({ reason: reason as FinishReason, native: word, stopSequence: null }, new Set())).toBe(own);
  });

  it('tells the stop sequence that was met', () => {
    expect(stopReasonOf({ reason: 'stop', native: 'stop', stopSequence: 'END' }, new Set())).toBe('stop_sequence');
  });

  it('goes by the content where a vendor calls an end with calls or a refusal a plain one', () => {
    const plain = { reason: 'stop', native: 'stop', stopSequence: null } as const;
    expect(stopReasonOf(plain, new Set(['text', 'tool-call'] as const))).toBe('tool_use');
    expect(stopReasonOf(plain, new Set(['refusal'] as const))).toBe('refusal');
    expect(stopReasonOf({ ...plain, reason: 'length' }, new Set(['tool-call'] as const))).toBe('max_tokens');
  });

  it.each([
    ['tea_break', 'tea_break'],
    [null, 'unknown'],
    ['', 'unknown'],
    ['end_turn', 'unknown'],
    ['constructor', 'constructor'],
  ])('never shows an end that nobody knows (%s) as a plain one', (native, shown) => {
    expect(stopReasonOf({ reason: 'unknown', native, stopSequence: null }, new Set())).toBe(shown);
  });

  it('knows no word of what every object inherits', () => {
    expect(finishOf('constructor', null).reason).toBe('unknown');
  });
});
