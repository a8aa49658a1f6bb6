import { describe, expect, it } from 'vitest';

import { decodeAnswer } from './decodeAnswer.ts';

describe('decodeAnswer', () => {
  const decode = (answer: unknown): unknown => decodeAnswer(Buffer.from(JSON.stringify(answer)));

  it.each([
    ['no JSON', 'x', 'protocol'],
    ['an answer without choices', { choices: [] }, 'protocol'],
    ['an error', { error: { message: 'slow down', type: 'rate_limit_exceeded' } }, 'quota'],
    ['a finish by an error', { choices: [{ message: {}, finish_reason: 'error' }] }, 'transient'],
  ])('fails on %s', (_, answer, failureClass) => {
    expect(decode(answer)).toMatchObject({ ok: false, fault: { class: failureClass } });
  });

  it('takes each entry for a call of its own, whatever it says of itself', () => {
    const entry = { id: 'A', index: 0, type: 'function', function: { name: 'f', arguments: '' } };
    expect(decode({ choices: [{ message: { tool_calls: [entry, entry] }, finish_reason: 'stop' }] })).toMatchObject({
      value: {
        id: '',
        model: '',
        content: [
          { id: 'A', arguments: '{}' },
          { id: /^[A-Za-z0-9]{9}$/, arguments: '{}' },
        ].map((one) => ({ ...one, id: one.id === 'A' ? 'A' : (expect.stringMatching(one.id) as unknown) })),
        finish: { reason: 'tool-calls', native: 'stop' },
        usage: null,
      },
    });
  });
});
