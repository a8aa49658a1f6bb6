import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { patternsOf } from '../test/rigs/canaries/patternsOf.ts';
import { SecretScan } from '../test/rigs/canaries/SecretScan.ts';
import { scanCanaries } from './scanCanaries.ts';
import { plantTree } from './testing/plantTree.ts';

const part = (): string => `${randomBytes(12).toString('base64url')}"%+/&`;
const secret = `${part()}${part()}`;
const bytes = Buffer.from(secret);

/** Every way in which a secret may leave, and some around it. */
const leaks: Readonly<Record<string, string>> = {
  plain: `{"key":${secret}}`,
  reversed: Array.from(secret).toReversed().join(''),
  hex: `\\x${bytes.toString('hex')}`,
  'upper hex': bytes.toString('hex').toUpperCase(),
  'a query': `GET /v1/models?key=${encodeURIComponent(secret)} `,
  'a form': String(new URLSearchParams({ key: secret })),
  JSON: JSON.stringify({ key: secret }),
  'JSON in JSON': JSON.stringify({ body: JSON.stringify({ key: secret }) }),
  'a page': `<td>${secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</td>`,
  'base64 alone': bytes.toString('base64'),
  'base64 after a byte': Buffer.from(`a${secret}b`).toString('base64'),
  'base64 after two bytes': Buffer.from(`ab${secret}`).toString('base64'),
  'basic authorization': `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
  'base64 for URLs': Buffer.from(`abc${secret}`).toString('base64url'),
  'the first half': `${secret.slice(0, secret.length / 2)}...`,
  'the second half': `...${secret.slice(secret.length / 2)}`,
  'the second half in hex': Buffer.from(secret.slice(secret.length / 2)).toString('hex'),
  'the second half in base64': Buffer.from(`x${secret.slice(secret.length / 2)}`).toString('base64'),
};

test.each(Object.entries(leaks))('a secret that leaves as %s is found [G12]', (_, leaked) => {
  const scan = new SecretScan([{ slot: 'client key', secret }]);
  const around = randomBytes(500);
  const found = scan.find(Buffer.concat([around, Buffer.from(leaked), around]));
  expect(new Set(found.map(({ slot }) => slot))).toEqual(new Set(['client key']));
});

test('what only looks like it is not found, and what is coded in a way that nobody asks for stays unseen', () => {
  const scan = new SecretScan([{ slot: 'client key', secret }]);
  expect(scan.find(Buffer.from(`${secret.slice(0, 10)} ${secret.slice(-10)} ${part()}${part()}`))).toEqual([]);
  expect(scan.find(deflateSync(secret))).toEqual([]);
  expect(scan.find(Buffer.alloc(0))).toEqual([]);
});

test('a secret at either end of a text is found, and each of several in one pass', () => {
  const secrets = Array.from({ length: 200 }, (_, slot) => ({ slot: `${slot}`, secret: `${part()}${part()}` }));
  const scan = new SecretScan(secrets);
  const text = secrets.map((one) => one.secret).join('');
  expect(new Set(scan.find(Buffer.from(text)).map(({ slot }) => slot)).size).toBe(200);
});

test('a secret whose halves would be found by chance is looked for as a whole, and a shorter one is refused', () => {
  expect(patternsOf('abcdefghijklm').map(({ form }) => form)[0]).toBe('plain, the whole');
  expect(() => patternsOf('abcdefghijk')).toThrow(RangeError);
});

const placed = (...slots: string[]): string => slots.map((slot) => `${JSON.stringify({ slot, secret })}\n`).join('');

test('a run is judged by what its servers and suites wrote, but for the places that are named', () => {
  using tree = plantTree({
    'secrets.jsonl': placed('admin key'),
    'output/17/1-server/files/control.json': secret,
    'output/17/1-server/stdout': secret,
    'output/17/1-server/stderr': `a line\nadmin key ${secret}`,
    'suite.log': `expected ${secret}`,
  });
  const { secrets, files, allowed, leaks: found } = scanCanaries(tree.root, [`${tree.root}/suite.log`]);
  expect([secrets, files]).toEqual([1, 4]);
  expect(allowed).toBeGreaterThan(1);
  expect(new Set(found.map(({ path }) => path))).toEqual(new Set(['17/1-server/stderr', 'suite.log']));
});

test('a place is allowed for its own secret only', () => {
  using tree = plantTree({
    'secrets.jsonl': placed('vendor credential'),
    'output/17/1-server/files/control.json': secret,
    'output/17/2-command-keys-list/stdout': secret,
  });
  expect(new Set(scanCanaries(tree.root, []).leaks.map(({ path }) => path)).size).toBe(2);
});
