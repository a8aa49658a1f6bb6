import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd, parseRatio, parseUsd, sumUsd } from '../kernel/index.ts';
import { aPool as pool, day } from './contracts.fixture.ts';
import {
  type Contract,
  contractFaults,
  contractFor,
  contractOf,
  contractsSchema,
  coveringContracts,
  discountText,
  feeBetween,
  feesTowards,
  fulfilmentWindow,
  fulfilmentWindows,
  type PoolContract,
  standing,
} from './index.ts';

const written = contractsSchema.parse([
  {
    id: 'aws-2025',
    vendor: 'aws',
    covers: [{ provider: 'bedrock' }, { site: 'aws-use1' }, { product: 'marketplace', share: '0.25' }],
    kind: 'pool',
    usd: '38000000000',
    period: ['2025-11-03', '2032-11-03'],
    fulfil: 'annual',
    shortfall: { rate: '1.0' },
    discount: '0.22',
  },
  {
    id: 'reserved',
    vendor: 'openai',
    covers: [{ provider: 'openai', model: 'gpt-5.2' }],
    kind: 'floor',
    unit: 'usdPerMinute',
    quantity: '2',
    period: ['2026-01-01', '2027-01-01'],
  },
  {
    id: 'block-7',
    vendor: 'aws',
    covers: [{ site: 'aws-use1' }],
    kind: 'slot',
    accelerator: 'GB200',
    count: 72,
    period: ['2026-01-01', '2026-02-01'],
    fee: { usd: '720', per: 'hour' },
  },
]);
const contracts = written.map(contractOf);
const [aws, reserved, block] = contracts as [PoolContract, Contract, Contract];

describe('contracts', () => {
  test('are what the file says, with days as instants of their own zone', () => {
    expect(aws).toMatchObject({
      fromMs: day('2025-11-03'),
      untilMs: day('2032-11-03'),
      commitmentNanoUsd: 38_000_000_000_000_000_000n,
    });
    expect(reserved).toMatchObject({ kind: 'floor', quantityNanoUsd: 2_000_000_000n, unitMs: 60_000, fee: null });
    const paris = contractOf({ ...written[0]!, timeZone: 'Europe/Paris' });
    expect(paris.fromMs).toBe(Date.parse('2025-11-02T23:00:00Z'));
  });

  test('are found for what they cover, while they are in force', () => {
    const at = day('2026-01-15');
    expect(contractFor(contracts, { provider: 'bedrock', model: 'any' }, at)?.id).toBe('aws-2025');
    expect(contractFor(contracts, { provider: 'openai', model: 'gpt-5.2' }, at)?.id).toBe('reserved');
    expect(contractFor(contracts, { provider: 'openai', model: 'gpt-4o' }, at)).toBeNull();
    expect(contractFor(contracts, { product: 'marketplace' }, at)?.id).toBe('aws-2025');
    expect(contractFor(contracts, { provider: 'bedrock', model: 'any' }, day('2025-11-03') - 1)).toBeNull();
    expect(contractFor(contracts, { provider: 'bedrock', model: 'any' }, day('2025-11-03'))?.id).toBe('aws-2025');
    expect(contractFor(contracts, { provider: 'bedrock', model: 'any' }, day('2032-11-03'))).toBeNull();
  });

  test('draw down the pool where a slot covers the same site, and name both', () => {
    const at = day('2026-01-15');
    expect(contractFor(contracts, { site: 'aws-use1' }, at)?.kind).toBe('pool');
    expect(coveringContracts(contracts, { site: 'aws-use1' }, at).map(({ id }) => id)).toEqual(['aws-2025', 'block-7']);
    expect(contractFor([...contracts].reverse(), { site: 'aws-use1' }, at)?.kind).toBe('pool');
  });

  test('give their discount as exact text', () => {
    expect(discountText(aws)).toBe('0.22');
    expect(discountText(pool({ discount: parseRatio('0.10') }))).toBe('0.1');
    expect(discountText(pool({ discount: parseRatio('1.000') }))).toBe('1');
    expect(discountText(pool({ discount: parseRatio('0') }))).toBe('0');
    expect(discountText(null)).toBe('0');
  });

  test('exact text of a discount reads back as the same ratio', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000 }), (millionths) => {
        const ratio = parseRatio(`0.${(millionths % 1_000_000).toString().padStart(6, '0')}`);
        const back = parseRatio(discountText(pool({ discount: ratio })));
        expect(back.numerator * ratio.denominator).toBe(ratio.numerator * back.denominator);
      }),
    );
  });
});

describe('true-up intervals', () => {
  test('of 38 G$ over seven years add up to the nano-dollar', () => {
    const windows = fulfilmentWindows(aws);
    expect(windows).toHaveLength(7);
    expect(sumUsd(windows.map(({ dueNanoUsd }) => dueNanoUsd))).toBe(38_000_000_000_000_000_000n);
    expect(windows[0]).toMatchObject({
      fromMs: day('2025-11-03'),
      untilMs: day('2026-11-03'),
      dueNanoUsd: 5_428_571_428_571_428_571n,
    });
    expect(windows[6]?.untilMs).toBe(day('2032-11-03'));
  });

  test('follow the ramp', () => {
    const ramped = pool({
      commitmentNanoUsd: parseUsd('100'),
      untilMs: day('2028-11-03'),
      ramp: ['0.1', '0.25', '0.65'].map(parseRatio),
    });
    expect(fulfilmentWindows(ramped).map(({ dueNanoUsd }) => dueNanoUsd)).toEqual(
      [10n, 25n, 65n].map((usd) => usd * 1_000_000_000n),
    );
  });

  test('start on the contract’s own day of the month, or on the last day of a short one', () => {
    const monthly = pool({ fromMs: day('2026-01-31'), untilMs: day('2026-04-15'), fulfilment: 'monthly' });
    expect(fulfilmentWindows(monthly).map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
      [day('2026-01-31'), day('2026-02-28')],
      [day('2026-02-28'), day('2026-03-31')],
      [day('2026-03-31'), day('2026-04-15')],
    ]);
  });

  test('begin at local midnight on both sides of a time change', () => {
    const start = Date.parse('2026-02-28T23:00:00Z');
    const paris = pool({
      fromMs: start,
      untilMs: Date.parse('2026-05-31T22:00:00Z'),
      fulfilment: 'monthly',
      timeZone: 'Europe/Paris',
    });
    expect(fulfilmentWindows(paris).map(({ fromMs }) => new Date(fromMs).toISOString())).toEqual([
      '2026-02-28T23:00:00.000Z',
      '2026-03-31T22:00:00.000Z',
      '2026-04-30T22:00:00.000Z',
    ]);
  });

  test('tile the contract without gaps, whatever its dates and ramp', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4000 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.constantFrom('annual' as const, 'monthly' as const, 'total' as const),
        fc.array(fc.integer({ min: 1, max: 999 }), { maxLength: 5 }),
        (startDay, days, commitment, fulfilment, shares) => {
          const fromMs = day('2020-01-01') + startDay * 86_400_000;
          const ramp = shares.map((share) => parseRatio(`0.${share.toString().padStart(3, '0')}`));
          const contract = pool({
            fromMs,
            untilMs: fromMs + days * 86_400_000,
            commitmentNanoUsd: nanoUsd(commitment),
            fulfilment,
            ramp,
          });
          const windows = fulfilmentWindows(contract);
          expect(windows[0]?.fromMs).toBe(contract.fromMs);
          expect(windows.at(-1)?.untilMs).toBe(contract.untilMs);
          for (const [index, window] of windows.entries()) {
            expect(window.fromMs < window.untilMs).toBe(true);
            expect(window.dueNanoUsd >= 0n).toBe(true);
            if (index > 0) expect(window.fromMs).toBe(windows[index - 1]?.untilMs);
          }
          expect(sumUsd(windows.map(({ dueNanoUsd }) => dueNanoUsd))).toBe(commitment);
        },
      ),
    );
  });

  test('are found by time, the first before the contract and the last after it', () => {
    expect(fulfilmentWindow(aws, day('2025-01-01')).index).toBe(0);
    expect(fulfilmentWindow(aws, day('2026-11-03') - 1).index).toBe(0);
    expect(fulfilmentWindow(aws, day('2026-11-03')).index).toBe(1);
    expect(fulfilmentWindow(aws, day('2040-01-01')).index).toBe(6);
  });
});

describe('the standing of a contract', () => {
  const year = pool({
    fromMs: day('2026-01-01'),
    untilMs: day('2027-01-01'),
    commitmentNanoUsd: parseUsd('365'),
    shortfallRate: parseRatio('0.5'),
  });

  test('says what is due, drawn, expected by now and owed if it ended now', () => {
    expect(standing(year, { drawnNanoUsd: parseUsd('20'), nowMs: day('2026-02-01') })).toEqual({
      kind: 'pool',
      id: 'pool',
      vendor: 'aws',
      phase: 'open',
      windowFromMs: day('2026-01-01'),
      windowUntilMs: day('2027-01-01'),
      elapsedShare: 31 / 365,
      committedNanoUsd: parseUsd('365'),
      dueNanoUsd: parseUsd('365'),
      drawnNanoUsd: parseUsd('20'),
      remainingNanoUsd: parseUsd('345'),
      expectedNanoUsd: parseUsd('31'),
      shortfallNanoUsd: parseUsd('172.5'),
      elsewhereNanoUsd: 0n,
      creditedNanoUsd: 0n,
      carriedNanoUsd: 0n,
      settled: [],
    });
  });

  test('owes nothing once the promise is met, and counts fees of what the pool covers', () => {
    const met = standing(year, {
      drawnNanoUsd: parseUsd('300'),
      nowMs: day('2026-12-01'),
      feesNanoUsd: parseUsd('100'),
    });
    expect(met).toMatchObject({ drawnNanoUsd: parseUsd('400'), remainingNanoUsd: 0n, shortfallNanoUsd: 0n });
  });

  test('expects nothing before it begins and all after it ends', () => {
    expect(standing(year, { drawnNanoUsd: nanoUsd(0n), nowMs: day('2025-01-01') })).toMatchObject({
      phase: 'future',
      expectedNanoUsd: 0n,
      elapsedShare: 0,
    });
    expect(standing(year, { drawnNanoUsd: nanoUsd(0n), nowMs: day('2028-01-01') })).toMatchObject({
      phase: 'ended',
      expectedNanoUsd: parseUsd('365'),
      elapsedShare: 1,
    });
  });

  test('counts the minutes of a floor, used or not', () => {
    const nowMs = day('2026-01-01') + 90 * 60_000;
    expect(standing(reserved, { drawnNanoUsd: parseUsd('50'), nowMs })).toMatchObject({
      kind: 'floor',
      reservedNanoUsd: parseUsd('180'),
      drawnNanoUsd: parseUsd('50'),
      unusedNanoUsd: parseUsd('130'),
      feeNanoUsd: parseUsd('180'),
    });
  });

  test('counts the accelerator-hours of a slot, and its fee', () => {
    expect(standing(block, { drawnNanoUsd: nanoUsd(0n), nowMs: day('2026-01-02') })).toMatchObject({
      kind: 'slot',
      reservedHours: 72 * 24,
      committedHours: 72 * 24 * 31,
      feeNanoUsd: parseUsd('17280'),
    });
    expect(standing(block, { drawnNanoUsd: nanoUsd(0n), nowMs: day('2027-01-01') })).toMatchObject({
      reservedHours: 72 * 24 * 31,
      remainingHours: 0,
    });
  });

  test('says how many hours of a slot jobs drew of those reserved so far, and how many are to come', () => {
    const nowMs = day('2026-01-02');
    // 72 accelerators for an hour and a half, and one second more.
    const drawn = { drawnNanoUsd: parseUsd('250'), acceleratorSeconds: 72n * 5_400n + 1n, nowMs };
    expect(standing(block, drawn)).toMatchObject({
      drawnHours: 108 + 1 / 3_600,
      drawnNanoUsd: parseUsd('250'),
      reservedHours: 72 * 24,
      remainingHours: 72 * 24 * 30,
      feeNanoUsd: parseUsd('17280'),
    });
    expect(standing(block, { drawnNanoUsd: nanoUsd(0n), nowMs })).toMatchObject({ drawnHours: 0 });
    expect(standing(block, { drawnNanoUsd: nanoUsd(0n), nowMs: day('2025-12-31') })).toMatchObject({
      drawnHours: 0,
      reservedHours: 0,
      remainingHours: 72 * 24 * 31,
    });
  });

  test('lets the fee of a slot count towards the pool that covers its site, and no other fee', () => {
    expect(feesTowards(aws, contracts, day('2026-01-01'), day('2026-01-02'))).toBe(parseUsd('17280'));
    expect(feesTowards(year, contracts, day('2026-01-01'), day('2026-01-02'))).toBe(0n);
  });

  test('adds up fees the same whether they are counted at once or in two parts', () => {
    const slot = (per: 'hour' | 'day' | 'month' | 'period'): Contract =>
      ({ ...block, fee: { amountNanoUsd: parseUsd('1000'), per } }) as Contract;
    fc.assert(
      fc.property(
        fc.constantFrom('hour' as const, 'day' as const, 'month' as const, 'period' as const),
        fc.integer({ min: -10, max: 50 }),
        fc.integer({ min: 0, max: 50 }),
        (per, start, length) => {
          const contract = slot(per);
          if (contract.kind !== 'slot') throw new Error(contract.kind);
          const from = day('2026-01-01') + start * 43_200_000;
          const middle = from + length * 21_600_000;
          const until = from + length * 43_200_000;
          const parts = feeBetween(contract, from, middle) + feeBetween(contract, middle, until);
          expect(parts).toBe(feeBetween(contract, from, until));
          expect(parts >= 0n).toBe(true);
        },
      ),
    );
    const monthly = slot('month');
    expect(monthly.kind === 'slot' && feeBetween(monthly, day('2026-01-01'), day('2026-02-01'))).toBe(parseUsd('1000'));
  });
});

describe('faults of contracts', () => {
  test('are none in the reference', () => {
    expect(contractFaults(contracts)).toEqual([]);
  });

  test.each([
    ['quantity', 'x'],
    ['quantity', '-1'],
    ['quantity', [2]],
    ['tokensPerUnit', 'x'],
    ['intervalSeconds', 'x'],
    ['burndown', { input: 'x' }],
    ['meters', [{ name: 'in', quantity: 'x' }]],
    ['fee', 3],
  ])('are keys of a floor that cannot be read: %s %j', (key, value) => {
    for (const unit of ['usdPerMinute', 'ptu', 'tokensPerMinute']) {
      const floor = { id: 'f', vendor: 'v', covers: [{ provider: 'p' }], kind: 'floor', unit, quantity: '2' };
      const read = contractsSchema.safeParse([{ ...floor, period: ['2026-01-01', '2027-01-01'], [key]: value }]);
      expect(read.error?.issues.map(({ path }) => path[1])).toContain(key);
    }
  });

  test('are two pools at a time for the same thing', () => {
    const later = pool({ id: 'later', covers: [{ kind: 'provider', provider: 'bedrock', model: 'one' }] });
    expect(contractFaults([pool(), later])).toMatchObject([{ id: 'later', message: /pool/ }]);
    expect(contractFaults([pool({ untilMs: day('2026-01-01') }), { ...later, fromMs: day('2026-01-01') }])).toEqual([]);
  });

  test('are ramps that do not fit, and an id used twice', () => {
    const ramp = ['0.5', '0.4'].map(parseRatio);
    expect(contractFaults([pool({ ramp })])).toMatchObject([{ message: /add up to 0.9/ }]);
    expect(contractFaults([pool({ ramp: ['0.5', '0.5'].map(parseRatio) })])).toMatchObject([
      { message: /2 shares for 7/ },
    ]);
    const apart = pool({ covers: [{ kind: 'site', site: 'x' }] });
    expect(contractFaults([pool(), apart])).toMatchObject([{ message: /two contracts/ }]);
  });
});
