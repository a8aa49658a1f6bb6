import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd } from '../kernel/index.ts';
import { authenticate, entriesOfAdminKeys, entriesOfKeys, makeKeyTable, mayUseModel } from './KeyTable.ts';
import type { KeyEntry, KeyTable, Principal } from './KeyTable.ts';
import { hashKey } from './key.ts';

const principal: Principal = {
  organisation: 'default',
  team: 'research',
  key: 'demo',
  models: null,
  expiresAtMs: null,
  revokedAtMs: null,
  budget: null,
  limits: { rpm: null, tpm: null },
  managedBy: 'file',
  role: null,
};

const entry = (credential: string, changes: Partial<Principal> = {}): KeyEntry => ({
  hash: hashKey(credential),
  principal: { ...principal, ...changes },
});

const tableOf = (...entries: KeyEntry[]): KeyTable => {
  const table = makeKeyTable(entries);
  if (!table.ok) throw new Error(`clash of ${table.fault.key}`);
  return table.value;
};

describe('authenticate', () => {
  test('finds who a key speaks for, and nobody for any other text', () => {
    const table = tableOf(entry('right'), entry('other', { key: 'other' }));
    expect(authenticate(table, 'right', 0)).toEqual({ ok: true, value: principal });
    fc.assert(
      fc.property(fc.string(), (credential) => {
        fc.pre(credential !== 'right' && credential !== 'other');
        expect(authenticate(table, credential, 0)).toEqual({ ok: false, fault: 'unknown' });
      }),
    );
  });

  test('the hash of a key is not the key', () => {
    expect(authenticate(tableOf(entry('right')), hashKey('right'), 0).ok).toBe(false);
  });

  test('a key is valid until the instant of its expiry, and not at it', () => {
    const table = tableOf(entry('right', { expiresAtMs: 1_000 }));
    expect(authenticate(table, 'right', 999).ok).toBe(true);
    expect(authenticate(table, 'right', 1_000)).toEqual({ ok: false, fault: 'expired' });
  });

  test('a revoked key is refused from the instant of its revocation, also when it has expired as well', () => {
    const table = tableOf(entry('right', { revokedAtMs: 500, expiresAtMs: 400 }));
    expect(authenticate(table, 'right', 399).ok).toBe(true);
    expect(authenticate(table, 'right', 450)).toEqual({ ok: false, fault: 'expired' });
    expect(authenticate(table, 'right', 500)).toEqual({ ok: false, fault: 'revoked' });
  });
});

describe('makeKeyTable', () => {
  test('refuses two keys of one name and two entries of one key', () => {
    expect(makeKeyTable([entry('a'), entry('b')])).toEqual({ ok: false, fault: { kind: 'name', key: 'demo' } });
    expect(makeKeyTable([entry('a'), entry('a', { key: 'second' })])).toEqual({
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

describe('entries of the file', () => {
  const written = {
    name: 'demo',
    hash: hashKey('right'),
    team: 'research',
    models: ['chat-large'],
    expires: '2027-01-01',
    budget: { usd: nanoUsd(5_000_000_000n), window: 'day', hard: true } as const,
    limits: { rpm: 600, tpm: null },
  };

  test('a key speaks for its team and the organisation of that', () => {
    const [made] = entriesOfKeys([written], new Map([['research', { organisation: 'acme' }]]), 'UTC');
    expect(made).toEqual({
      hash: hashKey('right'),
      principal: {
        organisation: 'acme',
        team: 'research',
        key: 'demo',
        models: ['chat-large'],
        expiresAtMs: Date.UTC(2027, 0, 1),
        revokedAtMs: null,
        budget: written.budget,
        limits: written.limits,
        managedBy: 'file',
        role: null,
      },
    });
  });

  test('the day of expiry begins where the installation is', () => {
    const [made] = entriesOfKeys([written], new Map(), 'Europe/Paris');
    expect(made?.principal.expiresAtMs).toBe(Date.UTC(2026, 11, 31, 23));
  });

  test("an operator's key has a role and no model", () => {
    const [made] = entriesOfAdminKeys([{ name: 'ops', hash: hashKey('right'), role: 'admin' }]);
    expect(made?.principal.role).toBe('admin');
    expect(made && mayUseModel(made.principal, 'chat-large')).toBe(false);
  });
});
