import fc from 'fast-check';
import { expect, test } from 'vitest';
import { servedIn, type Kind } from './servedIn.ts';

test('who could go elsewhere makes room, along a chain of others', () => {
  const kinds = [
    { domains: ['a', 'b'], requests: 10 },
    { domains: ['b', 'c'], requests: 10 },
    { domains: ['a', 'c'], requests: 10 },
    { domains: ['a', 'd'], requests: 5 },
  ];
  expect(servedIn(kinds, () => 10)).toBe(35);
  expect(servedIn(kinds, (domain) => (domain === 'd' ? 2 : 10))).toBe(32);
  expect(servedIn(kinds, () => Infinity)).toBe(35);
  expect(servedIn([{ domains: [], requests: 3 }], () => 10)).toBe(0);
});

/** By the smallest cut: some domains are full, and whoever can go elsewhere is served. */
const byCuts = (kinds: readonly Kind[], names: readonly string[], roomOf: (domain: string) => number): number => {
  const cuts = Array.from({ length: 2 ** names.length }, (_, bits) => {
    const full = names.filter((_name, index) => (bits >> index) % 2 === 1);
    const within = kinds.filter(({ domains }) => !domains.every((domain) => full.includes(domain)));
    const sum = (counts: readonly number[]): number => counts.reduce((one, other) => one + other, 0);
    return sum(full.map(roomOf)) + sum(within.map(({ requests }) => requests));
  });
  return Math.min(...cuts);
};

test('it is as much as the smallest cut lets through', () => {
  const names = ['a', 'b', 'c', 'd'];
  const kind = fc.record({ domains: fc.subarray(names), requests: fc.integer({ min: 1, max: 20 }) });
  const rooms = fc.tuple(...names.map(() => fc.integer({ min: 0, max: 20 })));
  fc.assert(
    fc.property(fc.array(kind, { maxLength: 6 }), rooms, (kinds, room) => {
      const roomOf = (domain: string): number => room[names.indexOf(domain)] ?? 0;
      expect(servedIn(kinds, roomOf)).toBe(byCuts(kinds, names, roomOf));
    }),
    { numRuns: 200 },
  );
});
