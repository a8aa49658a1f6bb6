import { expect, test } from 'vitest';
import { modelKeys } from './modelKeys.ts';

const areOne = (one: string, other: string): boolean => modelKeys(one).some((key) => modelKeys(other).includes(key));

test.each([
  ['gpt-4o', 'gpt-4o-2024-11-20'],
  ['gpt-4o-2024-11-20', 'gpt-4o-1120'],
  ['gpt-4-0613', 'GPT-4'],
  ['text-embedding-3-small', 'embedding-3-small'],
  ['claude-sonnet-4-5-20250929', 'Claude Sonnet 4.5'],
  ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude4-5sonnet'],
  ['anthropic.claude-3-5-haiku-20241022-v1:0', 'Claude3.5Haiku'],
  ['deepseek.v3-v1:0', 'DeepSeek-V3'],
  ['meta.llama3-70b-instruct-v1:0', 'Llama 3 70B Instruct'],
  ['models/gemini-2.5-pro', 'gemini-2.5-pro'],
  ['publishers/google/models/gemini-2.5-flash', 'Gemini 2.5 Flash'],
  ['claude-3-5-sonnet-latest', 'claude-3-5-sonnet-20241022'],
])('%s and %s are one model', (one, other) => {
  expect([areOne(one, other), areOne(other, one)]).toEqual([true, true]);
});

test.each([
  ['gpt-4o', 'gpt-4o-mini'],
  ['gpt-4.1', 'gpt-4'],
  ['gpt-5.3', 'gpt-3.5'],
  ['claude-sonnet-4-5', 'Claude Sonnet 5.4'],
  ['claude-sonnet-4', 'claude-sonnet-4-5'],
  ['claude-opus-4-5', 'claude-sonnet-4-5'],
  ['llama3-8b', 'llama3-70b'],
  ['gemini-2.5-pro', 'gemini-2.5-flash'],
])('%s and %s are two', (one, other) => {
  expect(areOne(one, other)).toBe(false);
});

test('of a name without a word or a number nothing is left', () => {
  expect(modelKeys(' -/- ')).toEqual([]);
});
