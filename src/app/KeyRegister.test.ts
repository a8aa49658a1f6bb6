import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authenticate, hashKey, isWellFormedKey, type KeyTable } from '../access/index.ts';
import type { Answer, NewKey, Operator } from '../http/index.ts';
import { CodedError, silentLog, type Log } from '../kernel/index.ts';
import { listAudit, storeErrors, type Database } from '../store/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { KeyRegister } from './KeyRegister.ts';
import { noonMs, openTestLedger, type TestLedger } from './openTestLedger.fixture.ts';
import { hashOfNobody, testConfiguration, testFile } from './testConfiguration.fixture.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(async () => {
  ledger.clock.wallMs = noonMs;
  await ledger.empty();
});

const operator: Operator = { name: 'ops', rights: new Set() };

const configurationOf = (sections: Readonly<Record<string, unknown>> = {}): ArchipelConfiguration =>
  testConfiguration(testFile(sections)).configuration;

const registerOf = async (configuration: ArchipelConfiguration, changed = async () => {}): Promise<KeyRegister> => {
  const { database, clock } = ledger;
  const register = new KeyRegister(configuration, { database, clock, log: silentLog, changed, later: () => {} });
  await register.load();
  return register;
};

const wanted = (name: string, change: Partial<NewKey> = {}): NewKey => ({
  name,
  team: 'research',
  models: null,
  expires: null,
  budget: null,
  limits: { rpm: null, tpm: null },
  ...change,
});

/** The key of an answer that shows one. */
const keyIn = (answer: Answer): string => {
  const { value }: { value?: { key: string } } = JSON.parse(JSON.stringify(answer));
  if (value === undefined) throw new Error(JSON.stringify(answer));
  return value.key;
};

const tableOf = (register: KeyRegister, configuration: ArchipelConfiguration): KeyTable => {
  const table = register.table(configuration);
  if (!table.ok) throw new Error(table.fault);
  return table.value;
};

const rowsOf = (register: KeyRegister): readonly Record<string, unknown>[] => {
  const answer = register.list();
  if (!answer.ok) throw new Error(answer.fault.message);
  const { keys }: { keys: Record<string, unknown>[] } = JSON.parse(JSON.stringify(answer.value));
  return keys;
};

describe('a key that is made', () => {
  test('speaks for its team with what it was given, and is known by its hash alone', async () => {
    const configuration = configurationOf();
    const register = await registerOf(configuration);
    const limits = { rpm: 60, tpm: 1000 };
    const budget = { usd: '0.5', window: 'day', hard: false };
    const key = keyIn(await register.create(wanted('laptop', { models: ['chat'], budget, limits }), operator));
    expect(isWellFormedKey(key)).toBe(true);
    expect(authenticate(tableOf(register, configuration), key, noonMs)).toMatchObject({
      ok: true,
      value: {
        organisation: 'default',
        team: 'research',
        key: 'laptop',
        models: ['chat'],
        budget: { usd: 500_000_000n, window: 'day', hard: false },
        limits,
        managedBy: 'api',
        role: null,
      },
    });
    const shown = JSON.stringify(rowsOf(register));
    expect(shown).not.toContain(key.slice(20));
    expect(shown).not.toContain(hashKey(key));
    expect(await listAudit(ledger.database, 'default', 10)).toMatchObject([
      { actor: 'ops', action: 'key.create', subject: 'laptop' },
    ]);
  });

  test('is there before its maker is answered, and for the next process', async () => {
    const told: number[] = [];
    const configuration = configurationOf();
    const register: KeyRegister = await registerOf(configuration, async () => {
      told.push(tableOf(register, configuration).size);
    });
    const key = keyIn(await register.create(wanted('laptop'), operator));
    expect(told).toEqual([1]);
    expect(authenticate(tableOf(await registerOf(configuration), configuration), key, noonMs).ok).toBe(true);
  });

  test.each(['UTC', 'Europe/Paris', 'America/Los_Angeles', 'Asia/Kathmandu'])(
    'ends at the same instant as one of the file with the same day, in %s',
    async (timeZone) => {
      const expires = '2027-01-31';
      const keys = [{ name: 'written', hash: hashOfNobody('a'), team: 'research', expires }];
      const configuration = configurationOf({ timeZone, keys });
      const register = await registerOf(configuration);
      const key = keyIn(await register.create(wanted('made', { expires }), operator));
      const table = tableOf(register, configuration);
      const written = table.get('a'.repeat(64))?.expiresAtMs ?? 0;
      expect(table.get(hashKey(key))?.expiresAtMs).toBe(written);
      expect(authenticate(table, key, written - 1).ok).toBe(true);
      expect(authenticate(table, key, written)).toEqual({ ok: false, fault: 'expired' });
    },
  );

  test.each(['2027-02-30', '2027-13-01', '0000-01-01', 'tomorrow'])(
    'does not end on %s, which is no day',
    async (day) => {
      const register = await registerOf(configurationOf());
      const answer = await register.create(wanted('laptop', { expires: day }), operator);
      expect(answer).toMatchObject({ ok: false, fault: { code: 'bad_control_request' } });
      expect(rowsOf(register)).toEqual([]);
    },
  );

  test('needs a team and models that there are, and is told which', async () => {
    const register = await registerOf(configurationOf({ teams: { research: {}, sales: {} } }));
    const noTeam = await register.create(wanted('laptop', { team: 'reserch' }), operator);
    expect(noTeam).toMatchObject({ ok: false, fault: { message: expect.stringContaining('research, sales') } });
    const noModel = await register.create(wanted('laptop', { models: ['chat', 'chatt'] }), operator);
    expect(noModel).toMatchObject({ ok: false, fault: { message: expect.stringContaining('"chatt"') } });
    expect(rowsOf(register)).toEqual([]);
  });

  test('does not take a name that is taken: in its organisation, in another, or by a key that was revoked', async () => {
    const organisations = { default: {}, abroad: {} };
    const teams = { research: {}, far: { organisation: 'abroad' } };
    const configuration = configurationOf({ organisations, teams });
    const register = await registerOf(configuration);
    expect((await register.create(wanted('laptop'), operator)).ok).toBe(true);
    for (const team of ['research', 'far']) {
      const again = await register.create(wanted('laptop', { team }), operator);
      expect(again, team).toMatchObject({ ok: false, fault: { code: 'name_taken' } });
    }
    await register.revoke('laptop', operator);
    expect(await register.create(wanted('laptop', { team: 'far' }), operator)).toMatchObject({
      ok: false,
      fault: { code: 'name_taken' },
    });
    expect(register.table(configuration).ok).toBe(true);
  });
});

describe('a key that is replaced or ended', () => {
  test('is told so at once, while the new one works with the same rights', async () => {
    const configuration = configurationOf();
    const register = await registerOf(configuration);
    const budget = { usd: '5', window: 'month', hard: true };
    const old = keyIn(await register.create(wanted('laptop', { models: ['chat'], budget }), operator));
    const fresh = keyIn(await register.rotate('laptop', operator));
    const table = tableOf(register, configuration);
    expect(fresh).not.toBe(old);
    expect(authenticate(table, old, noonMs)).toEqual({ ok: false, fault: 'expired' });
    expect(authenticate(table, fresh, noonMs)).toMatchObject({
      ok: true,
      value: { key: 'laptop', models: ['chat'], budget: { usd: 5_000_000_000n } },
    });
    expect(rowsOf(register)).toMatchObject([{ name: 'laptop', state: 'active' }]);
  });

  test('is refused as revoked afterwards, and stays in the list', async () => {
    const configuration = configurationOf();
    const register = await registerOf(configuration);
    const key = keyIn(await register.create(wanted('laptop'), operator));
    expect((await register.revoke('laptop', operator)).ok).toBe(true);
    expect(authenticate(tableOf(register, configuration), key, noonMs)).toEqual({ ok: false, fault: 'revoked' });
    expect(rowsOf(register)).toMatchObject([{ name: 'laptop', state: 'revoked', managedBy: 'api' }]);
    for (const act of [register.rotate('laptop', operator), register.revoke('laptop', operator)])
      expect(await act).toMatchObject({ ok: false, fault: { code: 'no_such_thing' } });
  });

  test('is shown as expired from its day on', async () => {
    const register = await registerOf(configurationOf());
    await register.create(wanted('laptop', { expires: '2026-11-16' }), operator);
    expect(rowsOf(register)).toMatchObject([{ state: 'active' }]);
    ledger.clock.wallMs = Date.UTC(2026, 10, 16);
    expect(rowsOf(register)).toMatchObject([{ state: 'expired' }]);
  });

  test('must be one that there is', async () => {
    const register = await registerOf(configurationOf());
    expect(await register.rotate('nobody', operator)).toMatchObject({ ok: false, fault: { code: 'no_such_thing' } });
  });
});

/** A register over a database that breaks when told, whose later acts wait for the test. */
const openFragile = async (configuration: ArchipelConfiguration) => {
  const away = new CodedError('database_unavailable', storeErrors.database_unavailable);
  const lines: string[] = [];
  const later: (() => Promise<void>)[] = [];
  const fragile = { readsFail: false, commitsFail: false, changedFails: false };
  const { database, clock } = ledger;
  const breaking: Database = {
    ...database,
    query: (sql, values) => (fragile.readsFail ? Promise.reject(away) : database.query(sql, values)),
    transaction: async (act) => {
      const value = await database.transaction(act);
      if (fragile.commitsFail) throw away;
      return value;
    },
  };
  const log: Log = { ...silentLog, info: (event) => void lines.push(event), error: (event) => void lines.push(event) };
  const register = new KeyRegister(configuration, {
    database: breaking,
    clock,
    log,
    changed: () => (fragile.changedFails ? Promise.reject(away) : Promise.resolve()),
    later: (act) => void later.push(act),
  });
  await register.load();
  return { register, fragile, lines, later };
};

describe('a change that the database has and this process cannot show yet', () => {
  test.each(['readsFail', 'changedFails'] as const)(
    'is answered as what it is, done, and is shown when it can be (%s)',
    async (what) => {
      const configuration = configurationOf();
      const { register, fragile, lines, later } = await openFragile(configuration);
      fragile[what] = true;
      const key = keyIn(await register.create(wanted('laptop'), operator));
      if (what === 'readsFail') expect(tableOf(register, configuration).size).toBe(0);
      expect(later).toHaveLength(1);
      await later[0]?.();
      expect(later, 'tried again as long as it fails').toHaveLength(2);
      fragile[what] = false;
      await later[1]?.();
      expect(later, 'and no longer').toHaveLength(2);
      expect(authenticate(tableOf(register, configuration), key, noonMs).ok).toBe(true);
      expect(lines).toEqual([
        'changed keys are not in force here yet; this is tried again',
        'the keys of the database are in force again',
      ]);
    },
  );

  test('ends a key all the same: a revocation is tried again until it holds', async () => {
    const configuration = configurationOf();
    const { register, fragile, later } = await openFragile(configuration);
    const key = keyIn(await register.create(wanted('laptop'), operator));
    fragile.readsFail = true;
    expect(await register.revoke('laptop', operator)).toEqual({ ok: true, value: { name: 'laptop' } });
    fragile.readsFail = false;
    await later[0]?.();
    expect(authenticate(tableOf(register, configuration), key, noonMs)).toEqual({ ok: false, fault: 'revoked' });
  });

  test('is tried again once for several changes', async () => {
    const configuration = configurationOf();
    const { register, fragile, later } = await openFragile(configuration);
    fragile.readsFail = true;
    const keys = [
      keyIn(await register.create(wanted('laptop'), operator)),
      keyIn(await register.create(wanted('desktop'), operator)),
    ];
    fragile.readsFail = false;
    expect(later).toHaveLength(1);
    await later[0]?.();
    const table = tableOf(register, configuration);
    expect(keys.map((key) => authenticate(table, key, noonMs).ok)).toEqual([true, true]);
  });
});

describe('a change that the database did not answer', () => {
  test('is answered as failed, and shown if it held after all', async () => {
    const configuration = configurationOf();
    const { register, fragile, later } = await openFragile(configuration);
    fragile.commitsFail = true;
    await expect(register.create(wanted('laptop'), operator)).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(tableOf(register, configuration).size).toBe(0);
    await later[0]?.();
    expect(rowsOf(register)).toMatchObject([{ name: 'laptop' }]);
  });

  test('leaves nothing to look at where the database refused it', async () => {
    const { register, later } = await openFragile(configurationOf());
    await register.create(wanted('laptop'), operator);
    await ledger.empty();
    expect(await register.revoke('laptop', operator)).toMatchObject({ ok: false, fault: { code: 'no_such_thing' } });
    expect(later).toHaveLength(0);
  });
});

describe('keys of the file', () => {
  const keys = [{ name: 'written', hash: hashOfNobody('a'), team: 'research' }];

  test('are listed, and changed nowhere but there', async () => {
    const register = await registerOf(configurationOf({ keys }));
    expect(rowsOf(register)).toMatchObject([{ name: 'written', managedBy: 'file', state: 'active' }]);
    const acts = [
      register.create(wanted('written'), operator),
      register.rotate('written', operator),
      register.revoke('written', operator),
    ];
    for (const act of acts) expect(await act).toMatchObject({ ok: false, fault: { code: 'managed_by_file' } });
  });

  test('whose name or hash the database has refuse the whole table', async () => {
    const register = await registerOf(configurationOf());
    const key = keyIn(await register.create(wanted('laptop'), operator));
    const sameName = register.table(
      configurationOf({ keys: [{ name: 'laptop', hash: hashOfNobody('a'), team: 'research' }] }),
    );
    expect(sameName).toMatchObject({ ok: false, fault: expect.stringContaining('laptop') });
    const sameHash = register.table(
      configurationOf({ keys: [{ name: 'other', hash: `sha256:${hashKey(key)}`, team: 'research' }] }),
    );
    expect(sameHash).toMatchObject({ ok: false, fault: expect.stringContaining('laptop') });
    expect(JSON.stringify(sameHash)).not.toContain(hashKey(key));
  });
});
