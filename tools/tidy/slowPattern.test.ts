import { expect, test } from 'vitest';
import { slowPattern } from './slowPattern.ts';

test.each([
  /(a+)+$/,
  /(?:a|b+)*/,
  /(?<word>\w+\s*)+;/,
  /^(([a-z])+.)+[A-Z]/,
  /(?:[a-z]*,?)*/,
  /(?:\d+(?:x|y*))+/,
  /(?:-[a-z-]+)+/,
  /a(?:b(?:c*)+)/,
  /(?:,a*a*)*$/,
  /(?:a*,a*)*$/,
  /(?:a*b*)*$/,
])('%s is slow [A18]', (pattern) => {
  expect(slowPattern(pattern.source, pattern.flags)).not.toBeNull();
});

test.each([
  /^[a-z]+(?:,[a-z]+)+$/,
  /(?:\\.|[^\\"])*/,
  /(?:\d{1,9}(?:ms|s))+/,
  /(?:[a-z]+;)*/,
  /(?: *, *[!-+a-z]+)*$/,
  /(?:a+b+)*/,
  /[+*]{3,}(?:[+*]\[\^?(?:\\[^]|[^\]])*\])/,
  /^\/(?:[^/]*\/)*$/,
  /\p{L}+(?:'\p{L}+)*/u,
])('%s is not', (pattern) => {
  expect(slowPattern(pattern.source, pattern.flags)).toBeNull();
});
