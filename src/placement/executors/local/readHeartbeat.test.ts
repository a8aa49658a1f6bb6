import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainName, readHeartbeat } from './readHeartbeat.ts';

test('every field is optional, and what cannot be used is as if it were not there', () => {
  const nothing = { step: null, checkpoint: null, port: null, metrics: {} };
  expect(readHeartbeat('{}')).toEqual(nothing);
  expect(readHeartbeat('{"step":-1,"checkpoint":7,"port":1.5,"metrics":null,"other":true}')).toEqual(nothing);
  expect(readHeartbeat('{"metrics":{"loss":2.31,"bad name":1,"text":"x","__proto__":3}}')?.metrics).toEqual(
    Object.fromEntries([
      ['loss', 2.31],
      ['__proto__', 3],
    ]),
  );
});

test('no more metrics are kept than there is room for', () => {
  const metrics = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, index]));
  expect(Object.keys(readHeartbeat(JSON.stringify({ metrics }))!.metrics)).toHaveLength(64);
});

test.each(['', 'null', '[1]', '"text"', '{"step":1', 'x'])('%j is no heartbeat', (text) => {
  expect(readHeartbeat(text)).toBeNull();
});

test.each(['step-120.json', 'deep/er/step', '..dots', 'with space', 'é'])('%j is a name of a checkpoint', (name) => {
  expect(isPlainName(name)).toBe(true);
});

test.each(['', '/', '/x', 'x/', 'a//b', '.', '..', '../x', 'x/../y', 'x\\y', 'x\ny', 'x\0', '\ud800', 'x'.repeat(513)])(
  '%j is none',
  (name) => {
    expect(isPlainName(name)).toBe(false);
  },
);

test('whatever it is given, it answers', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const word = readHeartbeat(text);
      expect(word === null || word.port === null || (word.port >= 1 && word.port <= 65_535)).toBe(true);
    }),
  );
});
