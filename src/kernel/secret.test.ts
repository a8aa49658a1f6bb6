import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret, formatSecretReference, parseSecretReference } from './secret.ts';

test('a secret shows itself only when asked to', () => {
  const secret = new Secret('canary-7d1f');
  const shown = [
    String(secret),
    ''.concat(String(secret)),
    JSON.stringify({ secret }),
    inspect({ secret }),
    inspect(secret, { showHidden: true }),
  ];
  for (const text of shown) expect(text).not.toContain('canary');
  expect(secret.reveal()).toBe('canary-7d1f');
});

test('a reference names a variable or a file, and is written as it was read', () => {
  expect(parseSecretReference('${env:OPENAI_API_KEY}')).toEqual({ kind: 'env', name: 'OPENAI_API_KEY' });
  expect(parseSecretReference('${file:/run/secrets/a b}')).toEqual({ kind: 'file', path: '/run/secrets/a b' });
  for (const written of ['${env:A}', '${file:./key}']) {
    const reference = parseSecretReference(written);
    expect(reference && formatSecretReference(reference)).toBe(written);
  }
});

test.each([
  '',
  'sk-live',
  '${env:}',
  '${env:A}b',
  ' ${env:A}',
  '${env:A-B}',
  '${file:}',
  '${file:a}${file:b}',
  '${file:a\u0000}',
])('%j is no reference to a secret', (written) => {
  expect(parseSecretReference(written)).toBeNull();
});

test('whatever is read as a reference is written as it was, and holds nothing but a name or a path', () => {
  const letter = fc.constantFrom('$', '{', '}', 'env:', 'file:', 'A', '_', '1', '/', '.', ' ', '\n', '\u0000');
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 10 }), (letters) => {
      for (const text of [letters.join(''), `\${env:${letters.join('')}}`, `\${file:${letters.join('')}}`]) {
        const reference = parseSecretReference(text);
        if (reference !== null) expect(formatSecretReference(reference)).toBe(text);
      }
    }),
    { numRuns: 200 },
  );
});
