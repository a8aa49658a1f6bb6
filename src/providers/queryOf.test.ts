import { expect, test } from 'vitest';
import { queryOf } from './queryOf.ts';

test('the version of the API is the one of the file, else the wire’s, whoever the vendor is, else none', () => {
  const azure = { wire: 'azure-openai', apiVersion: null };
  expect(queryOf(azure)).toBe('api-version=2024-10-21');
  expect(queryOf({ ...azure, apiVersion: '2025-04-01-preview' })).toBe('api-version=2025-04-01-preview');
  expect(queryOf({ ...azure, apiVersion: 'a&b' })).toBe('api-version=a%26b');
  expect(queryOf({ wire: 'openai', apiVersion: null })).toBe('');
});
