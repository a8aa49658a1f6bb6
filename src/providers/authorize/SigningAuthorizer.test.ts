import { describe, expect, it } from 'vitest';

import { Secret } from '../../kernel/index.ts';
import type { OpenCall } from './Authorizer.ts';
import { authorizerOf, isSameCredential } from './authorizerOf.ts';
import { signatureOf } from '../../../test/rigs/signatureOf.ts';

// tidy-allow random-text: Amazon's own example credential, as its test vectors have it
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const nowMs = Date.UTC(2015, 7, 30, 12, 36, 0);
const wire = { credentialHeaders: (apiKey: string) => ({ authorization: `Bearer ${apiKey}` }) };

const call = (changes: Partial<OpenCall> = {}): OpenCall => ({
  origin: 'https://bedrock-runtime.eu-west-3.amazonaws.com',
  reach: 'public',
  credential: 'a/main',
  method: 'POST',
  path: '/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
  headers: { 'content-type': 'application/json', 'user-agent': 'archipel', via: '1.1 archipel-1' },
  body: Buffer.from('{"messages":[{"role":"user","content":[{"text":"hé"}]}]}'),
  ...changes,
});

const signed = (open: OpenCall, sessionToken?: string, key = secretAccessKey, region = 'eu-west-3'): OpenCall => {
  const credentials = { accessKeyId: new Secret('AKIDEXAMPLE'), secretAccessKey: new Secret(key) };
  const authorizer = authorizerOf(
    sessionToken === undefined ? credentials : { ...credentials, sessionToken: new Secret(sessionToken) },
    region,
  );
  authorizer?.authorize(open, wire, nowMs);
  return open;
};

/** What a service would make of the call, from the names of headers that it says to be signed. */
const asVerified = ({ method, path, headers, body, origin }: OpenCall, region = 'eu-west-3'): string => {
  const names = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
  const all: Record<string, string> = { ...headers, host: new URL(origin).host };
  const covered = Object.fromEntries(names.map((name) => [name, all[name] ?? '']));
  const signature = signatureOf(
    { method, path, headers: covered, body: body ?? '' },
    { secretAccessKey, region, service: 'bedrock' },
  );
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/${region}/bedrock/aws4_request, SignedHeaders=${names.join(';')}, Signature=${signature}`;
};

describe('the signature that signatures are held against', () => {
  it('is that of Amazon’s test vector "get-vanilla"', () => {
    const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' };
    expect(
      signatureOf(
        { method: 'GET', path: '/', headers, body: '' },
        { secretAccessKey, region: 'us-east-1', service: 'service' },
      ),
    ).toBe('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31');
  });
});

describe('SigningAuthorizer', () => {
  it('signs host, date, type and body, for a model whose name has a colon', () => {
    const { headers } = signed(call());
    expect(headers['x-amz-date']).toBe('20150830T123600Z');
    expect(headers['authorization']).toContain('SignedHeaders=content-type;host;x-amz-date,');
    expect(headers['authorization']).toBe(asVerified(signed(call())));
    // All that stood there before stays as it was.
    expect(headers).toMatchObject(call().headers);
  });

  it.each([
    [
      'an ARN, with slashes',
      { path: `/model/${encodeURIComponent('arn:aws:bedrock:us-east-1:1:p/us.a.b-v1:0')}/converse-stream` },
    ],
    [
      'an endpoint of one’s own, with a port and a path',
      { origin: 'http://127.0.0.1:8443', path: '/gate(1)/model/a/converse' },
    ],
    ['a question without a body', { method: 'GET', path: '/models', body: null } as const],
  ])('signs %s', (_, changes) => {
    const one = signed(call(changes));
    expect(one.headers['authorization']).toBe(asVerified(one));
  });

  it('sends the token of a temporary key and signs it', () => {
    const { headers } = signed(call(), 'IQoJb3Jp//token==');
    expect(headers['x-amz-security-token']).toBe('IQoJb3Jp//token==');
    expect(headers['authorization']).toContain(';x-amz-date;x-amz-security-token,');
    expect(headers['authorization']).toBe(asVerified(signed(call(), 'IQoJb3Jp//token==')));
  });

  it.each<[string, () => string]>([
    ['another body', () => asVerified({ ...signed(call()), body: Buffer.from('{}') })],
    ['another path', () => asVerified({ ...signed(call()), path: '/model/other/converse' })],
    ['a path that was not escaped', () => asVerified({ ...signed(call()), path: decodeURIComponent(call().path) })],
    [
      'another host',
      () => asVerified({ ...signed(call()), origin: 'https://bedrock-runtime.us-east-1.amazonaws.com' }),
    ],
    ['another secret', () => signed(call(), undefined, 'other').headers['authorization'] ?? ''],
    ['another region', () => signed(call(), undefined, secretAccessKey, 'us-east-1').headers['authorization'] ?? ''],
    [
      'another token',
      () => asVerified({ ...signed(call()), headers: { ...signed(call(), 't').headers, 'x-amz-security-token': 'u' } }),
    ],
  ])('control: %s makes another signature', (_, other) => {
    const signatureIn = (text: string | undefined) => /Signature=(\w+)/.exec(text ?? '')?.[1];
    expect(signatureIn(other())).toMatch(/^\w{64}$/);
    expect(signatureIn(other())).not.toBe(signatureIn(signed(call()).headers['authorization']));
  });

  it('holds its secrets so that whoever prints it sees none', () => {
    const parts = {
      accessKeyId: new Secret('AKID'),
      secretAccessKey: new Secret('hush-hush'),
      sessionToken: new Secret('token'),
    };
    const authorizer = authorizerOf(parts, 'eu-west-3');
    expect(authorizer?.secrets.map((secret) => secret.reveal())).toEqual(['hush-hush', 'AKID', 'token']);
    expect(JSON.stringify(authorizer)).not.toContain('hush');
  });
});

describe('authorizerOf', () => {
  const key = { accessKeyId: new Secret('AKID'), secretAccessKey: new Secret('s') };

  it('takes a key of its own before one to sign with, in the header of the wire', () => {
    const open = call();
    authorizerOf({ ...key, apiKey: new Secret('abc') }, 'eu-west-3')?.authorize(open, wire, nowMs);
    expect(open.headers['authorization']).toBe('Bearer abc');
  });

  it('makes nothing of half a key, of a key without a region, and of nothing', () => {
    expect(authorizerOf({ accessKeyId: key.accessKeyId }, 'eu-west-3')).toBeNull();
    expect(authorizerOf(key, null)).toBeNull();
    expect(authorizerOf({}, 'eu-west-3')).toBeNull();
  });

  it('tells credentials apart', () => {
    const of = (secretAccessKey: string) => authorizerOf({ ...key, secretAccessKey: new Secret(secretAccessKey) }, 'r');
    expect(isSameCredential(of('a'), of('a'))).toBe(true);
    expect(isSameCredential(of('a'), of('b'))).toBe(false);
    expect(isSameCredential(of('a'), null)).toBe(false);
    expect(isSameCredential(null, null)).toBe(true);
    // The same secrets, used in another way.
    expect(isSameCredential(authorizerOf(key, 'r'), authorizerOf(key, 's'))).toBe(false);
    const one = new Secret('a');
    expect(isSameCredential(authorizerOf({ apiKey: one }, null), authorizerOf({ bearerToken: one }, null))).toBe(false);
  });
});
