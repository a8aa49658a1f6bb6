import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extractCredential } from './extractCredential.ts';
import type { CredentialHeaders } from './extractCredential.ts';
import { corpusOf } from '../../test/rigs/fuzz/corpusOf.ts';

const faultOf = (headers: CredentialHeaders): string => {
  const read = extractCredential(headers);
  if (read.ok) throw new Error('expected a fault');
  return read.fault;
};

/** Visible ASCII but the comma. */
const credential = fc.string({
  unit: fc
    .integer({ min: 0x21, max: 0x7e })
    .filter((code) => code !== 0x2c)
    .map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 100,
});

describe('extractCredential', () => {
  test('each carrier gives the same credential, alone or together [A3]', () => {
    fc.assert(
      fc.property(credential, fc.mixedCase(fc.constant('bearer')), (key, scheme) => {
        const carried: CredentialHeaders[] = [
          { authorization: `${scheme} ${key}` },
          { 'x-api-key': key },
          { 'x-goog-api-key': [key] },
          { authorization: [`${scheme}  ${key}`], 'x-api-key': key, 'x-goog-api-key': key },
        ];
        for (const headers of carried) expect(extractCredential(headers)).toEqual({ ok: true, value: key });
      }),
    );
  });

  test('two different credentials are refused, whoever carries them', () => {
    fc.assert(
      fc.property(credential, credential, (one, other) => {
        fc.pre(one !== other);
        expect(extractCredential({ authorization: `Bearer ${one}`, 'x-api-key': other }).ok).toBe(false);
        expect(extractCredential({ 'x-api-key': one, 'x-goog-api-key': other }).ok).toBe(false);
        expect(extractCredential({ authorization: `Bearer ${one}`, 'x-goog-api-key': other }).ok).toBe(false);
      }),
    );
  });

  test('a header that came twice is refused, even with the same value', () => {
    expect(faultOf({ authorization: ['Bearer a', 'Bearer a'] })).toContain('more than once');
    expect(faultOf({ 'x-api-key': ['a', 'b'] })).toContain('more than once');
    // node:http joins what came twice under `headers`.
    expect(faultOf({ 'x-api-key': 'a, b' })).toContain('does not carry a key');
    expect(faultOf({ 'x-api-key': 'a,b' })).toContain('does not carry a key');
    expect(faultOf({ 'x-api-key': [] })).toContain('more than once');
  });

  test.each([
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
    { authorization: 'Bearer a b' },
    { authorization: 'Basic YTpi' },
    { authorization: 'sk-archipel-demo' },
    { authorization: 'Bearer\ta' },
    { 'x-api-key': '' },
    { 'x-api-key': ' a' },
    { 'x-api-key': 'é' },
    { 'x-api-key': 'a\u0000' },
    { 'x-api-key': 'a\r\nx-admin: 1' },
    { 'x-api-key': 'x'.repeat(513) },
    { authorization: 'Bearer good', 'x-api-key': '' },
  ])('%j carries no credential', (headers) => {
    expect(extractCredential(headers).ok).toBe(false);
  });

  test('no header at all is told how to send one', () => {
    expect(faultOf({})).toContain('No key was sent');
    expect(faultOf({ cookie: 'key=a', 'proxy-authorization': 'Bearer a' })).toContain('No key was sent');
  });

  test('what a header holds is never repeated', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), (noise) => {
        const secret = `canary-7be1${noise}`;
        for (const headers of [
          { authorization: secret },
          { 'x-api-key': `${secret}, ${secret}` },
          { 'x-api-key': [secret, secret] },
        ]) {
          expect(faultOf(headers)).not.toContain('canary-7be1');
        }
      }),
    );
  });

  test('what objects inherit is no header', () => {
    const headers: CredentialHeaders = Object.create({ 'x-api-key': 'inherited' }) as CredentialHeaders;
    expect(extractCredential(headers).ok).toBe(false);
  });
});

test.each(corpusOf('extractCredential'))('$name of the corpus [A3]', ({ bytes, accepted }) => {
  const lines = bytes.toString('latin1').split('\n');
  const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
  expect(extractCredential(headers).ok).toBe(accepted);
});
