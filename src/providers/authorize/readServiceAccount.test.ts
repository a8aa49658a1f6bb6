import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueServiceAccount } from '../../../test/rigs/serviceAccount.ts';
import { Secret } from '../../kernel/index.ts';
import { readServiceAccount } from './readServiceAccount.ts';

const { document, email, keyId } = issueServiceAccount();
const ofCurve = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const withMembers = (members: object): string =>
  JSON.stringify({ ...(JSON.parse(document) as object), ...members }, undefined, 1);

describe('readServiceAccount', () => {
  it('reads whom the key speaks for', () => {
    expect(readServiceAccount(new Secret(document))).toMatchObject({ ok: true, value: { email, keyId } });
  });

  it.each([
    ['a token', 'ya29.a-token-of-somebody', 'is no JSON object'],
    ['a text', '"text"', 'is no JSON object'],
    ['nothing', 'null', 'is no JSON object'],
    ['a list', '[1]', 'no key of a service account'],
    ['the credential of a person', withMembers({ type: 'authorized_user' }), 'no key of a service account'],
    ['one without an address', withMembers({ client_email: undefined }), 'lacks client_email'],
    ['one whose key has no name', withMembers({ private_key_id: 7 }), 'lacks client_email'],
    ['one whose key is cut', withMembers({ private_key: 'canary-8d1f' }), 'no RSA key of 2048 bits'],
    ['one whose key is short', withMembers({ private_key: short }), 'no RSA key of 2048 bits'],
    ['one whose key signs otherwise', withMembers({ private_key: ofCurve }), 'no RSA key of 2048 bits'],
  ])('refuses %s, and shows nothing of it', (_, text, fault) => {
    const read = readServiceAccount(new Secret(text));
    if (read.ok) throw new Error('expected a fault');
    expect(read.fault).toContain(fault);
    expect(read.fault).not.toMatch(/canary|ya29|PRIVATE|gserviceaccount/);
  });
});
