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
