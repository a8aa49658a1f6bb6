import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Supply, SupplyTarget } from '../../drills/index.ts';
import type { LiveQuestion, Operator } from '../../http/index.ts';
import { silentLog, silentMetrics, UuidV7Maker } from '../../kernel/index.ts';
import { effectivePolicy } from '../../router/index.ts';
import { openTestLedger, type TestLedger } from '../openTestLedger.fixture.ts';
import { LiveDrills } from './LiveDrills.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());

const target: SupplyTarget = {
  target: { provider: 'a', model: 'm' },
  group: 'a',
  credential: 'a/main',
  quotaDomain: 'a',
  vendor: 'aurora',
  hosts: {},
  dependsOn: [],
  jurisdiction: null,
  lab: null,
  data: { retentionDays: null, training: null },
  tags: [],
  weight: null,
  canary: null,
  lacks: 0,
  contextTokens: null,
  rates: null,
  serves: () => true,
  terms: () => ({ price: null, discount: '0', contract: null }),
};
const supply: Supply = {
  models: new Map([['chat', [target]]]),
  caps: { vendor: null, host: null, jurisdiction: null, lab: null },
  forecastUsd: 0,
  dropped: 0,
  burstCapacity: () => null,
  policies: {
    of: () => effectivePolicy([]),
    hasTeam: () => true,
    hasKey: () => true,
    organisations: [],
    teams: [],
    keys: [],
  },
};

/** One of several processes on the database. */
const replica = () =>
  new LiveDrills({
    database: ledger.database,
    callers: () => [{ team: 'research', key: 'demo' }],
    supply: () => supply,
    ids: new UuidV7Maker((bytes) => void crypto.getRandomValues(bytes)),
    clock: ledger.clock,
    log: silentLog,
    metrics: silentMetrics,
  });

const question: LiveQuestion = {
  without: ['aurora'],
  share: 1,
  team: null,
  key: null,
  lengthMs: 60_000,
  errorBudget: 0.01,
};
const by: Operator = { name: 'ops', rights: new Set(), teams: null };

test('a drill that nobody would meet is refused', async () => {
  const drills = replica();
  for (const scope of [{ team: 'reserch' }, { key: 'other' }, { team: 'sales', key: 'demo' }])
    expect(await drills.start({ ...question, ...scope }, by)).toMatchObject({
      ok: false,
      fault: { code: 'bad_control_request', message: expect.stringMatching(/^No request would meet the drill: /) },
    });
});

test('a drill whose process is gone keeps nobody from ending it, nor the next from beginning', async () => {
  const [gone, here] = [replica(), replica()];
  expect(await gone.start({ ...question, team: 'research', key: 'demo' }, by)).toMatchObject({ ok: true });
  expect(await here.start(question, by)).toMatchObject({ ok: false, fault: { code: 'drill_running' } });
  expect(await here.stop(by)).toMatchObject({ ok: true, value: { report: { state: 'stopped' } } });
  expect(await here.stop(by)).toMatchObject({ ok: false, fault: { code: 'no_such_thing' } });
  expect(await here.start(question, by)).toMatchObject({ ok: true });
  await here.close();
  await gone.close();
  expect(await here.start(question, by)).toMatchObject({ ok: false, fault: { code: 'drill_running' } });
});
