import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ToolCallPart, ToolResultPart } from '../../vocabulary/index.ts';
import { callIdRule as messageRule } from '../anthropic/codec/callIdRule.ts';
import { callIdRule as chatRule } from '../openai/codec/callIdRule.ts';
import { CallIds, fittingCallId } from './CallIds.ts';
import type { Seed } from './lettersOf.ts';
import type { AnsweredCall } from './pairCalls.ts';

const pairOf = (id: string): AnsweredCall => {
  const call: ToolCallPart = { type: 'tool-call', id, name: 'f', arguments: '{}' };
  const result: ToolResultPart = { type: 'tool-result', callId: id, content: [], isError: false };
  return { call, result };
};

describe.each([
  ['chat', chatRule, /^.{1,40}$/su],
  ['messages', messageRule, /^[a-zA-Z0-9_-]{1,128}$/],
])('ids of calls for %s', (_, rule, pattern) => {
  it.each(['toolu_01AbC', 'call_abc-1', 'x'])('leave %s as it is', (id) => {
    expect(fittingCallId(id, rule)).toBe(id);
  });

  it('fit, whatever the vendor called them, and are others for others', () => {
    const written = (id: string): string => fittingCallId(id, rule, id);
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(written(one)).toMatch(pattern);
        expect(written(one)).toBe(written(one));
        expect(written(one) === written(other)).toBe(one === other);
      }),
    );
    expect(written('a'.repeat(500)).length).toBeLessThan(64);
  });

  it('stand once in a conversation, the same in call and result, and stay as it goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('', 'a', 'b', 'functions.f:0', 'x'.repeat(200))), (names) => {
        const pairs = names.map(pairOf);
        const ids = new CallIds(pairs, rule);
        const written = pairs.map(({ call }) => ids.of(call));
        expect(pairs.map(({ result }) => ids.of(result))).toEqual(written);
        expect(new Set(written).size).toBe(written.length);
        for (const id of written) expect(id).toMatch(pattern);
        const longer = new CallIds([...pairs, pairOf('a')], rule);
        expect(pairs.map(({ call }) => longer.of(call))).toEqual(written);
      }),
    );
  });

  it('take no more work each the more often one comes again', () => {
    let made = 0;
    const counting = {
      ...rule,
      make: (...seed: Seed) => {
        made += 1;
        return rule.make(...seed);
      },
    };
    const pairs = Array.from({ length: 500 }, () => pairOf('a'));
    const ids = new CallIds(pairs, counting);
    expect(new Set(pairs.map(({ call }) => ids.of(call))).size).toBe(500);
    expect(made).toBeLessThanOrEqual(1_000);
  });

  it('are none of calls that have no result', () => {
    expect(() => new CallIds([], rule).of(pairOf('a').call)).toThrow(/pairs/);
  });
});
