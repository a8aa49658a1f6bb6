import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitmentFaults, focusFaults, type WrittenRow } from '../../test/rigs/focus/focusFaults.ts';
import { readCsv } from '../../test/rigs/focus/readCsv.ts';
import {
  BeyondFloors,
  contractOf,
  contractsSchema,
  fulfilmentWindows,
  settleFloors,
  trueUpsOf,
  type Contract,
  type PoolContract,
} from '../contracts/index.ts';
import { csvLine, nanoUsd, parseUsd, sumUsd, zeroUsd, type NanoUsd } from '../kernel/index.ts';
import type { LedgerSlice } from '../vocabulary/index.ts';
import { aSlice } from './aSlice.fixture.ts';
import {
  contractCommitmentColumns,
  contractCommitmentRows,
  focusColumns,
  focusRows,
  shareOut,
  type ChargePeriodName,
  type FocusQuestion,
  type LedgerSlices,
} from './index.ts';

const fixtures = new URL('../../test/fixtures/', import.meta.url);
const hourMs = 3_600_000;
const at = (text: string): number => Date.parse(text);

const contractsFrom = (...written: readonly object[]): readonly Contract[] =>
  contractsSchema.parse(written).map(contractOf);

const isUnder = (
  { contract, fromMs }: LedgerSlice,
  contracts: readonly Pick<Contract, 'id' | 'fromMs' | 'untilMs'>[],
): boolean => contracts.some((one) => one.id === contract && one.fromMs <= fromMs && fromMs < one.untilMs);

/** Slices of a test as a ledger would give them. */
const ledgerOf = (
  slices: readonly LedgerSlice[],
  spent: (fromMs: number) => NanoUsd = () => zeroUsd,
): LedgerSlices => ({
  async *ordinary({ without }) {
    yield* slices.filter((slice) => !isUnder(slice, without));
  },
  async *ofContracts({ contracts, originMs, intervalMs }) {
    for (const slice of slices) {
      if (!isUnder(slice, contracts)) continue;
      yield { ...slice, fromMs: Math.floor((slice.fromMs - originMs) / intervalMs) * intervalMs + originMs };
    }
  },
  trueUps: (pool) => {
    const earlierNanoUsd = fulfilmentWindows(pool).map(({ fromMs }) => spent(fromMs));
    return Promise.resolve(
      trueUpsOf(pool, { drawnNanoUsd: zeroUsd, earlierNanoUsd, nowMs: at('2026-12-31T00:00:00Z') }),
    );
  },
});

const november = { fromMs: at('2026-11-01T00:00:00Z'), untilMs: at('2026-12-01T00:00:00Z') };

/** The rows as a file has them, read back. */
const written = async (question: Partial<FocusQuestion>, ledger: LedgerSlices): Promise<readonly WrittenRow[]> => {
  const asked = {
    by: 'day' as const,
    stretch: november,
    contracts: [],
    nowMs: at('2027-01-01T00:00:00Z'),
    ...question,
  };
  let text = csvLine(focusColumns);
  for await (const row of focusRows(asked, ledger)) text += csvLine(focusColumns.map((column) => row[column] ?? null));
  return readCsv(text).rows;
};

const faultsOf = (rows: readonly WrittenRow[]) => focusFaults(focusColumns, rows);

const sum = (rows: readonly WrittenRow[], column: string): bigint =>
  rows.reduce((total, row) => total + parseUsd(row[column] ?? '0'), 0n);

const reserved = {
  id: 'reserved',
  vendor: 'aurora',
  covers: [{ provider: 'aurora-eu' }],
  kind: 'floor',
  period: ['2026-11-15', '2026-11-16'],
  unit: 'usdPerHour',
  quantity: '1',
};

describe('the validator', () => {
  const examples = readdirSync(new URL('focus/', fixtures)).filter((name) => name.endsWith('.csv'));

  /** Where examples of the specification do not keep to its text: figures that were rounded, resources that should be commitments, a name in another case. */
  const known: Readonly<Record<string, readonly string[]>> = {
    'one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource.csv': ['2 ListCost'],
    'zero_percent_utilization_without_commitment_discount_flexibility.csv': ['2 ResourceId', '2 ConsumedQuantity'],
  };

  test.each(examples)('has nothing new against the example %s of the specification', (name) => {
    const { columns, rows } = readCsv(readFileSync(new URL(`focus/${name}`, fixtures), 'utf8'));
    expect(rows.length).toBeGreaterThan(0);
    const faults = focusFaults(columns, rows, { partial: true }).filter(({ column }) => column !== 'SkuPriceid');
    expect(faults.map(({ row, column }) => `${row} ${column}`)).toEqual(known[name] ?? []);
  });

  test.each([
    ['BilledCost', '1,5', 'decimal'],
    ['EffectiveCost', '', 'null'],
    ['ChargeCategory', 'Use', 'none of'],
    ['ChargePeriodEnd', '2026-11-15', 'instant'],
    ['ListCost', '3', 'is not ListUnitPrice x PricingQuantity'],
    ['ConsumedUnit', '', 'ConsumedQuantity'],
    ['CommitmentDiscountStatus', 'Used', 'of no commitment'],
    ['ServiceSubcategory', 'Other (Compute)', 'parent'],
    ['RegionName', '', 'RegionId'],
    ['Tags', '[]', 'JSON object'],
  ])('sees a row whose %s is "%s"', async (column, value, words) => {
    const [row] = await written({}, ledgerOf([aSlice()]));
    expect(faultsOf([row!])).toEqual([]);
    expect(faultsOf([{ ...row!, [column]: value }]).map(({ message }) => message)).toContainEqual(
      expect.stringContaining(words),
    );
  });

  test('sees a column that is missing, and one that nobody knows', async () => {
    const rows = await written({}, ledgerOf([aSlice()]));
    const columns = [...focusColumns.filter((column) => column !== 'BilledCost'), 'Cost'];
    expect(focusFaults(columns, rows).map(({ column }) => column)).toEqual(['Cost', 'BilledCost']);
  });
});

describe('rows of use', () => {
  test('have price, quantity and costs to the last digit', async () => {
    const slice = aSlice({ units: 1_234_567n, amountNanoUsd: 1_925_924_520n, discount: '0.22' });
    const [row] = await written({}, ledgerOf([slice]));
    expect(row).toMatchObject({
      BilledCost: '1.92592452',
      EffectiveCost: '1.92592452',
      ListCost: '2.469134',
      ContractedCost: '1.92592452',
      ContractedUnitPrice: '1.56',
      PricingQuantity: '1.234567',
      PricingUnit: '1000000 Tokens',
      ConsumedQuantity: '1234567',
      ConsumedUnit: 'Tokens',
      ChargePeriodStart: '2026-11-15T12:00:00Z',
      ChargePeriodEnd: '2026-11-16T00:00:00Z',
      BillingPeriodStart: '2026-11-01T00:00:00Z',
      BillingPeriodEnd: '2026-12-01T00:00:00Z',
      HostProviderName: 'north',
      PublisherName: 'polaris',
      SubAccountId: 'research',
    });
  });

  test('pass the specification, whatever names and amounts there are', async () => {
    const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).map((text) => `n${text}n`);
    const slices = fc.array(
      fc.record({
        provider: name,
        team: name,
        region: fc.option(name),
        lab: fc.option(name),
        operation: fc.constantFrom('generate', 'embed', 'compute'),
        nanoUsdPerMillion: fc.bigInt({ min: 0n, max: 10n ** 15n }),
        discount: fc.constantFrom('0', '0.1', '0.123456', '1'),
        units: fc.bigInt({ min: 1n, max: 10n ** 15n }),
        amountNanoUsd: fc.bigInt({ min: 0n, max: 10n ** 20n }),
        isCorrection: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(slices, fc.constantFrom<ChargePeriodName>('hour', 'day', 'month'), async (changes, by) => {
        const rows = await written({ by }, ledgerOf(changes.map((change) => aSlice(change))));
        expect(rows).toHaveLength(changes.length);
        expect(faultsOf(rows)).toEqual([]);
        expect(sum(rows, 'BilledCost')).toBe(changes.reduce((total, { amountNanoUsd }) => total + amountNanoUsd, 0n));
      }),
      { numRuns: 60 },
    );
  });

  test('of a bill that told more or less than was booked have a cost and no quantity, and pass the specification', async () => {
    const change = { bucket: 'requests', units: 0n, nanoUsdPerMillion: 0n, source: 'bill november.csv' } as const;
    const amounts = [-1_234_567_890n, 5n];
    const slices = amounts.map((amountNanoUsd, index) =>
      aSlice({ ...change, amountNanoUsd, isCorrection: index === 1 }),
    );
    const rows = await written({}, ledgerOf(slices));
    expect(rows.map((row) => row['BilledCost'])).toEqual(['-1.23456789', '0.000000005']);
    expect(faultsOf(rows)).toEqual([]);
  });

  test('name the true-up of a pool that they draw down', async () => {
    const contracts = contractsFrom({
      id: 'pool',
      vendor: 'aurora',
      covers: [{ provider: 'aurora-eu' }],
      kind: 'pool',
      usd: '24',
      period: ['2026-01-01', '2027-01-01'],
      fulfil: 'monthly',
    });
    const [row] = await written(
      { contracts },
      ledgerOf([aSlice({ contract: 'pool' })], () => parseUsd('2')),
    );
    expect(JSON.parse(row!['ContractApplied']!)).toEqual({
      Elements: [{ ContractId: 'pool', ContractCommitmentId: 'pool/11', ContractCommitmentAppliedCost: 2 }],
    });
    const ids = contractCommitmentRows(contracts[0]!, contracts[0]!).map(({ ContractCommitmentId: id }) => id);
    expect(ids).toContain('pool/11');
    expect(new Set(ids).size).toBe(12);
  });
});

describe('case 37: commitments', () => {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`cases/37-focus-commitment-rows.${name}.json`, fixtures), 'utf8'));
  const { commitment, usage } = read('input') as {
    readonly commitment: { readonly id: string; readonly upfrontUsd: number; readonly hourlyUsd: number };
    readonly usage: readonly { readonly hour: number; readonly committedUsd: number; readonly onDemandUsd: number }[];
  };
  const expected = read('expected') as {
    readonly counts: Readonly<Record<string, number>>;
    readonly sums: Readonly<Record<string, number>>;
  };
  const contracts = contractsFrom({
    ...reserved,
    id: commitment.id,
    quantity: String(commitment.hourlyUsd),
    fee: { usd: String(commitment.upfrontUsd), per: 'period' },
  });
  const slices = usage.flatMap(({ hour, committedUsd, onDemandUsd }) => {
    const amountNanoUsd = parseUsd(String(committedUsd + onDemandUsd));
    const slice = { contract: commitment.id, fromMs: at('2026-11-15T00:00:00Z') + hour * hourMs };
    return amountNanoUsd === 0n ? [] : [aSlice({ ...slice, amountNanoUsd, units: amountNanoUsd / 2_000n })];
  });

  test('are bought once, used, left unused and exceeded as the case says', async () => {
    const rows = await written({ by: 'hour', contracts }, ledgerOf(slices));
    const withStatus = (status: string) => rows.filter((row) => row['CommitmentDiscountStatus'] === status);
    const purchases = rows.filter((row) => row['ChargeCategory'] === 'Purchase');
    const onDemand = rows.filter((row) => row['PricingCategory'] === 'Standard' && row['ChargeCategory'] === 'Usage');
    expect({
      purchase: purchases.length,
      used: withStatus('Used').length,
      unused: withStatus('Unused').length,
      onDemand: onDemand.length,
    }).toEqual(expected.counts);
    const dollars = (amount: bigint): number => Number(amount) / 1e9;
    expect({
      BilledCost: dollars(sum(rows, 'BilledCost')),
      EffectiveCost: dollars(sum(rows, 'EffectiveCost')),
      EffectiveCostUsed: dollars(sum(withStatus('Used'), 'EffectiveCost')),
      EffectiveCostUnused: dollars(sum(withStatus('Unused'), 'EffectiveCost')),
    }).toEqual(expected.sums);
    expect(purchases[0]).toMatchObject({ BilledCost: '24', EffectiveCost: '0', ChargeFrequency: 'One-Time' });
    expect(onDemand[0]).toMatchObject({ BilledCost: '0.5', EffectiveCost: '0.5', CommitmentDiscountId: '' });
    expect(faultsOf(rows)).toEqual([]);
    expect(commitmentFaults(rows)).toEqual([]);
  });

  test('say of an hour that was used in part what was used and what was not', async () => {
    const rows = await written({ by: 'hour', contracts }, ledgerOf(slices));
    const hour18 = rows.filter(
      (row) => row['ChargePeriodStart'] === '2026-11-15T18:00:00Z' && row['ChargeCategory'] === 'Usage',
    );
    expect(hour18).toMatchObject([
      { EffectiveCost: '0.75', BilledCost: '0', CommitmentDiscountStatus: 'Used', PricingCategory: 'Committed' },
      { EffectiveCost: '0.25', BilledCost: '0', CommitmentDiscountStatus: 'Unused', ResourceId: commitment.id },
    ]);
  });

  test('are seen to be wrong where the use does not bear the fee', async () => {
    const rows = await written({ by: 'hour', contracts }, ledgerOf(slices));
    const without = rows.filter((row) => row['CommitmentDiscountStatus'] !== 'Unused');
    expect(commitmentFaults(without)).toHaveLength(1);
  });

  test('keep that a busy hour does not make up for an idle one, whatever the period of a row', async () => {
    for (const by of ['day', 'month'] as const) {
      const rows = await written({ by, contracts }, ledgerOf(slices));
      const used = rows.filter((row) => row['CommitmentDiscountStatus'] === 'Used');
      expect(Number(sum(used, 'EffectiveCost')) / 1e9).toBe(expected.sums['EffectiveCostUsed']);
      expect(faultsOf(rows)).toEqual([]);
      expect(commitmentFaults(rows)).toEqual([]);
    }
  });
});

/** A floor of so many tokens a minute. */
const tokensOf = (quantity: string) => ({
  id: 'units',
  vendor: 'aurora',
  covers: [{ provider: 'aurora-eu' }],
  kind: 'floor',
  unit: 'tokensPerMinute',
  quantity,
  burndown: { input: '1' },
  fee: { usd: '1', per: 'hour' },
  period: ['2026-11-15', '2026-11-16'],
});

describe('commitments', () => {
  test('share what they can give to the last unit', () => {
    const parts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), parts, (quantity, drawn) => {
        const shares = shareOut(quantity, drawn);
        const total = drawn.reduce((all, part) => all + part, 0n);
        expect(shares.reduce((all, part) => all + part, 0n)).toBe(total < quantity ? total : quantity);
        for (const [index, share] of shares.entries()) expect(share >= 0n && share <= drawn[index]!).toBe(true);
      }),
    );
  });

  test('are borne by their use to the nano-dollar, however they are used, cut and paid', async () => {
    const use = fc.array(
      fc.record({
        minute: fc.integer({ min: 0, max: 1_439 }),
        key: fc.constantFrom('demo', 'other'),
        amountNanoUsd: fc.bigInt({ min: 1n, max: 3_000_000_000n }),
        // What a bill took off it, in parts of a hundred.
        off: fc.option(fc.bigInt({ min: 1n, max: 100n })),
      }),
      { maxLength: 12 },
    );
    const per = fc.constantFrom('hour', 'day', 'month', 'period', null);
    await fc.assert(
      fc.asyncProperty(use, per, fc.constantFrom<ChargePeriodName>('hour', 'day', 'month'), async (uses, fee, by) => {
        const contracts = contractsFrom({
          ...reserved,
          unit: 'usdPerMinute',
          quantity: '0.05',
          ...(fee === null ? {} : { fee: { usd: '7.123456789', per: fee } }),
        });
        const slices = uses
          .toSorted((one, other) => one.minute - other.minute)
          .flatMap(({ minute, key, amountNanoUsd, off }) => {
            const fromMs = at('2026-11-15T00:00:00Z') + minute * 60_000;
            const used = aSlice({
              contract: 'reserved',
              key,
              amountNanoUsd,
              units: amountNanoUsd / 2_000n + 1n,
              fromMs,
            });
            const corrected = {
              ...used,
              bucket: 'requests',
              units: 0n,
              nanoUsdPerMillion: 0n,
              source: 'bill',
            } as const;
            return off === null ? [used] : [used, { ...corrected, amountNanoUsd: (-amountNanoUsd * off) / 100n }];
          });
        const rows = await written({ by, contracts }, ledgerOf(slices));
        expect(faultsOf(rows)).toEqual([]);
        expect(commitmentFaults(rows)).toEqual([]);
        const within = sum(
          rows.filter((row) => row['CommitmentDiscountStatus'] === 'Used'),
          'CommitmentDiscountQuantity',
        );
        const beyond = sum(
          rows.filter((row) => row['PricingCategory'] === 'Standard' && row['ChargeCategory'] === 'Usage'),
          'BilledCost',
        );
        expect(within + beyond).toBe(slices.reduce((all, { amountNanoUsd }) => all + amountNanoUsd, 0n));
      }),
      { numRuns: 60 },
    );
  });

  test('that are asked for in the middle of an hour bear their part of it', async () => {
    const contracts = contractsFrom(reserved);
    const slices = [10].map((hour) =>
      aSlice({
        contract: 'reserved',
        amountNanoUsd: parseUsd('0.9'),
        units: 450_000n,
        fromMs: at('2026-11-15T00:00:00Z') + hour * hourMs,
      }),
    );
    const stretch = { fromMs: at('2026-11-15T10:00:00Z'), untilMs: at('2026-11-15T10:30:00Z') };
    const rows = await written({ contracts, stretch }, ledgerOf(slices));
    expect(rows.map((row) => [row['CommitmentDiscountStatus'], row['BilledCost'], row['EffectiveCost']])).toEqual([
      ['', '0.5', '0'],
      ['Used', '0', '0.5'],
      ['', '0.4', '0.4'],
    ]);
    expect(commitmentFaults(rows)).toEqual([]);
  });

  test('that count tokens are in use as far as their fullest meter, and pass what spilled', async () => {
    const contracts = contractsFrom({
      id: 'units',
      vendor: 'aurora',
      covers: [{ provider: 'aurora-eu' }],
      kind: 'floor',
      unit: 'tokensPerMinute',
      quantity: '1000',
      burndown: { input: '1', output: '4' },
      fee: { usd: '24', per: 'day' },
      period: ['2026-11-15', '2026-11-16'],
    });
    const at10 = { contract: 'units', fromMs: at('2026-11-15T10:00:00Z') };
    const slices = [
      aSlice({ ...at10, units: 100n, amountNanoUsd: 200_000n }),
      aSlice({ ...at10, bucket: 'output', units: 100n, amountNanoUsd: 800_000n, nanoUsdPerMillion: 8_000_000_000n }),
      aSlice({ ...at10, servedTier: 'spillover', units: 50n, amountNanoUsd: 100_000n }),
    ];
    // 100 + 4 x 100 of 1,000 tokens: half of the minute, of which each has a part by its price.
    const rows = await written({ contracts }, ledgerOf(slices));
    const used = rows.filter((row) => row['CommitmentDiscountStatus'] === 'Used');
    expect(used.map((row) => [row['CommitmentDiscountQuantity'], row['ConsumedQuantity']])).toEqual([
      ['6000', '100'],
      ['24000', '100'],
    ]);
    // Half of a 1,440th of 24 dollars.
    expect(sum(used, 'EffectiveCost')).toBe(8_333_334n);
    const beyond = rows.filter((row) => row['PricingCategory'] === 'Standard' && row['ChargeCategory'] === 'Usage');
    expect(beyond).toMatchObject([{ BilledCost: '0.0001', ConsumedQuantity: '50', x_ServedTier: 'spillover' }]);
    expect(commitmentFaults(rows)).toEqual([]);
    expect(faultsOf(rows)).toEqual([]);
    const [told] = contractCommitmentRows(contracts[0]!, november);
    expect(told).toMatchObject({ ContractCommitmentCategory: 'Usage', ContractCommitmentQuantity: '1000' });
  });

  test('that count tokens keep to the amount and to the fee where a bill told less than was booked', async () => {
    const contracts = contractsFrom(tokensOf('1000'));
    const used = aSlice({
      contract: 'units',
      fromMs: at('2026-11-15T10:00:00Z'),
      units: 4_000n,
      amountNanoUsd: 8_000_000n,
    });
    const bill = { bucket: 'requests', units: 0n, nanoUsdPerMillion: 0n, source: 'bill' } as const;
    const rows = await written({ contracts }, ledgerOf([used, { ...used, ...bill, amountNanoUsd: -2_000_000n }]));
    const billed = rows.filter((row) => row['ChargeCategory'] === 'Usage').map((row) => row['BilledCost']);
    // A quarter fits; of what was taken off, too.
    expect(billed).toEqual(['0', '0.006', '0', '-0.0015', '0']);
    expect(commitmentFaults(rows)).toEqual([]);
    expect(faultsOf(rows)).toEqual([]);
  });

  test('that count tokens leave to the pool what they count nothing of', async () => {
    const { vendor, covers } = tokensOf('1000');
    const pool = { id: 'pool', vendor, covers, kind: 'pool', usd: '24', period: ['2026-01-01', '2027-01-01'] };
    const contracts = contractsFrom(tokensOf('1000'), pool);
    const picture = aSlice({
      contract: 'units',
      fromMs: at('2026-11-15T10:00:00Z'),
      targetModel: 'images/**',
      bucket: 'requests',
      nanoUsdPerMillion: 190_000_000_000_000n,
      units: 1n,
      amountNanoUsd: 190_000_000n,
    });
    const rows = await written({ contracts }, ledgerOf([picture]));
    const use = rows.filter((row) => row['ChargeCategory'] === 'Usage');
    expect(use.map((row) => [row['BilledCost'], row['CommitmentDiscountStatus']])).toEqual([
      ['0.19', ''],
      ['0', 'Unused'],
    ]);
    expect(JSON.parse(use[0]!['ContractApplied']!).Elements).toMatchObject([{ ContractId: 'pool' }]);
    expect(commitmentFaults(rows)).toEqual([]);
    expect(faultsOf(rows)).toEqual([]);
  });

  test.each([
    ['an hour that the end of a true-up of another zone lies in', 'hour', 'Asia/Kolkata', 'UTC', undefined],
    ['an hour of another zone', 'day', 'UTC', 'Asia/Kolkata', undefined],
    ['a day of another zone', 'day', 'UTC', 'Asia/Kolkata', 86_400],
    ['a day, hour by hour', 'hour', 'UTC', 'UTC', 86_400],
  ] as const)('settle %s whole', async (_, by, poolZone, zone, intervalSeconds) => {
    const contracts = contractsFrom(
      {
        ...tokensOf('1000'),
        timeZone: zone,
        period: ['2026-11-29', '2026-12-03'],
        intervalSeconds: intervalSeconds ?? 3_600,
      },
      {
        id: 'pool',
        vendor: 'aurora',
        covers: [{ provider: 'aurora-eu' }, { site: 'north-1' }],
        kind: 'pool',
        usd: '24',
        period: ['2026-01-01', '2027-01-01'],
        fulfil: 'monthly',
        timeZone: poolZone,
      },
      {
        id: 'slot',
        vendor: 'aurora',
        covers: [{ site: 'north-1' }],
        kind: 'slot',
        accelerator: 'GB200',
        count: 8,
        timeZone: zone,
        period: ['2026-11-29', '2026-12-03'],
        fee: { usd: '240', per: 'period' },
      },
    );
    const stretch = { fromMs: at('2026-11-30T00:00:00Z'), untilMs: at('2026-12-02T00:00:00Z') };
    // All hours are full.
    const slices = Array.from({ length: 48 }, (_each, hour) => stretch.fromMs + hour * hourMs).flatMap((fromMs) => [
      aSlice({ contract: 'units', fromMs, units: 90_000n, amountNanoUsd: 180_000_000n }),
      aSlice({
        contract: 'slot',
        fromMs,
        provider: 'north-1',
        operation: 'compute',
        bucket: 'acceleratorSeconds',
        units: 8n * 3_600n,
        nanoUsdPerMillion: 0n,
        amountNanoUsd: 0n,
      }),
    ]);
    const rows = await written({ by, contracts, stretch }, ledgerOf(slices));
    const billed = rows.filter((row) => row['ChargeCategory'] === 'Usage');
    expect(billed.filter((row) => row['CommitmentDiscountStatus'] === 'Used').length).toBeGreaterThan(0);
    expect(faultsOf(rows)).toEqual([]);
    const ofUnits = rows.filter((row) => row['CommitmentDiscountId'] !== 'slot');
    expect(commitmentFaults(ofUnits)).toEqual([]);
  });

  test('that count tokens are full where more comes than they can take', async () => {
    const contracts = contractsFrom(tokensOf('1000'));
    const slice = aSlice({
      contract: 'units',
      fromMs: at('2026-11-15T10:00:00Z'),
      units: 4_000n,
      amountNanoUsd: 8_000_000n,
    });
    const rows = await written({ contracts }, ledgerOf([slice]));
    expect(rows.find((row) => row['CommitmentDiscountStatus'] === 'Used')).toMatchObject({
      CommitmentDiscountQuantity: '60000',
      CommitmentDiscountUnit: 'Normalized Milliseconds',
      ConsumedQuantity: '1000',
    });
    const beyond = rows.find((row) => row['PricingCategory'] === 'Standard' && row['ChargeCategory'] === 'Usage');
    expect(beyond).toMatchObject({ BilledCost: '0.006', ConsumedQuantity: '3000' });
    expect(commitmentFaults(rows)).toEqual([]);
  });

  test('are over for what names them afterwards, or when the file has them no more: it stands at its price and draws the pool', async () => {
    const covers = [{ provider: 'aurora-eu' }];
    const contracts = contractsFrom(
      { ...reserved, id: 'ended', covers, quantity: '1', period: ['2026-11-15', '2026-11-16'] },
      { id: 'pool', vendor: 'aurora', covers, kind: 'pool', usd: '24', period: ['2026-01-01', '2027-01-01'] },
    );
    const rows = await written(
      { contracts },
      ledgerOf([
        aSlice({ contract: 'ended', fromMs: at('2026-11-14T23:00:00Z'), amountNanoUsd: 3_000_000_000n }),
        aSlice({ contract: 'ended', fromMs: at('2026-11-16T00:00:00Z'), amountNanoUsd: 5_000_000_000n }),
        aSlice({ contract: 'taken-out', amountNanoUsd: 7_000_000_000n }),
        aSlice({ contract: 'taken-out', provider: 'aurora-us', amountNanoUsd: 11_000_000_000n }),
      ]),
    );
    const used = rows.filter((row) => row['ConsumedQuantity'] !== '');
    expect(used.map((row) => [row['BilledCost'], row['CommitmentDiscountStatus'], row['ContractApplied']])).toEqual([
      ...['3', '5', '7'].map((usd) => [
        usd,
        '',
        expect.stringContaining(`"pool","ContractCommitmentAppliedCost":${usd}}`),
      ]),
      ['11', '', ''],
    ]);
    expect(faultsOf(rows)).toEqual([]);
    expect(commitmentFaults(rows)).toEqual([]);
  });

  test('inside a pool apply to it by their fees and by what is beyond them; one over another takes what that has no room for', async () => {
    const units = (id: string, quantity: string, until: string) => ({
      id,
      vendor: 'aurora',
      covers: [{ provider: 'aurora-eu' }],
      kind: 'floor',
      unit: 'tokensPerMinute',
      quantity,
      burndown: { input: '1' },
      fee: { usd: '24', per: 'day' },
      period: ['2026-11-15', until],
    });
    const pool = {
      id: 'pool',
      vendor: 'aurora',
      covers: [{ provider: 'aurora-eu' }],
      kind: 'pool',
      usd: '24',
      period: ['2026-01-01', '2027-01-01'],
      fulfil: 'monthly',
    };
    const contracts = contractsFrom(units('second', '2000', '2026-12-16'), pool, units('first', '1000', '2026-11-16'));
    const at10 = at('2026-11-15T10:00:00Z');
    const slices = [
      aSlice({ contract: 'first', fromMs: at10, units: 4_000n, amountNanoUsd: 8_000_000n }),
      aSlice({ contract: 'second', fromMs: at10 + 60_000, units: 500n, amountNanoUsd: 1_000_000n }),
      aSlice({
        contract: 'first',
        fromMs: at10 + 120_000,
        servedTier: 'spillover',
        units: 50n,
        amountNanoUsd: 100_000n,
      }),
      aSlice({ contract: 'first', fromMs: at10 + 120_000, units: 10n, amountNanoUsd: 20_000n }),
    ];
    const stretch = { fromMs: at('2026-11-15T00:00:00Z'), untilMs: at('2026-11-16T00:00:00Z') };
    const rows = await written({ contracts, stretch }, ledgerOf(slices));
    const used = rows.filter((row) => row['CommitmentDiscountStatus'] === 'Used');
    expect(used.map((row) => [row['CommitmentDiscountId'], row['ConsumedQuantity']])).toEqual([
      ['first', '1010'],
      ['second', '2500'],
    ]);
    const beyond = rows.filter((row) => row['PricingCategory'] === 'Standard' && row['ChargeCategory'] === 'Usage');
    expect(beyond.map((row) => [row['ConsumedQuantity'], row['BilledCost']])).toEqual([
      ['50', '0.0001'],
      ['1000', '0.002'],
    ]);
    const appliedTo = (id: string) =>
      rows.flatMap((row) =>
        JSON.parse(row['ContractApplied'] || '{"Elements":[]}').Elements.filter(
          (element: { readonly ContractCommitmentId: string }) => element.ContractCommitmentId === id,
        ),
      );
    // Two fees of a day, and what was beyond both.
    expect(appliedTo('pool/11').map((element) => element.ContractCommitmentAppliedCost)).toEqual([
      24, 24, 0.0001, 0.002,
    ]);
    expect(faultsOf(rows)).toEqual([]);
    expect(commitmentFaults(rows)).toEqual([]);
  });

  describe('one over another whose intervals do not lie within its own', () => {
    const covers = [{ provider: 'aurora-eu' }];
    const pool = {
      id: 'pool',
      vendor: 'aurora',
      covers,
      kind: 'pool',
      usd: '24',
      period: ['2026-01-01', '2027-01-01'],
    };
    const midnight = at('2026-11-15T00:00:00Z');

    test('are settled once each, whatever comes first', async () => {
      const every = (seconds: number, quantity: string) => ({
        ...tokensOf(quantity),
        id: `every-${seconds}`,
        intervalSeconds: seconds,
      });
      const contracts = contractsFrom(pool, every(180, '500'), every(120, '1000'));
      const slices = (
        [
          ['every-120', 0, 5_000n],
          ['every-120', 2, 5_000n],
          // Here three minutes are over, and two of the other floor are not, which go on in them.
          ['every-180', 3, 500n],
          ['every-120', 4, 2_000n],
        ] as const
      ).map(([contract, minute, units]) =>
        aSlice({ contract, fromMs: midnight + minute * 60_000, units, amountNanoUsd: units * 2_000n }),
      );
      const rows = await written({ contracts }, ledgerOf(slices));
      // Three times 2,000; 1,500 of the 6,000 that the first two of them leave, and the 500 that come to it first.
      const used = rows.filter((row) => row['CommitmentDiscountStatus'] === 'Used');
      expect(used.map((row) => [row['CommitmentDiscountId'], row['ConsumedQuantity']])).toEqual([
        ['every-120', '6000'],
        ['every-180', '2000'],
      ]);
      const beyond = rows.filter((row) => row['PricingCategory'] === 'Standard' && row['ChargeCategory'] === 'Usage');
      expect(beyond.map((row) => [row['ConsumedQuantity'], row['BilledCost']])).toEqual([['4500', '0.009']]);
      expect(beyond[0]!['ContractApplied']).toContain('"pool"');
      expect(faultsOf(rows)).toEqual([]);
      expect(commitmentFaults(rows)).toEqual([]);
    });

    test('are settled as `archipel contracts` settles them, also where their borders never meet', async () => {
      const dollars = (id: string, differs: object) => ({
        id,
        vendor: 'aurora',
        covers,
        kind: 'floor',
        unit: 'usdPerHour',
        quantity: '4',
        fee: { usd: '24', per: 'day' },
        period: ['2026-11-15', '2026-11-17'],
        ...differs,
      });
      const contracts = contractsFrom(
        pool,
        dollars('greenwich', {}),
        dollars('kolkata', { timeZone: 'Asia/Kolkata' }),
        dollars('minutes', { unit: 'usdPerMinute', quantity: '1' }),
      );
      const beyond = new BeyondFloors(contracts);
      const floors = beyond.above(contracts[0] as PoolContract);
      expect(floors.map(({ id }) => id)).toEqual(['minutes', 'kolkata', 'greenwich']);
      // Much at first, then a call now and then; each names another floor.
      const slices = Array.from({ length: 120 }, (_each, index) => {
        const cents = BigInt((index * 37) % 300);
        return aSlice({
          contract: floors[index % 3]!.id,
          fromMs: midnight + (index < 60 ? index * 3 : index * 11 - 480) * 60_000,
          amountNanoUsd: cents * 10_000_000n,
          units: cents * 5_000n,
        });
      });
      const rows = await written({ contracts }, ledgerOf(slices));
      const { intervals, overflows } = settleFloors(beyond, floors, (floor) =>
        slices
          .filter(({ contract }) => contract === floor.id)
          .map(({ fromMs, amountNanoUsd }) => ({
            thing: { provider: 'aurora-eu', model: 'aurora-large' },
            interval: Math.floor((fromMs - floor.fromMs) / floor.intervalMs),
            amountNanoUsd: nanoUsd(amountNanoUsd),
            spilledNanoUsd: zeroUsd,
            usage: {},
          })),
      );
      const used = rows.filter((row) => row['CommitmentDiscountStatus'] === 'Used');
      for (const floor of floors) {
        const own = used.filter((row) => row['CommitmentDiscountId'] === floor.id);
        const within = intervals.flatMap((one) => (one.floor === floor ? [one.use.withinNanoUsd] : []));
        expect(sum(own, 'CommitmentDiscountQuantity')).toBe(sumUsd(within));
      }
      const drawn = rows.filter((row) => row['ChargeDescription']?.includes(', beyond '));
      const overflow = sumUsd(overflows.map(({ amountNanoUsd }) => amountNanoUsd));
      expect(sum(drawn, 'BilledCost')).toBe(overflow);
      expect(overflow).toBeGreaterThan(0n);
      expect(faultsOf(rows)).toEqual([]);
      expect(commitmentFaults(rows)).toEqual([]);
    });
  });

  test('of a pool owe nothing for what was spent too much before, where that counts', async () => {
    const written24 = {
      id: 'pool',
      vendor: 'aurora',
      covers: [{ provider: 'aurora-eu' }],
      kind: 'pool',
      usd: '24',
      period: ['2026-01-01', '2027-01-01'],
      fulfil: 'monthly',
    };
    const ledger = ledgerOf([], (fromMs) => parseUsd(fromMs === at('2026-10-01T00:00:00Z') ? '3' : '1.5'));
    const carried = contractsFrom({ ...written24, carryForward: { share: '1' } });
    const owed = async (contracts: readonly Contract[]) =>
      (await written({ contracts }, ledger)).map((row) => row['BilledCost']);
    expect([await owed(contractsFrom(written24)), await owed(carried)]).toEqual([['0.5'], []]);
  });

  test('of capacity count accelerator-seconds, and are reservations', async () => {
    const contracts = contractsFrom({
      id: 'slot',
      vendor: 'aurora',
      covers: [{ site: 'north-1' }],
      kind: 'slot',
      accelerator: 'GB200',
      count: 8,
      period: ['2026-11-15', '2026-11-16'],
      fee: { usd: '240', per: 'period' },
    });
    const slice = aSlice({
      contract: 'slot',
      operation: 'compute',
      bucket: 'acceleratorSeconds',
      units: 8n * 3_600n,
      nanoUsdPerMillion: 0n,
      amountNanoUsd: 0n,
    });
    const rows = await written({ contracts }, ledgerOf([slice]));
    expect(faultsOf(rows)).toEqual([]);
    expect(commitmentFaults(rows)).toEqual([]);
    expect(rows.find((row) => row['CommitmentDiscountStatus'] === 'Used')).toMatchObject({
      EffectiveCost: '10',
      CommitmentDiscountQuantity: '28800',
      CommitmentDiscountUnit: 'Accelerator-Seconds',
      CapacityReservationId: 'slot',
      CapacityReservationStatus: 'Used',
    });
  });

  test('of a pool owe what was not spent at the end of a true-up, and not before', async () => {
    const contracts = contractsFrom({
      id: 'pool',
      vendor: 'aurora',
      covers: [{ provider: 'aurora-eu' }],
      kind: 'pool',
      usd: '24',
      period: ['2026-01-01', '2027-01-01'],
      fulfil: 'monthly',
      shortfall: { rate: '0.5' },
    });
    const ledger = ledgerOf([], () => parseUsd('1.5'));
    const rows = await written({ contracts }, ledger);
    expect(rows).toMatchObject([
      {
        ChargeCategory: 'Adjustment',
        BilledCost: '0.25',
        EffectiveCost: '0.25',
        ChargeDescription: 'Shortfall of pool',
      },
    ]);
    expect(faultsOf(rows)).toEqual([]);
    expect(await written({ contracts, nowMs: at('2026-11-30T23:59:59Z') }, ledger)).toEqual([]);
  });
});

test('contracts are told by the columns of their own dataset', () => {
  const contracts = contractsFrom(reserved, {
    id: 'pool',
    vendor: 'aws',
    covers: [{ provider: 'bedrock' }],
    kind: 'pool',
    usd: '100',
    discount: '0.225',
    period: ['2026-01-01', '2027-01-01'],
  });
  const rows = contracts.flatMap((contract) => contractCommitmentRows(contract, november));
  const needed = contractCommitmentColumns.filter((column) => !/Quantity|Unit|^x_/.test(column));
  for (const row of rows) for (const column of needed) expect(row[column]).toEqual(expect.any(String));
  expect(rows).toMatchObject([
    { ContractCommitmentId: 'reserved', ContractCommitmentCategory: 'Spend', ContractCommitmentCost: '1' },
    { ContractCommitmentId: 'pool', ContractCommitmentCost: '100', x_DiscountPercentage: '22.5' },
  ]);
});

test('a field of comma-separated values is quoted where it has to be', () => {
  expect(csvLine(['plain', null, 'a,b', 'a "b"', 'two\nlines'])).toBe('plain,,"a,b","a ""b""","two\nlines"\r\n');
});
