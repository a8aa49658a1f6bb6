import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd } from '../kernel/index.ts';
import { noRates } from '../vocabulary/index.ts';
import { examplePrincipal } from '../../test/rigs/examplePrincipal.ts';
import { authenticate, lookUp, makeKeyTable, mayUseModel, operatorPrincipal, principalsOfKeys } from './KeyTable.ts';
import type { KeyTable, Principal } from './KeyTable.ts';
import { hashKey } from './key.ts';

const principal: Principal = { ...examplePrincipal, hash: hashKey('right'), key: 'demo' };

const held = (credential: string, changes: Partial<Principal> = {}): Principal => ({
  ...principal,
  hash: hashKey(credential),
  ...changes,
});

const tableOf = (...principals: Principal[]): KeyTable => {
  const table = makeKeyTable(principals);
  if (!table.ok) throw new Error(`clash of ${table.fault.key}`);
  return table.value;
};

describe('authenticate', () => {
  test('finds who a key speaks for, and nobody for any other text [A42]', () => {
    const table = tableOf(held('right'), held('other', { key: 'other' }));
    expect(authenticate(table, 'right', 0)).toEqual({ ok: true, value: principal });
    fc.assert(
      fc.property(fc.string(), (credential) => {
        fc.pre(credential !== 'right' && credential !== 'other');
        expect(authenticate(table, credential, 0)).toEqual({ ok: false, fault: 'unknown' });
      }),
    );
  });

  test('looks up a hash, which tells nothing of how much of a key was right [A42] [G16]', () => {
    const keys = fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019')), minLength: 41, maxLength: 60 });
    fc.assert(
      fc.property(keys, fc.nat(), (key, chance) => {
        // All but the last letters are right.
        const near = `${key.slice(0, 40)}${chance.toString(36)}-`;
        const [one, other] = [hashKey(key), hashKey(near)];
        let shared = 0;
        while (one[shared] === other[shared]) shared += 1;
        // Eight digits of 16 are shared by chance once in four thousand million.
        expect(shared).toBeLessThan(8);
        expect(authenticate(tableOf(held(key)), near, 0).ok).toBe(false);
      }),
    );
  });

  test('the hash of a key is not the key', () => {
    expect(authenticate(tableOf(held('right')), hashKey('right'), 0).ok).toBe(false);
  });

  test('a key is valid until the instant of its expiry, and not at it', () => {
    const table = tableOf(held('right', { expiresAtMs: 1_000 }));
    expect(authenticate(table, 'right', 999).ok).toBe(true);
    expect(authenticate(table, 'right', 1_000)).toEqual({ ok: false, fault: 'expired' });
  });

  test('a revoked key is refused from the instant of its revocation, also when it has expired as well', () => {
    const table = tableOf(held('right', { revokedAtMs: 500, expiresAtMs: 400 }));
    expect(authenticate(table, 'right', 399).ok).toBe(true);
    expect(authenticate(table, 'right', 450)).toEqual({ ok: false, fault: 'expired' });
    expect(authenticate(table, 'right', 500)).toEqual({ ok: false, fault: 'revoked' });
  });

  test('a key whose team is gone is refused; that it was revoked is said first', () => {
    const table = tableOf(held('right', { orphaned: true, revokedAtMs: 500 }));
    expect(authenticate(table, 'right', 499)).toEqual({ ok: false, fault: 'orphaned' });
    expect(authenticate(table, 'right', 500)).toEqual({ ok: false, fault: 'revoked' });
  });

  test('says the same of a key by its hash, which a request that runs has kept', () => {
    fc.assert(
      fc.property(fc.constantFrom('right', 'wrong'), fc.nat(1_000), (credential, nowMs) => {
        const table = tableOf(held('right', { revokedAtMs: 500, expiresAtMs: 400 }));
        expect(lookUp(table, hashKey(credential), nowMs)).toEqual(authenticate(table, credential, nowMs));
      }),
    );
  });
});

describe('makeKeyTable', () => {
  test('refuses two keys of one name and two entries of one key', () => {
    expect(makeKeyTable([held('a'), held('b')])).toEqual({ ok: false, fault: { kind: 'name', key: 'demo' } });
    expect(makeKeyTable([held('a'), held('a', { key: 'second' })])).toEqual({
      ok: false,
      fault: { kind: 'hash', key: 'second' },
    });
  });
});

test('a key may use all models, or those it names', () => {
  expect(mayUseModel(principal, 'any')).toBe(true);
  expect(mayUseModel({ ...principal, models: ['chat-large'] }, 'chat-large')).toBe(true);
  expect(mayUseModel({ ...principal, models: ['chat-large'] }, 'chat-small')).toBe(false);
  expect(mayUseModel({ ...principal, models: [] }, 'chat-large')).toBe(false);
});

describe('keys of the file', () => {
  const written = {
    name: 'demo',
    hash: hashKey('right'),
    team: 'research',
    models: ['chat-large'],
    expires: '2027-01-01',
    budget: { usd: nanoUsd(5_000_000_000n), window: 'day', hard: true, models: null } as const,
    budgets: [],
    endUserBudget: null,
    limits: { ...noRates, rpm: 600 },
    policy: null,
  };

  test('a key speaks for its team and the organisation of that', () => {
    const [made] = principalsOfKeys([written], new Map([['research', { organisation: 'acme' }]]), 'UTC');
    expect(made).toEqual({
      hash: hashKey('right'),
      organisation: 'acme',
      team: 'research',
      key: 'demo',
      models: ['chat-large'],
      expiresAtMs: Date.UTC(2027, 0, 1),
      revokedAtMs: null,
      orphaned: false,
      budget: written.budget,
      budgets: [],
      endUserBudget: null,
      limits: written.limits,
      policy: null,
      managedBy: 'file',
      role: null,
      onlyTeams: null,
    });
  });

  test('the day of expiry begins where the installation is', () => {
    const [made] = principalsOfKeys([written], new Map(), 'Europe/Paris');
    expect(made?.expiresAtMs).toBe(Date.UTC(2026, 11, 31, 23));
  });

  test("an operator's key has a role, perhaps teams that it is limited to, and no model", () => {
    const made = operatorPrincipal({ name: 'ops', hash: hashKey('right'), role: 'admin', teams: ['research'] });
    expect(made).toMatchObject({ role: 'admin', onlyTeams: ['research'] });
    expect(mayUseModel(made, 'chat-large')).toBe(false);
  });
});
