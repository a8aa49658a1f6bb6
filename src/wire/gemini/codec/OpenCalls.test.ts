import { describe, expect, it } from 'vitest';

import { OpenCalls } from './OpenCalls.ts';

describe('OpenCalls', () => {
  it('gives a result the call of its id, else one that came without, else the first of its name', () => {
    const calls = new OpenCalls();
    const made = calls.call(null, 'f', 'contents[0]');
    calls.call('a', 'f', 'contents[1]');
    calls.call('a', 'g', 'contents[2]');
    const last = calls.call(null, 'g', 'contents[3]');
    expect(calls.result('a', 'g', 'contents[4]')).toBe('a');
    expect(calls.result('of the client', 'f', 'contents[5]')).toBe(made);
    expect(calls.result(null, 'g', 'contents[6]')).toBe('a');
    expect(calls.result('', 'g', 'contents[7]')).toBe(last);
    expect(calls.result('nobody', 'f', 'contents[8]')).toBe('nobody');
  });

  it('knows nothing of calls before the answer that goes on', () => {
    const calls = new OpenCalls();
    const before = calls.call(null, 'f', 'contents[0]');
    calls.startAnswer();
    expect(calls.result(null, 'f', 'contents[1]')).not.toBe(before);
  });

  // Looking through all open calls with each result, this would not end before the test gives up.
  it('finds the calls of very many results, whatever their order', () => {
    const calls = new OpenCalls();
    const count = 200_000;
    const ids = Array.from({ length: count }, (_, index) => `${index}`);
    for (const id of ids) calls.call(id, 'f', '');
    const found = ids.toReversed().map((id) => calls.result(id, 'f', ''));
    expect(new Set(found).size).toBe(count);
  });
});
