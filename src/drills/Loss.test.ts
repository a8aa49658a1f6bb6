import { expect, test } from 'vitest';
import { isLost, lossText, readLosses } from './Loss.ts';
import { targetOf } from './supply.fixture.ts';

const targets = [
  targetOf('aurora', 1, { hosts: { north: 1 }, jurisdiction: 'EU' }),
  targetOf('own.a', 1, {
    group: 'own',
    vendor: 'self',
    hosts: { cellar: 0.5, attic: 0 },
    dependsOn: ['north'],
    jurisdiction: null,
    lab: null,
  }),
];

const [aurora, own] = [targets[0]!, targets[1]!];

test('a bare name is a vendor before it is anything else, and a kind may be named', () => {
  const read = readLosses(['aurora', 'own', 'host:north', 'jurisdiction:EU', 'lab:aurora', 'provider:own.a'], targets);
  expect(read).toEqual({
    ok: true,
    value: [
      { kind: 'vendor', name: 'aurora' },
      { kind: 'provider', name: 'own' },
      { kind: 'host', name: 'north' },
      { kind: 'jurisdiction', name: 'EU' },
      { kind: 'lab', name: 'aurora' },
      { kind: 'provider', name: 'own.a' },
    ],
  });
});

test('what nobody knows is refused with what there is', () => {
  expect(readLosses(['host:west'], targets)).toEqual({
    ok: false,
    fault: 'There is no host:west to lose. Known are host: cellar, north.',
  });
  expect(readLosses(['nowhere'], targets)).toMatchObject({ fault: expect.stringMatching(/vendor: aurora, self/) });
  expect(readLosses([], targets)).toMatchObject({ ok: false });
});

test('a host takes along who stands there in part, and who needs it', () => {
  expect(isLost(own, { kind: 'host', name: 'cellar' })).toBe(true);
  expect(isLost(own, { kind: 'host', name: 'north' })).toBe(true);
  expect(isLost(own, { kind: 'host', name: 'attic' })).toBe(false);
  expect(isLost(aurora, { kind: 'host', name: 'north' })).toBe(true);
  expect(isLost(own, { kind: 'jurisdiction', name: 'EU' })).toBe(false);
  expect([aurora, own].map((target) => isLost(target, { kind: 'vendor', name: 'self' }))).toEqual([false, true]);
});

test('losses are told as they are written', () => {
  expect(lossText({ kind: 'vendor', name: 'aurora' })).toBe('aurora');
  expect(lossText({ kind: 'host', name: 'north' })).toBe('host:north');
});
