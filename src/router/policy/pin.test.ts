import { expect, test } from 'vitest';
import { isPinned, pinnable, pinText, readPin } from './pin.ts';

test.each([
  ['openai', { provider: 'openai', model: null }],
  ['openai/gpt-5.2', { provider: 'openai', model: 'gpt-5.2' }],
  [' own/org/model:free ', { provider: 'own', model: 'org/model:free' }],
])('%j is a pin, and is written so again', (written, pin) => {
  expect(readPin(written)).toEqual(pin);
  expect(pinText(pin)).toBe(written.trim());
});

test.each(['', ' ', '/model', 'openai/'])('%j is none', (written) => {
  expect(readPin(written)).toBeNull();
});

test('the name of a list means its members, and no name that only begins alike', () => {
  const means = (written: string, provider: string, model = 'm') => isPinned(readPin(written)!, { provider, model });
  expect(means('openai', 'openai.a')).toBe(true);
  expect(means('openai.a', 'openai.a')).toBe(true);
  expect(means('openai.b', 'openai.a')).toBe(false);
  expect(means('openai', 'openai-eu')).toBe(false);
  expect(means('openai/m', 'openai.a')).toBe(true);
  expect(means('openai/n', 'openai.a')).toBe(false);
});

test('what can be pinned is named once', () => {
  const targets = [
    { provider: 'a', model: 'm' },
    { provider: 'a', model: 'n' },
  ];
  expect(pinnable(targets)).toEqual(['a', 'a/m', 'a/n']);
});
