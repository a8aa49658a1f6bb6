import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUsageGroups, usageGroups } from './readUsageGroups.ts';

test.each(usageGroups)('%s alone is a group', (group) => {
  expect(readUsageGroups(group)).toBe(group);
});

test('several are told in the order in which they were asked for', () => {
  expect(readUsageGroups('model,vendor')).toEqual(['model', 'vendor']);
  expect(readUsageGroups('vendor,model,contract')).toEqual(['vendor', 'model', 'contract']);
});

test.each([
  '',
  'week',
  'vendor,',
  ',vendor',
  'vendor,week',
  'vendor,vendor',
  'vendor,host',
  'vendor, model',
  'vendor,model,team,key',
])('"%s" is none', (text) => {
  expect(readUsageGroups(text)).toBeNull();
});

test('of any text either one group, or two or three distinct ones without the host, is read, and nothing else', () => {
  const word = fc.oneof(fc.constantFrom(...usageGroups), fc.constantFrom('', ' ', 'Vendor', '__proto__', 'length'));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      const known = words.every((one) => usageGroups.some((group) => group === one));
      const single = words.length === 1;
      const several =
        words.length > 1 && words.length <= 3 && new Set(words).size === words.length && !words.includes('host');
      expect(readUsageGroups(words.join(',')) !== null).toBe(known && (single || several));
    }),
    { numRuns: 200 },
  );
});
