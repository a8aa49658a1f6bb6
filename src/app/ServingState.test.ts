import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { authenticate, hashKey } from '../access/index.ts';
import type { ConfigurationFault } from '../config/index.ts';
import type { NewKey, Operator } from '../http/index.ts';
import { CodedError, silentLog, success, type Log, type Result } from '../kernel/index.ts';
import { PriceBook } from '../market/index.ts';
import { Health, LatencyEstimate } from '../router/index.ts';
import { storeErrors, type Database, type SqlValue } from '../store/index.ts';
import { noRates } from '../vocabulary/index.ts';
import { Balances } from './Balances.ts';
import { KeyRegister } from './KeyRegister.ts';
import { loadConfiguration, type LoadedConfiguration } from './loadConfiguration.ts';
import { noonMs, openTestLedger, type TestLedger } from './openTestLedger.fixture.ts';
import { ServingState } from './ServingState.ts';
import { hashOfNobody, priceOf, testFile } from './testConfiguration.fixture.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(() => ledger.empty());

const operator: Operator = { name: 'ops', rights: new Set(), teams: null };

/** A state with everything that it stands on, and a file that a test writes. */
interface Stage {
  file: string;
  env: Readonly<Record<string, string>>;
  isLedgerAway: boolean;
  /** Each question to the ledger waits for what this gives. */
  beforeQuestion: (sql: string) => Promise<void>;
  /** Each reading of the file waits for what this gives. */
  beforeReading: () => Promise<void>;
  readonly state: ServingState;
  readonly keys: KeyRegister;
  readonly balances: Balances;
  readonly health: Health;
  readonly log: readonly (readonly [event: string, message: unknown])[];
}

const serve = async (file: string): Promise<Stage> => {
  const lines: (readonly [string, unknown])[] = [];
  const log: Log = {
    ...silentLog,
    warn: (event) => void lines.push([event, null]),
    error: (event, fields) => void lines.push([event, fields?.['message']]),
  };
  const made: Omit<Stage, 'state' | 'keys' | 'balances' | 'health' | 'log'> = {
    file,
    env: { A_KEY: 'credential-a', B_KEY: 'credential-b' },
    isLedgerAway: false,
    beforeQuestion: async () => {},
    beforeReading: async () => {},
  };
  const database: Database = {
    ...ledger.database,
    query: async (sql: string, values?: readonly SqlValue[]) => {
      await made.beforeQuestion(sql);
      if (made.isLedgerAway) throw new CodedError('database_unavailable', storeErrors.database_unavailable);
      return ledger.database.query(sql, values);
    },
  };
  const read = (): Result<LoadedConfiguration, readonly ConfigurationFault[]> =>
    loadConfiguration(
      { text: made.file, file: 'f.yaml' },
      {
        env: made.env,
        readFile: (path) => `content of ${path}`,
        known: { wires: ['openai', 'anthropic'], nowMs: noonMs },
      },
    );
  const loaded = read();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.fault));
  const { configuration } = loaded.value;
  const keys: KeyRegister = new KeyRegister(configuration, {
    database,
    clock: ledger.clock,
    log: silentLog,
    changed: () => state.refresh(),
    later: () => {},
  });
  await keys.load();
  const balances = new Balances(database, configuration);
  const health = new Health();
  const prepared = {
    source: { kind: 'file', path: 'f.yaml' } as const,
    dataDir: '.',
    folder: '.',
    loaded: loaded.value,
    databaseUrl: null,
    sandbox: null,
    load: async () => {
      await made.beforeReading();
      return read();
    },
    release: async () => {},
  };
  const book = new PriceBook([]);
  const state = await ServingState.open({
    prepared,
    keys,
    balances,
    health,
    latencies: new LatencyEstimate(),
    book,
    served: () => [],
    clock: ledger.clock,
    log,
  });
  return Object.assign(made, { state, keys, balances, health, log: lines });
};

const provider = (key: string, more: object = {}): object => ({
  wire: 'openai',
  vendor: 'aurora',
  baseUrl: 'https://aurora.example/v1',
  credentials: { apiKey: `\${env:${key}}` },
  host: 'north',
  ...more,
});

const deployment = (name: string): object => ({ provider: name, model: 'large', price: priceOf('2', '8') });

const keyOf = (name: string, digit: string, more: object = {}): object => ({
  name,
  hash: hashOfNobody(digit),
  team: 'research',
  ...more,
});

const wanted = (name: string, change: Partial<NewKey> = {}): NewKey => ({
  name,
  team: 'research',
  models: null,
  expires: null,
  budget: null,
  limits: noRates,
  ...change,
});

const budget = { usd: '5', window: 'month', hard: true };

describe('a configuration that is read anew', () => {
  test('takes the place of the old one whole: models, keys, operators, caps, budgets', async () => {
    const stage = await serve(testFile({ keys: [keyOf('first', 'a')] }));
    const told = vi.fn<() => void>();
    stage.state.onChange(told);
    stage.file = testFile({
      admin: { keys: [{ name: 'ops', hash: hashOfNobody('c'), role: 'viewer' }] },
      models: { other: { deployments: [deployment('a')] } },
      keys: [keyOf('second', 'b', { budget })],
      policy: { concentration: { vendor: 0.25 } },
    });
    expect(await stage.state.reload()).toMatchObject({ ok: true, value: { changed: true } });
    const { snapshot, adminKeys } = stage.state;
    expect([...snapshot.models.keys()]).toEqual(['other']);
    expect([...snapshot.keys.values()].map(({ key }) => key)).toEqual(['second']);
    expect([...adminKeys.values()].map(({ role }) => role)).toEqual(['viewer']);
    expect(snapshot.caps.vendor).toBe(0.25);
    expect(stage.balances.budgets.standing('key:second', noonMs)?.capNanoUsd).toBe(5_000_000_000n);
    expect(told).toHaveBeenCalledOnce();
  });

  test('is not taken where it is the same, and everything stays the same object', async () => {
    const stage = await serve(testFile());
    const { snapshot } = stage.state;
    expect(await stage.state.reload()).toMatchObject({ ok: true, value: { changed: false } });
    expect(stage.state.snapshot).toBe(snapshot);
  });

  test('changes nothing where it has a fault, and says every fault at its place', async () => {
    const stage = await serve(testFile({ keys: [keyOf('first', 'a', { budget })] }));
    const { snapshot, adminKeys, configuration } = stage.state;
    stage.file = testFile({ keys: [keyOf('second', 'b', { budget: { ...budget, usd: '900' } })], modles: {} });
    const answer = await stage.state.reload();
    expect(answer).toMatchObject({ ok: false, fault: { code: 'configuration_invalid' } });
    expect(!answer.ok && answer.fault.message).toMatch(/^f\.yaml:\d+:2: .*did you mean "models"/m);
    expect(stage.state.snapshot).toBe(snapshot);
    expect(stage.state.adminKeys).toBe(adminKeys);
    expect(stage.state.configuration).toBe(configuration);
    expect(stage.balances.budgets.standing('key:first', noonMs)?.capNanoUsd).toBe(5_000_000_000n);
    expect(stage.balances.budgets.standing('key:second', noonMs)).toBeNull();
    expect(stage.log).toMatchObject([['configuration refused, the last one stays in force', expect.any(String)]]);
    // The next that is whole is taken.
    stage.file = testFile({ keys: [keyOf('second', 'b')] });
    expect(await stage.state.reload()).toMatchObject({ ok: true, value: { changed: true } });
  });

  test('changes nothing where a secret is gone', async () => {
    const stage = await serve(testFile());
    stage.env = {};
    const answer = await stage.state.reload();
    expect(!answer.ok && answer.fault.message).toContain('A_KEY');
    expect(stage.state.snapshot.models.get('chat')?.deployments[0]?.authorizer?.secrets[0]?.reveal()).toBe(
      'credential-a',
    );
  });

  test('changes nothing where the ledger does not answer, and is taken whole when it does', async () => {
    const stage = await serve(testFile({ keys: [keyOf('first', 'a')] }));
    await ledger.book({ key: 'first', amountNanoUsd: '77' });
    const { snapshot } = stage.state;
    stage.file = testFile({ keys: [keyOf('first', 'a', { budget })] });
    stage.isLedgerAway = true;
    await expect(stage.state.reload()).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(stage.state.snapshot).toBe(snapshot);
    expect(stage.state.refused).toMatchObject({ code: 'database_unavailable' });
    stage.isLedgerAway = false;
    expect(await stage.state.reload()).toMatchObject({ ok: true, value: { changed: true } });
    expect(stage.state.refused).toBeNull();
    expect(stage.balances.budgets.standing('key:first', noonMs)?.spentNanoUsd).toBe(77n);
  });

  test('says which changes wait for the next start', async () => {
    const stage = await serve(testFile());
    stage.file = testFile({ listen: { port: 9999 } });
    await stage.state.reload();
    expect(stage.log.map(([event]) => event)).toEqual([
      'host and port of listen and admin.listen, dataDir and store take effect at the next start',
    ]);
  });
});

describe('a configuration that takes most of what serves away', () => {
  const models = (...names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, { deployments: [{ ...deployment('a'), model: `m-${name}` }] }]));
  const keys = [keyOf('first', 'a'), keyOf('second', 'b')];

  test('is refused, told until it is mended, and taken by force [G21]', async () => {
    const stage = await serve(testFile({ models: models('one', 'two', 'three'), keys }));
    const { snapshot, hash } = stage.state;
    stage.file = testFile({ models: models('one'), keys });
    expect(await stage.state.reload()).toMatchObject({
      ok: false,
      fault: { code: 'configuration_shrinks', message: expect.stringContaining('2 of 3 targets') },
    });
    expect([stage.state.snapshot, stage.state.hash]).toEqual([snapshot, hash]);
    expect(stage.state.refused).toMatchObject({ code: 'configuration_shrinks', atMs: noonMs });
    expect(stage.log).toMatchObject([
      ['configuration refused, the last one stays in force', expect.stringContaining('2 of 3')],
    ]);
    // The old file again: nothing changes, and nothing is wrong any more.
    const shrunk = stage.file;
    stage.file = testFile({ models: models('one', 'two', 'three'), keys });
    expect(await stage.state.reload()).toMatchObject({ ok: true, value: { changed: false } });
    expect(stage.state.refused).toBeNull();
    stage.file = shrunk;
    expect((await stage.state.reload()).ok).toBe(false);
    expect(await stage.state.reload(true)).toMatchObject({ ok: true, value: { changed: true } });
    expect(stage.state.refused).toBeNull();
    expect([...stage.state.snapshot.models.keys()]).toEqual(['one']);
  });

  test('leaves the budgets of the old one where it is refused', async () => {
    const stage = await serve(testFile({ keys: [keyOf('first', 'a', { budget }), keyOf('second', 'b')] }));
    stage.file = testFile({ keys: [] });
    expect(await stage.state.reload()).toMatchObject({ ok: false, fault: { code: 'configuration_shrinks' } });
    expect(stage.balances.budgets.standing('key:first', noonMs)?.capNanoUsd).toBe(5_000_000_000n);
  });

  test('is not forced where it has a fault', async () => {
    const stage = await serve(testFile({ models: models('one', 'two', 'three') }));
    stage.file = testFile({ models: models('one'), modles: {} });
    expect(await stage.state.reload(true)).toMatchObject({ ok: false, fault: { code: 'configuration_invalid' } });
    expect([...stage.state.snapshot.models.keys()]).toEqual(['one', 'two', 'three']);
  });
});

describe('credentials at a reload', () => {
  const file = (more: object = {}): string =>
    testFile({
      providers: { a: provider('A_KEY'), b: provider('B_KEY', more) },
      models: { chat: { deployments: [deployment('a'), deployment('b')] } },
    });

  test('that changed are tried again at once, and only those', async () => {
    const stage = await serve(file());
    const changed = vi.spyOn(stage.health, 'credentialChanged');
    stage.env = { ...stage.env, B_KEY: 'credential-b2' };
    expect(await stage.state.reload()).toMatchObject({ ok: true, value: { changed: true } });
    expect(changed.mock.calls).toEqual([['b/default']]);
    expect(stage.state.snapshot.models.get('chat')?.deployments[1]?.authorizer?.secrets[0]?.reveal()).toBe(
      'credential-b2',
    );
  });

  test('that stay are left in peace when the file changes elsewhere', async () => {
    const stage = await serve(file());
    const changed = vi.spyOn(stage.health, 'credentialChanged');
    stage.file = file({ jurisdiction: 'EU' });
    await stage.state.reload();
    expect(changed).not.toHaveBeenCalled();
  });

  test('in files are told by their paths, for whoever watches them', async () => {
    const stage = await serve(testFile());
    expect(stage.state.filesBeside).toEqual([]);
    stage.file = testFile({ providers: { a: provider('', { credentials: { apiKey: '${file:/run/key}' } }) } });
    const seen: (readonly string[])[] = [];
    stage.state.onChange(() => seen.push(stage.state.filesBeside));
    expect((await stage.state.reload()).ok).toBe(true);
    expect(seen).toEqual([['/run/key']]);
  });
});

describe('keys made over the API', () => {
  test('serve at once, and stay through reloads', async () => {
    const stage = await serve(testFile());
    const answer = await stage.keys.create(wanted('laptop', { budget }), operator);
    const key = JSON.parse(JSON.stringify(answer)).value.key;
    const isKnown = () => authenticate(stage.state.snapshot.keys, key, noonMs).ok;
    expect(isKnown()).toBe(true);
    stage.file = testFile({ keys: [keyOf('first', 'a')] });
    await stage.state.reload();
    expect(isKnown()).toBe(true);
  });

  test('with a budget can be replaced, and go on with what was spent', async () => {
    const stage = await serve(testFile());
    await stage.keys.create(wanted('laptop', { budget }), operator);
    await ledger.book({ key: 'laptop', amountNanoUsd: '123' });
    expect((await stage.keys.rotate('laptop', operator)).ok).toBe(true);
    // The next process finds both keys of the name.
    const next = await serve(testFile());
    expect(next.balances.budgets.standing('key:laptop', noonMs)?.spentNanoUsd).toBe(123n);
  });

  test('refuse a file that takes their name or hash, at a reload and at a start', async () => {
    const stage = await serve(testFile());
    const answer = await stage.keys.create(wanted('laptop'), operator);
    const key: string = JSON.parse(JSON.stringify(answer)).value.key;
    const { snapshot } = stage.state;
    const clashes = [
      testFile({ keys: [keyOf('laptop', 'a')] }),
      testFile({ keys: [{ ...keyOf('other', 'a'), hash: `sha256:${hashKey(key)}` }] }),
    ];
    for (const file of clashes) {
      stage.file = file;
      expect(await stage.state.reload()).toMatchObject({ ok: false, fault: { code: 'configuration_invalid' } });
      expect(stage.state.snapshot).toBe(snapshot);
      await expect(serve(file)).rejects.toMatchObject({ code: 'configuration_faulty', row: { status: 2 } });
    }
  });

  test('and a file that changes meanwhile are taken one after the other: nothing of the old file comes back', async () => {
    const stage = await serve(testFile());
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    stage.beforeQuestion = async (sql) => {
      if (!sql.includes('archipel.attempt')) return;
      asked.resolve();
      await answered.promise;
    };
    const reading = vi.fn<() => Promise<void>>(async () => {});
    stage.beforeReading = reading;
    // The new key is built into the old configuration, and waits for what its budget has spent.
    const made = stage.keys.create(wanted('laptop', { budget }), operator);
    await asked.promise;
    stage.file = testFile({ models: { other: { deployments: [deployment('a')] } } });
    const reloaded = stage.state.reload();
    await new Promise(setImmediate);
    expect(reading).not.toHaveBeenCalled();
    answered.resolve();
    expect(await made).toMatchObject({ ok: true });
    expect(await reloaded).toMatchObject({ ok: true });
    expect([...stage.state.snapshot.models.keys()]).toEqual(['other']);
    expect([...stage.state.snapshot.keys.values()].map(({ key }) => key)).toEqual(['laptop']);
  });

  test('do not end the state by a reading that fails', async () => {
    const stage = await serve(testFile());
    stage.beforeReading = () => Promise.reject(new Error('the disk is gone'));
    await expect(stage.state.reload()).rejects.toThrow('the disk is gone');
    stage.beforeReading = async () => {};
    expect(await stage.state.reload()).toEqual(success(expect.objectContaining({ changed: false })));
  });
});
