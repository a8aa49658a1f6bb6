import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UpstreamCall } from '../Transport.ts';
import { requestFields } from './requestFields.ts';

const callWith = (part: Partial<UpstreamCall>): UpstreamCall => ({
  origin: 'http://vendor.example',
  credential: 'a',
  reach: 'public',
  method: 'POST',
  path: '/v1/x?y=z',
  headers: {},
  body: null,
  ...part,
});

test('headers stand as they were given, then the length of the body', () => {
  const call = callWith({ headers: { authorization: 'Bearer a b', 'X-Name': 'Gru\xdf' }, body: Buffer.from('{}') });
  expect(requestFields(call)).toEqual({
    ok: true,
    value: 'authorization: Bearer a b\r\nX-Name: Gru\xdf\r\ncontent-length: 2\r\n\r\n',
  });
});

test.each([
  ['POST', 'content-length: 0\r\n\r\n'],
  ['PUT', 'content-length: 0\r\n\r\n'],
  ['GET', '\r\n'],
  ['HEAD', '\r\n'],
  ['DELETE', '\r\n'],
] as const)('%s without a body', (method, value) => {
  expect(requestFields(callWith({ method }))).toEqual({ ok: true, value });
});

test.each(['a\r\nb: c', 'a\nb', 'a\rb', 'a\0', 'a\x7f', 'a\x01', '\u0100', '\u{1f600}'])(
  'the value %j is refused [A30]',
  (value) => {
    expect(requestFields(callWith({ headers: { 'x-value': value } })).ok).toBe(false);
  },
);

test.each(['', 'a b', 'a:b', 'a\r\n', 'a\0', '\xe4', 'a,b', 'a(b'])('the name %j is refused', (name) => {
  expect(requestFields(callWith({ headers: { [name]: 'value' } })).ok).toBe(false);
});

test.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'keep-alive', 'upgrade', 'Expect'])(
  'the header %s is the transport’s own',
  (name) => {
    expect(requestFields(callWith({ headers: { [name]: '1' } })).ok).toBe(false);
  },
);

test.each(['', 'x', 'http://other.example/', '/a b', '/a\r\nb', '/a\0', '/\u0100'])(
  'the path %j is refused',
  (path) => {
    expect(requestFields(callWith({ path })).ok).toBe(false);
  },
);

test('a refusal never repeats a value, which may be a credential', () => {
  expect(requestFields(callWith({ headers: { authorization: 'Bearer s3cret\n' } }))).toEqual({
    ok: false,
    fault: 'an invalid value of the header authorization',
  });
});

test('whatever is accepted has one line for each header [A30]', () => {
  const headers = fc.dictionary(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary' }), { maxKeys: 4 });
  fc.assert(
    fc.property(headers, (given) => {
      const fields = requestFields(callWith({ headers: given, method: 'GET' }));
      if (fields.ok) expect(fields.value.split(/\r\n|\r|\n/)).toHaveLength(Object.keys(given).length + 2);
    }),
    { numRuns: 500 },
  );
});
