import { inspect } from 'node:util';
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
