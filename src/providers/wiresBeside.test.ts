import { expect, test } from 'vitest';
import { wiresBeside } from './wiresBeside.ts';

const openai = { vendor: 'openai', wire: 'openai', baseUrl: null, alsoSpeaks: null };

test('a vendor speaks at its own address what its documents say', () => {
  expect(wiresBeside(openai)).toEqual(['responses']);
  expect(wiresBeside({ ...openai, baseUrl: 'https://api.openai.com/v1/' })).toEqual(['responses']);
  expect(wiresBeside({ ...openai, vendor: 'groq' })).toEqual([]);
  expect(wiresBeside({ ...openai, wire: 'responses' })).toEqual([]);
});

test('what stands at another address speaks one wire, unless the file says more', () => {
  const proxy = { ...openai, baseUrl: 'http://proxy.example/v1' };
  expect(wiresBeside(proxy)).toEqual([]);
  expect(wiresBeside({ ...proxy, alsoSpeaks: ['responses'] })).toEqual(['responses']);
  expect(wiresBeside({ ...openai, alsoSpeaks: [] })).toEqual([]);
});
