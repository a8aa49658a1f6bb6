import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { toolUseId } from './toolUseId.ts';

describe('toolUseId', () => {
  it.each(['toolu_01AbC', 'call_abc-1', 'x'])('leaves %s as it is', (id) => {
    expect(toolUseId(id)).toBe(id);
  });

  it('makes an id of anything, always the same, and others of others', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(toolUseId(one)).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
        expect(toolUseId(one)).toBe(toolUseId(one));
        expect(toolUseId(one) === toolUseId(other)).toBe(one === other);
      }),
    );
  });

  it('shortens what is too long', () => {
    expect(toolUseId('a'.repeat(500)).length).toBeLessThan(64);
  });
});
