import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { VendorRequest } from '../vendor/VendorWire.ts';
import { sandboxAccessKeyId } from './BedrockWire.ts';
import { checkSignature, signatureOf } from './checkSignature.ts';

interface SignedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const recorded: readonly SignedCall[] = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/signed/aws-sdk-bedrock.json', import.meta.url), 'utf8'),
);

const signedMs = Date.UTC(2026, 10, 3, 9, 30);
const party = {
  accessKeyId: sandboxAccessKeyId,
  secretAccessKey: 'sandbox-credential',
  region: 'north',
  service: 'bedrock',
};

const requestOf = ({ method, path, headers, body }: SignedCall, over: Partial<VendorRequest> = {}): VendorRequest => ({
  id: 'a',
  method,
  path,
  query: '',
  headers,
  body: Buffer.from(body),
  ...over,
});

/** "GET https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", whose signature Amazon's manual gives ("Examples of the complete Signature Version 4 signing process"). */
test('is what the manual of Amazon computes for its example', () => {
  const example: VendorRequest = {
    id: 'a',
    method: 'GET',
    path: '/',
    query: 'Version=2010-05-08&Action=ListUsers',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
    },
    body: Buffer.alloc(0),
  };
  // tidy-allow random-text: Amazon's own example credential, as its manual has it
  const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const scope = { secretAccessKey, region: 'us-east-1', service: 'iam' };
  expect(signatureOf(example, ['content-type', 'host', 'x-amz-date'], '20150830T123600Z', scope)).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

test.each(recorded)('takes what the official SDK signed for $path, for five minutes', (call) => {
  for (const offMs of [0, -300_000, 300_000]) {
    expect(checkSignature(requestOf(call), party, signedMs + offMs)).toBeNull();
  }
  expect(checkSignature(requestOf(call), party, signedMs + 300_001)).toMatchObject({
    type: 'InvalidSignatureException',
    message: expect.stringMatching(/^Signature expired: 20261103T093000Z is now earlier than/),
  });
  expect(checkSignature(requestOf(call), party, signedMs - 301_000)).toMatchObject({
    message: expect.stringMatching(/^Signature not yet current/),
  });
});

const call = recorded[0]!;
const withHeaders = (more: Record<string, string>): VendorRequest =>
  requestOf(call, { headers: { ...call.headers, ...more } });
const authorized = (from: string | RegExp, to: string): VendorRequest =>
  withHeaders({ authorization: call.headers['authorization']!.replace(from, to) });

test.each<[string, VendorRequest, string, RegExp]>([
  ['another body', requestOf(call, { body: Buffer.from('{}') }), 'InvalidSignatureException', /x-amz-content-sha256/],
  ['another path', requestOf(call, { path: '/model/other/converse' }), 'InvalidSignatureException', /does not match/],
  ['a query', requestOf(call, { query: 'a=b' }), 'InvalidSignatureException', /does not match/],
  ['another method', requestOf(call, { method: 'PUT' }), 'InvalidSignatureException', /does not match/],
  ['another host', withHeaders({ host: '127.0.0.1:1' }), 'InvalidSignatureException', /does not match/],
  ['another signature', authorized(/.$/, ''), 'InvalidSignatureException', /does not match the signature you provided/],
  ['another region', authorized('/north/', '/south/'), 'InvalidSignatureException', /valid region/],
  ['another service', authorized('/bedrock/', '/s3/'), 'InvalidSignatureException', /correct service: 'bedrock'/],
  ['another end', authorized('aws4_request', 'aws3_request'), 'InvalidSignatureException', /valid terminator/],
  ['another day', authorized('20261103', '20261104'), 'InvalidSignatureException', /Date in Credential scope/],
  [
    'more of what must be covered',
    withHeaders({ 'x-amz-mark': 'a' }),
    'InvalidSignatureException',
    /'x-amz-mark' must be/,
  ],
  ['an open host', authorized('host;', ''), 'InvalidSignatureException', /'host' must be/],
  ['another key', authorized(sandboxAccessKeyId, 'AKID'), 'UnrecognizedClientException', /security token/],
  ['a token', withHeaders({ 'x-amz-security-token': 'a' }), 'UnrecognizedClientException', /security token/],
  ['no date', withHeaders({ 'x-amz-date': '' }), 'IncompleteSignatureException', /X-Amz-Date/],
  ['no signature', authorized(/, Signature=.*/, ''), 'IncompleteSignatureException', /'Signature'/],
  ['half a scope', authorized('/bedrock/aws4_request', ''), 'IncompleteSignatureException', /exactly 5/],
])('refuses %s', (_, request, type, message) => {
  expect(checkSignature(request, party, signedMs)).toMatchObject({ type, message: expect.stringMatching(message) });
});

test('refuses what another secret signed', () => {
  expect(checkSignature(requestOf(call), { ...party, secretAccessKey: 'other' }, signedMs)).toMatchObject({
    status: 403,
    type: 'InvalidSignatureException',
  });
});
