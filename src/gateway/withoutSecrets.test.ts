import { expect, test } from 'vitest';
import { Secret } from '../kernel/index.ts';
import { withoutSecrets } from './withoutSecrets.ts';

const secret = new Secret('k"ey-ä');

test('a credential disappears from the words of who was given it, also as JSON writes it [A27]', () => {
  const words = 'Incorrect key k"ey-ä, and again: k"ey-ä. Ünd ';
  expect(withoutSecrets(Buffer.from(words), [secret]).toString()).toBe(
    'Incorrect key [secret], and again: [secret]. Ünd ',
  );
  const body = JSON.stringify({ error: { message: words } });
  expect(JSON.parse(withoutSecrets(Buffer.from(body), [secret]).toString())).toEqual({
    error: { message: 'Incorrect key [secret], and again: [secret]. Ünd ' },
  });
});

test('bytes without it, and calls without a credential, stay the very same', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x6b]);
  expect(withoutSecrets(bytes, [secret])).toBe(bytes);
  expect(withoutSecrets(Buffer.from('k"ey-ä'), []).toString()).toBe('k"ey-ä');
});

test('each part of a credential disappears, as where a vendor shows what it has signed of a call', () => {
  const parts = [new Secret('wJalr/XUtn+FEMI'), new Secret('IQoJb3Jp//token==')];
  const words =
    'The Canonical String should have been\nhost:a\nx-amz-security-token:IQoJb3Jp//token==\n\nwJalr/XUtn+FEMI';
  expect(withoutSecrets(Buffer.from(JSON.stringify({ message: words })), parts).toString()).toBe(
    JSON.stringify({
      message: 'The Canonical String should have been\nhost:a\nx-amz-security-token:[secret]\n\n[secret]',
    }),
  );
});
