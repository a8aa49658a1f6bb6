import { describe, expect, test } from 'vitest';
import { contractOf, contractsSchema, type Contract } from '../../contracts/index.ts';
import { nanoUsd } from '../../kernel/index.ts';
import { flatForecast } from '../../router/index.ts';
import { pacedPool, type KnownPool } from './pacedPool.ts';
import { pacingPlanOf, type PlanParts } from './pacingPlanOf.ts';

const written = (...contracts: readonly object[]): readonly Contract[] =>
  contractsSchema.parse(contracts).map(contractOf);

const pool = {
  id: 'pool',
  vendor: 'aurora',
  covers: [{ provider: 'aurora' }],
  kind: 'pool',
  usd: '1200',
  period: ['2026-01-01', '2027-01-01'],
  fulfil: 'monthly',
};
const floor = {
  id: 'floor',
  vendor: 'borealis',
  covers: [{ provider: 'borealis', model: 'large' }],
  kind: 'floor',
  unit: 'usdPerMinute',
  quantity: '2',
  period: ['2026-01-01', '2027-01-01'],
};
const at = (text: string): number => Date.parse(`${text}Z`);
const usd = (amount: number) => nanoUsd(BigInt(Math.round(amount * 1e9)));

const poolAt = (terms: object, nowMs: number, known: KnownPool | null = null, ...others: readonly object[]) => {
  const contracts = written({ ...pool, ...terms }, ...others);
  const [first] = contracts;
  if (first?.kind !== 'pool') throw new Error('the first is a pool');
  return pacedPool(first, contracts, known, nowMs);
};

describe('a pool as it is paced', () => {
  const mid = at('2026-04-16T00:00');
  const april = at('2026-04-01T00:00');

  test('needs what is due in the interval that runs, and counts as drawn evenly until the ledger says otherwise', () => {
    expect(poolAt({}, mid)).toEqual({
      contract: 'pool',
      fromMs: april,
      untilMs: at('2026-05-01T00:00'),
      needUsd: 100,
      spentUsd: 50,
      shortfallRate: 1,
    });
  });

  test('takes what the ledger says of its own interval, and of no other', () => {
    const earlierNanoUsd = [100, 100, 100].map(usd);
    const known = { drawnNanoUsd: usd(7), earlierNanoUsd, intervalFromMs: april };
    expect(poolAt({}, mid, known).spentUsd).toBe(7);
    expect(poolAt({}, mid, { ...known, intervalFromMs: april - 1 }).spentUsd).toBe(50);
  });

  test('needs more for what was carried into it, and less for what is credited', () => {
    const knownWith = (march: number): KnownPool => ({
      drawnNanoUsd: usd(0),
      earlierNanoUsd: [100, 100, march].map(usd),
      intervalFromMs: april,
    });
    expect(poolAt({ rollover: {} }, mid, knownWith(60)).needUsd).toBe(140);
    expect(poolAt({}, mid, knownWith(60)).needUsd).toBe(100);
    expect(poolAt({ carryForward: {} }, mid, knownWith(130)).needUsd).toBe(70);
  });

  test('needs less by fees that come anyway, by what is spent elsewhere and by what may be missing for nothing', () => {
    const fee = { ...floor, covers: [{ provider: 'aurora', model: 'large' }], quantity: '0.001' };
    expect(poolAt({}, mid, null, fee).needUsd).toBeCloseTo(100 - 0.001 * 60 * 24 * 30);
    const elsewhere = [{ usd: '30', period: ['2026-04-01', '2026-05-01'] }];
    expect(poolAt({ elsewhere, shortfall: { rate: '0.5', grace: '0.1' } }, mid)).toMatchObject({
      needUsd: 60,
      shortfallRate: 0.5,
    });
  });
});

describe('a plan', () => {
  const deployment = (provider: string, model: string) =>
    ({ target: { provider, model }, vendor: provider, hosts: { north: 1 }, jurisdiction: null, lab: null }) as const;
  const partsOf = (contracts: readonly Contract[], differs: Partial<PlanParts> = {}): PlanParts => ({
    contracts,
    deployments: [deployment('aurora', 'large'), deployment('borealis', 'large'), deployment('borealis', 'small')],
    caps: { vendor: null, host: null, jurisdiction: null, lab: null },
    window: { fromMs: at('2026-04-01T00:00'), untilMs: at('2026-05-01T00:00') },
    forecast: flatForecast(720, 1),
    known: new Map(),
    nowMs: at('2026-04-16T00:00'),
    ...differs,
  });

  test('is none where nothing was signed and nothing is capped', () => {
    expect(pacingPlanOf(partsOf([]))).toBeNull();
    const caps = { vendor: 0.5, host: null, jurisdiction: null, lab: null };
    expect(pacingPlanOf(partsOf([], { caps }))?.plan.targets.length).toBe(3);
  });

  test('knows of each target what covers it', () => {
    const made = pacingPlanOf(partsOf(written(floor, pool)));
    expect(made?.plan.targets.map(({ pools, floors }) => [pools, floors])).toEqual([
      [[0], []],
      [[], [0]],
      [[], []],
    ]);
    expect(made?.indexes.get('borealis/small')).toBe(2);
    expect(made?.plan.floors).toMatchObject([{ contract: 'floor', intervalMs: 60_000, capacityUsd: 2, meters: [] }]);
  });

  test('has of each target its floors in the order in which they are filled, and the pool that they are in', () => {
    const covers = [{ provider: 'aurora' }];
    const last = { ...floor, id: 'last', covers };
    const first = { ...floor, id: 'first', covers, period: ['2026-01-01', '2026-07-01'] };
    const hourly = { ...floor, id: 'hourly', covers, unit: 'usdPerHour', period: ['2026-01-01', '2026-06-01'] };
    const plan = pacingPlanOf(partsOf(written(hourly, last, pool, first)))?.plan;
    const [target] = plan?.targets ?? [];
    expect(target?.floors.map((index) => plan?.floors[index]?.contract)).toEqual(['first', 'last', 'hourly']);
    expect(target?.pools).toEqual([0]);
  });

  test('counts a target of several models once', () => {
    const twice = [deployment('aurora', 'large'), deployment('aurora', 'large')];
    expect(pacingPlanOf(partsOf(written(pool), { deployments: twice }))?.plan.targets.length).toBe(1);
  });

  test('has for meters what an interval takes, and what a token counts', () => {
    const units = {
      ...floor,
      unit: 'gsu',
      quantity: '2',
      tokensPerUnit: '1000',
      burndown: { input: '1', output: '4', cacheRead: '0.1' },
      intervalSeconds: 30,
      fee: { usd: '1000', per: 'month' },
    };
    const made = pacingPlanOf(partsOf(written(units)));
    expect(made?.plan.floors).toMatchObject([
      {
        intervalMs: 30_000,
        meters: [{ capacity: 60_000, burndown: { input: 1, output: 4, reasoning: 4, cacheRead: 0.1 } }],
      },
    ]);
  });

  test('holds until the first border of an interval, a contract or the window', () => {
    const soon = { ...pool, id: 'soon', period: ['2026-04-20', '2027-01-01'] };
    expect(pacingPlanOf(partsOf(written(pool)))?.untilMs).toBe(at('2026-05-01T00:00'));
    const made = pacingPlanOf(partsOf(written(pool, soon)));
    expect(made?.untilMs).toBe(at('2026-04-20T00:00'));
    expect(made?.plan.pools.map(({ contract }) => contract)).toEqual(['pool']);
  });
});
