import { expect, test } from 'vitest';
import { dependenceOf, type SupplyUse } from './dependence.ts';
import { dependsOnOf } from './dependsOnOf.ts';

const useOf = (provider: string, spend: bigint, differs: Partial<SupplyUse> = {}): SupplyUse => ({
  provider,
  vendor: provider,
  hosts: { north: 1 },
  jurisdiction: 'EU',
  lab: null,
  spend,
  tokens: spend * 10n,
  requests: 1n,
  ...differs,
});

test('shares and their squares are told in money, tokens and requests', () => {
  const { totals, rows, hhi } = dependenceOf([useOf('a', 75n), useOf('b', 25n, { tokens: 750n })], () => []);
  expect(totals).toEqual({ spend: 100n, tokens: 1_500n, requests: 2n });
  expect(rows.vendor.map(({ name, shares }) => [name, shares])).toEqual([
    ['a', { spend: 0.75, tokens: 0.5, requests: 0.5 }],
    ['b', { spend: 0.25, tokens: 0.5, requests: 0.5 }],
  ]);
  expect(hhi.vendor).toEqual({ spend: 0.625, tokens: 0.5, requests: 0.5 });
  expect(hhi.host).toEqual({ spend: 1, tokens: 1, requests: 1 });
  expect(rows.lab).toEqual([]);
});

test('a host that is needed has all of it, beside those where it runs', () => {
  const split = useOf('own', 100n, { hosts: { cellar: 0.5, attic: 0.5 } });
  const { rows } = dependenceOf([split], (provider) => (provider === 'own' ? ['north'] : []));
  expect(Object.fromEntries(rows.host.map(({ name, parts }) => [name, parts.spend]))).toEqual({
    cellar: 50n,
    attic: 50n,
    north: 100n,
  });
});

test('nothing used is no dependence', () => {
  expect(dependenceOf([], () => []).hhi.vendor).toEqual({ spend: 0, tokens: 0, requests: 0 });
});

test('what one depends on is followed through providers and sites, and round a ring once', () => {
  const own = { names: ['own'], hosts: ['cellar'], dependsOn: ['cloud'] };
  const cloud = { names: ['cloud'], hosts: ['aws'], dependsOn: ['own', 'power'] };
  expect(dependsOnOf(own, [own, cloud])).toEqual(['aws', 'cellar', 'cloud', 'own', 'power']);
  expect(dependsOnOf({ dependsOn: [] }, [own, cloud])).toEqual([]);
});
