import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { issueServiceAccount, readToken, type IssuedAccount } from '../../../test/rigs/serviceAccount.ts';
import { Secret } from '../../kernel/index.ts';
import type { Authorizer, OpenCall } from './Authorizer.ts';
import { authorizerOf, isSameCredential, secretsToldBy } from './authorizerOf.ts';

const nowMs = Date.UTC(2026, 10, 28, 12);
const minuteMs = 60_000;
const wire = { credentialHeaders: () => ({ 'x-goog-api-key': 'never' }) };

let account: IssuedAccount;
let another: IssuedAccount;

beforeAll(() => {
  [account, another] = [issueServiceAccount(), issueServiceAccount()];
});

const open = (document = account.document): Authorizer => {
  const authorizer = authorizerOf({ serviceAccount: new Secret(document) }, 'global');
  if (authorizer === null) throw new Error('no authorizer');
  return authorizer;
};

const headerAt = (authorizer: Authorizer, atMs: number): string => {
  const call: OpenCall = {
    origin: 'https://aiplatform.googleapis.com',
    reach: 'public',
    credential: 'a/test-project',
    method: 'POST',
    path: '/v1/projects/test-project/locations/global/publishers/google/models/m:generateContent',
    headers: { 'content-type': 'application/json' },
    body: null,
  };
  authorizer.authorize(call, wire, atMs);
  return call.headers['authorization'] ?? '';
};

describe('ServiceAccountAuthorizer', () => {
  it('signs a token of an hour for Google’s cloud, which the account’s own key proves', () => {
    expect(readToken(headerAt(open(), nowMs + 999), account)).toEqual({
      header: { alg: 'RS256', typ: 'JWT', kid: account.keyId },
      claims: {
        iss: account.email,
        sub: account.email,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
        iat: nowMs / 1_000,
        exp: nowMs / 1_000 + 3_600,
      },
    });
  });

  it('control: another key has not signed it', () => {
    expect(readToken(headerAt(open(), nowMs), another)).toBeNull();
  });

  it('uses one token until five minutes before its end, and makes a new one where the clock was put back', () => {
    const authorizer = open();
    const first = headerAt(authorizer, nowMs);
    expect(headerAt(authorizer, nowMs + 55 * minuteMs - 1)).toBe(first);
    const second = headerAt(authorizer, nowMs + 55 * minuteMs);
    expect(second).not.toBe(first);
    expect(headerAt(authorizer, nowMs + 60 * minuteMs)).toBe(second);
    expect(readToken(headerAt(authorizer, nowMs - 1_000), account)?.claims['iat']).toBe(nowMs / 1_000 - 1);
  });

  it('holds its key so that whoever prints it sees none, and tells of its token as of a secret', () => {
    const authorizer = open();
    expect(secretsToldBy(authorizer).map((secret) => secret.reveal())).toEqual([account.document]);
    const token = headerAt(authorizer, nowMs).slice('Bearer '.length);
    expect(secretsToldBy(authorizer).map((secret) => secret.reveal())).toEqual([account.document, token]);
    const printed = inspect(authorizer, { depth: 9, showHidden: true }) + JSON.stringify(authorizer);
    expect(printed).not.toContain('PRIVATE KEY');
    expect(printed).not.toContain(token.slice(-40));
    expect(secretsToldBy(null)).toEqual([]);
  });

  it('is the same credential as long as the key is the same, whatever token it has', () => {
    const used = open();
    headerAt(used, nowMs);
    expect(isSameCredential(used, open())).toBe(true);
    expect(isSameCredential(open(), open(another.document))).toBe(false);
  });

  it('goes after a token of one’s own', () => {
    const parts = { serviceAccount: new Secret(account.document), bearerToken: new Secret('of-ones-own') };
    expect(headerAt(authorizerOf(parts, null) ?? open(), nowMs)).toBe('Bearer of-ones-own');
  });
});
