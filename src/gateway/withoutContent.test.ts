import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Failure } from '../vocabulary/index.ts';
import { withoutContent } from './withoutContent.ts';

const said = 'My name is Zoë, and my number is 4711.';
const request = Buffer.from(JSON.stringify({ model: 'm', max_completion_tokens: 5, messages: [{ content: said }] }));
const failureWith = (message: string): Failure => ({ class: 'client', cause: 'bad_request', status: 400, message });
const keptOf = (message: string, of: Uint8Array = request): string | undefined =>
  withoutContent(failureWith(message), of).message;

test('what a client has said is left out of the words that are kept, quoted or not, whole or in part [A27]', () => {
  expect(keptOf(`Invalid content: '${said}'`)).toBe("Invalid content: '[...]'");
  expect(keptOf(`${said} is not allowed`)).toBe('[...] is not allowed');
  expect(keptOf('Found name is Zoë, and my numb... in it')).toBe('Found[...]... in it');
});

test('what the vendor itself says stays, the names of members too', () => {
  for (const words of ["Unsupported parameter: 'max_completion_tokens'.", 'You exceeded your quota', 'My name', ''])
    expect(keptOf(words)).toBe(words);
});

test('of a request that is too large to compare only the class and the cause are kept', () => {
  expect(withoutContent(failureWith('Invalid: something'), new Uint8Array(300_000))).toEqual({
    class: 'client',
    cause: 'bad_request',
    status: 400,
  });
});

test('no run of a request of twelve bytes is ever kept, but names', () => {
  const words = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '"', 'é', '7'), maxLength: 60 });
  fc.assert(
    fc.property(words, words, words, (before, content, after) => {
      const body = Buffer.from(content);
      const kept = Buffer.from(keptOf(`${before}${content}${after}`, body) ?? '');
      for (let start = 0; start + 12 <= body.length; start += 1) {
        const run = body.subarray(start, start + 12);
        if (!/^a+$/.test(run.toString())) expect(kept.includes(run)).toBe(false);
      }
    }),
  );
});
