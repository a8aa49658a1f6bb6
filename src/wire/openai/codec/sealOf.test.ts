import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatOf, sealOf } from './sealOf.ts';

const words = fc.oneof(
  fc.constantFrom('anthropic-claude-v1', 'google-gemini-v1', 'constructor', 'toString', '__proto__', 'hasOwnProperty'),
  fc.string(),
);

test('a format finds its way back, whatever it is called', () => {
  fc.assert(
    fc.property(words, fc.string(), (format, value) => {
      const seal = sealOf(value, format);
      expect(typeof seal.wire).toBe('string');
      expect(seal.value).toBe(value);
      expect(formatOf(seal)).toBe(format);
    }),
  );
  expect(sealOf('proof', 'anthropic-claude-v1').wire).toBe('anthropic');
  expect(sealOf('proof', null).wire).toBe('openai');
});

test('keeps the id of what responses have sealed, which they want back with it, and of nothing else', () => {
  const seal = { wire: 'responses', value: 'C', id: 'rs_1' };
  expect(sealOf('C', 'openai-responses-v1', 'rs_1')).toEqual(seal);
  expect(formatOf(seal)).toBe('openai-responses-v1');
  expect(sealOf('C', 'anthropic-claude-v1', 'rs_1')).toEqual({ wire: 'anthropic', value: 'C' });
});
