import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frontCheck } from './frontCheck.ts';

/** A request as the parser hands it on. */
const requestOf = (url: string, rawHeaders: readonly string[], httpVersion = '1.1'): IncomingMessage => {
  const request = new IncomingMessage(new Socket());
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers[rawHeaders[index]!.toLowerCase()] ??= rawHeaders[index + 1] ?? '';
  return Object.assign(request, { url, rawHeaders, headers, httpVersion });
};

const isTaken = (url: string, rawHeaders: readonly string[], httpVersion?: string): boolean =>
  frontCheck(requestOf(url, rawHeaders, httpVersion)) === null;

const sharp = fc.constantFrom(...Array.from('/.%2eEfF5cC\\?#@:;=&az09[]{}|^`"\' \t~!$()*+,<>é\u0000'));
const urls = fc.array(sharp, { maxLength: 12 }).map((letters) => `/${letters.join('')}`);

test('a target that is taken is read by every party as it stands [A2] [A8]', () => {
  fc.assert(
    fc.property(urls, (url) => {
      if (!isTaken(url, ['host', 'h'])) return;
      const path = url.split('?')[0] ?? '';
      const { pathname, host, hash } = new URL(`http://h${url}`);
      expect([pathname, host, hash]).toEqual([path, 'h', '']);
      // Who decodes once, as a file server or a filter does, stays in the same segments.
      const decoded = path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      );
      expect(decoded.split('/')).toHaveLength(path.split('/').length);
    }),
    { numRuns: 200 },
  );
});

test('a Host that is taken is one name with an optional port, whoever reads it [A2] [A8]', () => {
  fc.assert(
    fc.property(fc.array(sharp, { minLength: 1, maxLength: 8 }), (letters) => {
      const host = letters.join('');
      if (!isTaken('/', ['Host', host])) return;
      expect(host).toMatch(/^[^/?#@\\\s]+$/);
      const read = URL.parse(`http://${host}/x`);
      if (read !== null) expect([read.pathname, read.search, read.username]).toEqual(['/x', '', '']);
    }),
    { numRuns: 200 },
  );
});

const names = fc.constantFrom(
  'Host',
  'host',
  'Transfer-Encoding',
  'Content-Length',
  'Authorization',
  'X-Api-Key',
  'x-other',
);
const values = fc.constantFrom('h', 'chunked', 'Chunked', 'gzip, chunked', '5', '');

test('of headers that count once a request that is taken has one, and one way of saying how long it is [A8]', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, values), { maxLength: 5 }),
      fc.constantFrom('1.1', '1.0', '2.0', '0.9'),
      (pairs, version) => {
        if (!isTaken('/', pairs.flat(), version)) return;
        const seen = pairs.map(([name]) => name.toLowerCase()).filter((name) => name !== 'x-other');
        expect(seen).toHaveLength(new Set(seen).size);
        expect(seen.includes('transfer-encoding') && seen.includes('content-length')).toBe(false);
        expect(pairs.every(([name, value]) => name !== 'Transfer-Encoding' || value === 'chunked')).toBe(true);
        expect(['1.1', '1.0']).toContain(version);
      },
    ),
    { numRuns: 200 },
  );
});

test('what an ordinary client sends is taken', () => {
  expect(isTaken('/v1/chat/completions?a=b', ['Host', 'example.org:8787', 'Transfer-Encoding', 'chunked'])).toBe(true);
  expect(isTaken('/v1/models', ['Host', '[::1]:8787', 'Content-Length', '5'])).toBe(true);
});
