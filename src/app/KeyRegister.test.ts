import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { authenticate, hashKey, holdingOf, isWellFormedKey, isWithin, roles, type KeyTable } from '../access/index.ts';
import type { Answer, NewKey, Operator } from '../http/index.ts';
import { CodedError, silentLog, type Log } from '../kernel/index.ts';
import { keysMark, listAudit, storeErrors, type Database } from '../store/index.ts';
import { noRates } from '../vocabulary/index.ts';
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

const operator: Operator = { name: 'ops', rights: new Set(), teams: null };

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
  limits: noRates,
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

const rowsOf = (register: KeyRegister, by = operator): readonly Record<string, unknown>[] => {
  const answer = register.list(by);
  if (!answer.ok) throw new Error(answer.fault.message);
  const { keys }: { keys: Record<string, unknown>[] } = JSON.parse(JSON.stringify(answer.value));
  return keys;
};

describe('a key that is made', () => {
  test('speaks for its team with what it was given, and is known by its hash alone', async () => {
    const configuration = configurationOf();
    const register = await registerOf(configuration);
    const limits = { ...noRates, rpm: 60, tpm: 1000, streams: 4 };
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

describe('what a new key can spend', () => {
  const budget = { usd: '5', window: 'month', hard: true };
  const soft = { ...budget, hard: false };
  const file = (team: object, organisation: object): ArchipelConfiguration =>
    configurationOf({ teams: { research: team }, organisations: { default: organisation } });

  test.each([
    ['nobody, where nobody has a budget', file({}, {}), null, []],
    ['nobody, where budgets are only told of', file({ budget: soft }, { budget: soft }), soft, []],
    ['its own budget', file({}, {}), budget, ['key']],
    ['those above it', file({ budget }, { budget }), null, ['team', 'organisation']],
  ] as const)('is capped by %s; its maker is told', async (_, configuration, own, cappedBy) => {
    const register = await registerOf(configuration);
    expect(await register.create(wanted('laptop', { budget: own }), operator)).toMatchObject({ value: { cappedBy } });
    expect(await register.rotate('laptop', operator)).toMatchObject({ value: { cappedBy } });
  });
});

describe('budgets of a key that is made over the API', () => {
  const budgets = [
    { usd: '2', window: { rolling: '24h' }, hard: true },
    { name: 'large', usd: '0.5', window: 'day', hard: false, models: ['chat', 'chat-*'] },
  ];

  test('may be several, over rolling windows and of some models; they are kept, told, and stay with a new key', async () => {
    const configuration = configurationOf();
    const register = await registerOf(configuration);
    const budget = { usd: '5', window: 'month', hard: true };
    const endUserBudget = { usd: '0.1', window: 'day', hard: true, models: ['chat'] };
    await register.create(wanted('laptop', { budget, budgets, endUserBudget }), operator);
    const key = keyIn(await register.rotate('laptop', operator));
    expect(authenticate(tableOf(register, configuration), key, noonMs)).toMatchObject({
      value: {
        budget: { usd: 5_000_000_000n, window: 'month', models: null },
        budgets: [
          { name: '24h', usd: 2_000_000_000n, window: 'rolling 86400s', hard: true, models: null },
          { name: 'large', usd: 500_000_000n, window: 'day', hard: false, models: ['chat', 'chat-*'] },
        ],
        endUserBudget: { usd: 100_000_000n, window: 'day', hard: true, models: ['chat'] },
      },
    });
    expect(rowsOf(register)).toMatchObject([
      {
        budget: { usd: '5', window: 'month' },
        budgets: [
          { name: '24h', usd: '2', capNanoUsd: '2000000000', window: { rolling: '24h' } },
          { name: 'large', models: ['chat', 'chat-*'] },
        ],
        endUserBudget: { usd: '0.1', window: 'day', hard: true },
      },
    ]);
  });

  test.each([
    ['a length that is none', [{ ...budgets[0]!, window: { rolling: '30s' } }], 'from 1m to 366d'],
    ['a model that is not there', [{ ...budgets[1]!, models: ['chatt'] }], '"chatt"'],
    ['two of one name', [budgets[0]!, budgets[0]!], 'two budgets are named 24h'],
  ])('are refused with %s', async (_, written, words) => {
    const register = await registerOf(configurationOf());
    const made = await register.create(wanted('laptop', { budgets: written }), operator);
    expect(made).toMatchObject({ ok: false, fault: { message: expect.stringContaining(words) } });
  });

  test('cap what it can spend only where one of them is hard and of all models', async () => {
    const register = await registerOf(configurationOf());
    expect(await register.create(wanted('a', { budgets }), operator)).toMatchObject({ value: { cappedBy: ['key'] } });
    const ofSome = [{ ...budgets[1]!, hard: true }];
    expect(await register.create(wanted('b', { budgets: ofSome }), operator)).toMatchObject({
      value: { cappedBy: [] },
    });
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

  test.each([
    ['its team is gone', { teams: { sales: {} } }],
    [
      'its team has gone to another organisation',
      { organisations: { abroad: {} }, teams: { research: { organisation: 'abroad' } } },
    ],
  ])('is orphaned where %s, until that is mended', async (_, sections) => {
    const configuration = configurationOf();
    const register = await registerOf(configuration);
    const key = keyIn(await register.create(wanted('laptop'), operator));
    const without = configurationOf(sections);
    expect(authenticate(tableOf(register, without), key, noonMs)).toEqual({ ok: false, fault: 'orphaned' });
    register.use(without);
    expect(rowsOf(register)).toMatchObject([{ name: 'laptop', state: 'orphaned' }]);
    expect(authenticate(tableOf(register, configuration), key, noonMs).ok).toBe(true);
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

describe('a change at another process on the database', () => {
  test('is seen by its mark, however keys were changed, and is in force once it is taken over', async () => {
    const configuration = configurationOf();
    const [here, there] = [await registerOf(configuration), await registerOf(configuration)];
    const key = keyIn(await there.create(wanted('laptop'), operator));
    const acts = [
      () => there.create(wanted('desktop'), operator),
      () => there.rotate('desktop', operator),
      () => there.revoke('laptop', operator),
    ];
    for (const act of acts) {
      await here.takeOver();
      expect(here.mark).toBe(await keysMark(ledger.database));
      expect(authenticate(tableOf(here, configuration), key, noonMs).ok).toBe(true);
      await act();
      expect(there.mark).toBe(await keysMark(ledger.database));
      expect(here.mark).not.toBe(there.mark);
    }
    expect(authenticate(tableOf(here, configuration), key, noonMs).ok, 'nobody looked yet').toBe(true);
    await here.takeOver();
    expect(authenticate(tableOf(here, configuration), key, noonMs)).toEqual({ ok: false, fault: 'revoked' });
  });

  test('is no reason not to know a key that was made there a moment ago', async () => {
    const [here, there] = [await registerOf(configurationOf()), await registerOf(configurationOf())];
    await there.create(wanted('laptop'), operator);
    expect((await here.rotate('laptop', operator)).ok).toBe(true);
    await there.create(wanted('desktop'), operator);
    expect((await here.revoke('desktop', operator)).ok).toBe(true);
  });

  test('is not in force while it cannot be shown, whatever was read of it', async () => {
    const { register, fragile, later } = await openFragile(configurationOf());
    const before = register.mark;
    fragile.changedFails = true;
    await register.takeOver();
    expect([before, register.mark]).toEqual([await keysMark(ledger.database), '']);
    fragile.changedFails = false;
    await later[0]?.();
    expect(register.mark).toBe(before);
  });

  test('that clashes with the file here is refused alone: a revocation beside it holds', async () => {
    const there = await registerOf(configurationOf());
    const keys = [
      keyIn(await there.create(wanted('laptop'), operator)),
      keyIn(await there.create(wanted('written'), operator)),
    ];
    await there.revoke('laptop', operator);
    const here = await registerOf(
      configurationOf({ keys: [{ name: 'written', hash: hashOfNobody('a'), team: 'research' }] }),
    );
    const table = here.tableInForce();
    expect(keys.map((key) => authenticate(table, key, noonMs))).toEqual([
      { ok: false, fault: 'revoked' },
      { ok: false, fault: 'unknown' },
    ]);
    expect(table.get('a'.repeat(64))).toMatchObject({ key: 'written', managedBy: 'file' });
    expect(rowsOf(here).map(({ name, managedBy }) => [name, managedBy])).toEqual([
      ['written', 'file'],
      ['laptop', 'api'],
    ]);
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

test('no credential, whatever it says, is a question to the database; only the keys themselves are [A1]', async () => {
  const configuration = configurationOf();
  let questions = 0;
  const counted: Database = {
    ...ledger.database,
    query: (sql, values) => {
      questions += 1;
      return ledger.database.query(sql, values);
    },
  };
  const ports = { database: counted, clock: ledger.clock, log: silentLog, changed: async () => {}, later: () => {} };
  const register = new KeyRegister(configuration, ports);
  await register.load();
  expect(questions, 'the count counts').toBe(1);
  const table = tableOf(register, configuration);
  const sql = fc.constantFrom("' OR '1'='1", "'; DROP TABLE archipel.api_key;--", '$1', '\\', '%');
  const guess = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.tuple(fc.string(), sql).map(([text, end]) => text + end),
  );
  fc.assert(
    fc.property(guess, (credential) => !authenticate(table, credential, noonMs).ok),
    { numRuns: 10_000 },
  );
  expect(questions).toBe(1);
});

describe('an operator who is limited to teams', () => {
  const teams = { research: {}, sales: {} };
  const ofSales: Operator = { name: 'seller', ...holdingOf('admin', ['sales']) };

  test('makes keys for these alone, and learns nothing of other teams [A3]', async () => {
    const register = await registerOf(configurationOf({ teams }));
    for (const team of ['research', 'nowhere'])
      expect(await register.create(wanted('mine', { team }), ofSales)).toMatchObject({
        ok: false,
        fault: { code: 'operator_forbidden', message: 'This admin key makes keys for no other teams than sales.' },
      });
    expect((await register.create(wanted('mine', { team: 'sales' }), ofSales)).ok).toBe(true);
    expect(rowsOf(register)).toMatchObject([{ name: 'mine', team: 'sales' }]);
  });

  test('sees and changes no key of another team: it is told as one that is not there [A6]', async () => {
    const keys = [{ name: 'written', hash: hashOfNobody('a'), team: 'research' }];
    const configuration = configurationOf({ teams, keys });
    const register = await registerOf(configuration);
    const theirs = keyIn(await register.create(wanted('theirs'), operator));
    await register.create(wanted('mine', { team: 'sales' }), ofSales);
    expect(rowsOf(register, ofSales).map(({ name }) => name)).toEqual(['mine']);
    expect(rowsOf(register)).toHaveLength(3);
    for (const name of ['theirs', 'written', 'nobody'])
      for (const act of [register.rotate(name, ofSales), register.revoke(name, ofSales)])
        expect(await act).toEqual({
          ok: false,
          fault: { code: 'no_such_thing', message: `There is no key "${name}".` },
        });
    expect(authenticate(tableOf(register, configuration), theirs, noonMs).ok).toBe(true);
    for (const name of ['theirs', 'written'])
      expect(await register.create(wanted(name, { team: 'sales' }), ofSales)).toMatchObject({
        ok: false,
        fault: { code: 'name_taken' },
      });
    expect((await register.revoke('mine', ofSales)).ok).toBe(true);
  });
});

test('whatever is asked for and by whom, the key that is made holds no more than who made it [A3]', async () => {
  const names = ['research', 'sales', 'far'] as const;
  const configuration = configurationOf({ teams: Object.fromEntries(names.map((name) => [name, {}])) });
  const limits = fc.option(fc.subarray([...names]), { nil: null });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...roles),
      limits,
      fc.constantFrom(...names, 'nowhere'),
      fc.boolean(),
      async (role, onlyTeams, team, rotates) => {
        await ledger.empty();
        const register = await registerOf(configuration);
        const issuer: Operator = { name: 'issuer', ...holdingOf(role, onlyTeams) };
        const made = await register.create(wanted('made', { team }), issuer);
        if (rotates && made.ok) await register.rotate('made', issuer);
        const reaches = team !== 'nowhere' && (onlyTeams?.includes(team) ?? true);
        expect(made.ok).toBe(reaches);
        const principals = [...tableOf(register, configuration).values()];
        expect(principals).toHaveLength(reaches ? (rotates ? 2 : 1) : 0);
        for (const principal of principals) {
          const granted = holdingOf(principal.role, [principal.team]);
          expect([...granted.rights]).toEqual([]);
          expect(isWithin(granted, issuer)).toBe(true);
        }
      },
    ),
    { numRuns: 40 },
  );
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
