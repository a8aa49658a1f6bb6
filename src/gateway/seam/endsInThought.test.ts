import { expect, it } from 'vitest';
import { endsInThought } from './endsInThought.ts';

it.each([
  ['<think>Let me see', true],
  ['\n<Thinking>\nLet me see', true],
  ['<reasoning>one</reasoning><think>two', true],
  ['<think>one</thi', true],
  ['<thi', true],
  ['<think>one</think>The answer', false],
  ['<thinking>one</thinking>\n\nThe answer', false],
  ['I think, therefore', false],
  ['a < b', false],
])('%j ends in thought: %s', (text, isSo) => {
  expect(endsInThought(text)).toBe(isSo);
});
