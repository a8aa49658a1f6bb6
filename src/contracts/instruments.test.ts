// Vendors' instruments by worked examples. Each says where its rules and figures come from; those without a source are made up.
import { describe, expect, test } from 'vitest';
import { parseRatio, parseUsd } from '../kernel/index.ts';
import { aPool, day, useOf, writtenFloor, writtenPool, written } from './contracts.fixture.ts';
import {
  addFloorUse,
  feeBetween,
  fulfilmentWindows,
  meterCapacity,
  noFloorUse,
  settleFloorInterval,
  standing,
  type FloorContract,
  type PoolContract,
} from './index.ts';

const usd = (amount: string) => parseUsd(amount);

/** What each true-up costs beyond the use, in dollars, if so much was spent in each. */
const shortfalls = (pool: PoolContract, ...spent: readonly string[]): readonly string[] => {
  const at = standing(pool, {
    drawnNanoUsd: usd(spent.at(-1) ?? '0'),
    earlierNanoUsd: spent.slice(0, -1).map(usd),
    nowMs: (fulfilmentWindows(pool)[spent.length - 1]?.untilMs ?? pool.untilMs) - 1,
  });
  if (at.kind !== 'pool') throw new Error(at.kind);
  return [...at.settled.map(({ shortfallNanoUsd }) => shortfallNanoUsd), at.shortfallNanoUsd].map(String);
};

const nano = (...dollars: readonly number[]): readonly string[] =>
  dollars.map((one) => String(BigInt(one) * 1_000_000_000n));

// Rules: an adviser's guide to the programme, https://redresscompliance.com/aws-edp-flexibility-provisions.html, which is private pricing; figures made up.
describe('an enterprise discount of AWS', () => {
  const edp = (changes: object = {}): PoolContract =>
    writtenPool({
      usd: '3000000',
      period: ['2026-01-01', '2029-01-01'],
      fulfil: 'annual',
      ramp: ['0.2', '0.3', '0.5'],
      discount: '0.1',
      ...changes,
    });

  test('trues up each year by its ramp, and owes what was not spent without anything moving', () => {
    expect(shortfalls(edp(), '450000', '1000000', '1499999.999999999')).toEqual(['150000000000000', '0', '1']);
  });

  test('with a rollover of a tenth lets a tenth of what was due be spent a year later', () => {
    const negotiated = edp({ rollover: { upTo: '0.1', months: 12 } });
    // 600,000 due: 150,000 missing, 60,000 of it moves on; the next year spends 40,000 beyond its 900,000, so 20,000 of it is owed then.
    expect(shortfalls(negotiated, '450000', '940000')).toEqual(nano(90_000, 20_000));
    expect(shortfalls(negotiated, '450000', '960000')).toEqual(nano(90_000, 0));
  });

  test('with a carry-forward counts what was spent beyond a year in the next one alone', () => {
    const negotiated = edp({ carryForward: { share: '0.5', months: 12 } });
    expect(shortfalls(negotiated, '800000', '850000', '1400000')).toEqual(nano(0, 0, 100_000));
    expect(shortfalls(negotiated, '800000', '750000', '1400000')).toEqual(nano(0, 50_000, 100_000));
  });

  test('lets its marketplace fill no more than its share of a year', () => {
    const covers = [{ provider: 'bedrock' }, { product: 'marketplace', share: '0.25' }];
    const elsewhere = [
      { product: 'marketplace', usd: '400000', period: ['2026-01-01', '2027-01-01'] },
      { usd: '100000', period: ['2026-07-01', '2026-12-31'] },
    ];
    const pool = edp({ covers, elsewhere });
    const at = standing(pool, { drawnNanoUsd: usd('200000'), nowMs: day('2026-12-31') });
    // A quarter of 600,000, and all that is no product.
    expect(at).toMatchObject({
      elsewhereNanoUsd: usd('250000'),
      drawnNanoUsd: usd('450000'),
      shortfallNanoUsd: usd('150000'),
    });
  });

  test('with grace and a rate charges what is missing beyond the grace, at the rate', () => {
    const lenient = edp({ shortfall: { rate: '0.5', grace: '0.05' } });
    // 30,000 of 600,000 may be missing.
    expect(shortfalls(lenient, '450000')).toEqual(nano(60_000));
    expect(shortfalls(lenient, '570000')).toEqual(nano(0));
  });
});

// Rules: https://learn.microsoft.com/azure/cost-management-billing/manage/track-consumption-commitment ("Milestones"): what a milestone lacks on its day
// is charged, and the balance of the commitment is of all that was spent. That the charge comes back as prepayment is not counted here. Figures made up.
describe('a consumption commitment of Azure with milestones', () => {
  const macc = writtenPool({
    usd: '3000000',
    period: ['2026-01-01', '2029-01-01'],
    milestones: [
      { by: '2027-01-01', usd: '800000' },
      { by: '2028-07-01', usd: '1800000' },
    ],
  });

  test('is due from milestone to milestone, and in the end as a whole', () => {
    expect(fulfilmentWindows(macc).map(({ untilMs, dueNanoUsd }) => [untilMs, dueNanoUsd])).toEqual([
      [day('2027-01-01'), usd('800000')],
      [day('2028-07-01'), usd('1000000')],
      [day('2029-01-01'), usd('1200000')],
    ]);
  });

  test('charges a missed milestone on its day, and counts what went beyond one for the next', () => {
    expect(shortfalls(macc, '700000', '1000000', '1200000')).toEqual(nano(100_000, 0, 0));
    // 950,000 leaves 150,000 over, so that 850,000 more reaches 1,800,000.
    expect(shortfalls(macc, '950000', '850000', '1100000')).toEqual(nano(0, 0, 100_000));
    expect(shortfalls(macc, '950000', '800000', '1200000')).toEqual(nano(0, 50_000, 0));
  });
});

const settle = (floor: FloorContract, use: ReturnType<typeof useOf>) => settleFloorInterval(floor, use);

// The example of OpenAI's page on its reserved tier, as noted from there: of 2 $/min that are reserved and 2.75 that are used, 0.75 are paid as they go.
test("OpenAI's reserved tier: a minute of 2.75 $ under 2 $/min leaves 0.75 $ to be paid as it goes", () => {
  const reserved = writtenFloor({ unit: 'usdPerMinute', quantity: '2' });
  expect(settle(reserved, useOf(2.75))).toMatchObject({ withinNanoUsd: usd('2'), spilledNanoUsd: usd('0.75') });
  // What one minute left over is no use to the next.
  const idle = settle(reserved, useOf(0.5));
  expect(addFloorUse(idle, settle(reserved, useOf(2.75)))).toMatchObject({
    withinNanoUsd: usd('2.5'),
    spilledNanoUsd: usd('0.75'),
  });
});

// https://repost.aws/questions/QUgw-Sk0sjSJ2JM11c1QofMA: an instance of 1 $/h on demand is 0.90 with the plan; committed to 0.90 $/h, two instances
// cost 1.90 an hour, and none costs 0.90.
test('a savings plan of AWS is counted by the hour, at whatever minutes of it the use comes', () => {
  const plan = writtenFloor({ unit: 'usdPerHour', quantity: '1', fee: { usd: '0.90', per: 'hour' } });
  const hourMs = 3_600_000;
  const bill = (use: number) =>
    settle(plan, useOf(use)).spilledNanoUsd + feeBetween(plan, plan.fromMs, plan.fromMs + hourMs);
  expect(plan.intervalMs).toBe(hourMs);
  expect([bill(1), bill(2), bill(0)]).toEqual([usd('0.90'), usd('1.90'), usd('0.90')]);
});

// Rates: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/provisioned-throughput-onboarding: from GPT-4.1 on one output token counts as four input
// tokens, and cached tokens not at all. 2,500 input tokens a minute per unit: Microsoft's blog on gpt-4o, techcommunity.microsoft.com, post 4506930.
describe('provisioned throughput units of Azure', () => {
  const ptu = writtenFloor({
    unit: 'ptu',
    quantity: '15',
    tokensPerUnit: '2500',
    burndown: { input: '1', output: '4', cacheRead: '0' },
    fee: { usd: '15', per: 'hour' },
  });

  test('take 37,500 tokens of input a minute, or a quarter of that as output', () => {
    expect(meterCapacity(ptu, ptu.meters[0]!, 60_000)).toBe(37_500n);
    const full = { input: 17_500, output: 3_000, reasoning: 2_000, cacheRead: 900_000, requests: 40 };
    expect(settle(ptu, useOf(1, full))).toEqual({
      withinNanoUsd: usd('1'),
      spilledNanoUsd: 0n,
      meters: [{ within: 37_500n, spilled: 0n }],
    });
  });

  test('spill what is beyond a minute at the price it was booked at, and lose what a minute does not use', () => {
    expect(settle(ptu, useOf(3, { input: 50_000 }))).toEqual({
      withinNanoUsd: usd('2.25'),
      spilledNanoUsd: usd('0.75'),
      meters: [{ within: 37_500n, spilled: 12_500n }],
    });
    const hour = { nowMs: ptu.fromMs + 3_600_000 };
    const use = settle(ptu, useOf(3, { input: 50_000 }));
    const at = standing(ptu, { ...hour, drawnNanoUsd: use.withinNanoUsd, floorUse: use });
    expect(at).toMatchObject({ unusedShare: 59 / 60, spilledNanoUsd: usd('0.75'), feeNanoUsd: usd('15') });
  });
});

// The rule of case "ptu-overflow" (bolna-ai/bolna#958 and others): what the deployment served costs nothing more, what spilled costs its price on demand.
test('of a burst on a full deployment, what it served costs no more than its fee, and what spilled its price on demand', () => {
  const ptu = writtenFloor({
    unit: 'ptu',
    quantity: '1',
    tokensPerUnit: '2500',
    burndown: { input: '1', output: '4' },
    fee: { usd: '1', per: 'hour' },
  });
  // 2.50 and 10 dollars a million: 2,000 in and 500 out cost 0.01, and count 4,000.
  const burst = settle(ptu, useOf(0.01, { input: 2_000, output: 500 }));
  expect(burst).toMatchObject({
    withinNanoUsd: usd('0.00625'),
    spilledNanoUsd: usd('0.00375'),
    meters: [{ within: 2_500n, spilled: 1_500n }],
  });
  const calm = settle(ptu, useOf(0.005, { input: 1_000, output: 250 }));
  expect(calm).toMatchObject({ spilledNanoUsd: 0n, meters: [{ within: 2_000n }] });
});

// https://cloud.google.com/vertex-ai/generative-ai/docs/supported-models: gemini-2.0-flash takes 3,360 tokens a second for each unit; a token of audio
// counts 7, of output 4. .../use-provisioned-throughput: the quota holds over 30 seconds, for one unit 100,800 tokens. The workload is made up.
describe("scale units of Vertex's provisioned throughput", () => {
  const gsu = (quantity: string): FloorContract =>
    writtenFloor({
      unit: 'gsu',
      quantity,
      tokensPerUnit: '3360',
      burndown: { input: '1', inputAudio: '7', output: '4' },
      intervalSeconds: 30,
      fee: { usd: '2700', per: 'month' },
    });

  test('of one unit take 100,800 tokens in any 30 seconds', () => {
    expect(meterCapacity(gsu('1'), gsu('1').meters[0]!, 30_000)).toBe(100_800n);
  });

  test('are 17 for ten questions a second with 1,000 tokens of text, 500 of audio and 300 of answer', () => {
    // 1,000 + 7 x 500 + 4 x 300 = 5,700 a question, 57,000 a second: 16.96 units.
    const halfMinute = useOf(5, { input: 300_000, inputAudio: 150_000, output: 90_000 });
    expect(settle(gsu('17'), halfMinute).meters).toEqual([{ within: 1_710_000n, spilled: 0n }]);
    expect(settle(gsu('16'), halfMinute).meters).toEqual([{ within: 1_612_800n, spilled: 97_200n }]);
  });
});

// https://aws.amazon.com/about-aws/whats-new/2025/11/amazon-bedrock-reserved-service-tier: input and output are reserved apart, and what is beyond goes to the
// standard tier. That writes to the cache count as input, and 100,000 and 10,000 as the least: Amazon's page on service tiers. Fee made up.
describe('the reserved tier of Bedrock', () => {
  const reserved = writtenFloor({
    unit: 'tokensPerMinute',
    meters: [
      { name: 'input', quantity: '100000', burndown: { input: '1', cacheRead: '0' } },
      { name: 'output', quantity: '10000', burndown: { output: '1' } },
    ],
    fee: { usd: '9000', per: 'month' },
  });

  test('counts writes to the cache as input, and output apart', () => {
    const use = {
      input: 40_000,
      cacheWrite5m: 30_000,
      cacheWrite1h: 30_000,
      cacheRead: 500_000,
      output: 6_000,
      reasoning: 4_000,
    };
    expect(settle(reserved, useOf(1, use)).meters).toEqual([
      { within: 100_000n, spilled: 0n },
      { within: 10_000n, spilled: 0n },
    ]);
  });

  test('spills requests whole: by whatever is the fullest', () => {
    expect(settle(reserved, useOf(1, { input: 50_000, output: 20_000 }))).toEqual({
      withinNanoUsd: usd('0.5'),
      spilledNanoUsd: usd('0.5'),
      meters: [
        { within: 25_000n, spilled: 25_000n },
        { within: 10_000n, spilled: 10_000n },
      ],
    });
    const at = standing(reserved, {
      nowMs: reserved.fromMs + 120_000,
      drawnNanoUsd: usd('0'),
      floorUse: noFloorUse(reserved),
    });
    expect(at).toMatchObject({
      unusedShare: 1,
      meters: [{ name: 'input', capacityTokens: 200_000 }, { name: 'output' }],
    });
  });
});

// Rules: Amazon's page on capacity blocks: whole days, paid before they begin, and never given back. Figures made up.
test('a capacity block of EC2 costs the same used or not, and what is not drawn is gone', () => {
  const block = written({
    kind: 'slot',
    covers: [{ site: 'use1' }],
    accelerator: 'H200',
    count: 64,
    period: ['2026-03-02', '2026-03-16'],
    fee: { usd: '100000', per: 'period' },
  });
  const at = standing(block, { nowMs: day('2026-03-16'), drawnNanoUsd: usd('0'), acceleratorSeconds: 64n * 86_400n });
  expect(at).toMatchObject({
    feeNanoUsd: usd('100000'),
    reservedHours: 64 * 24 * 14,
    drawnHours: 64 * 24,
    remainingHours: 0,
  });
});

test('a pool whose earlier true-ups nobody told of takes them as met', () => {
  const pool = aPool({ rollover: { share: parseRatio('1'), upTo: null, months: null } });
  const at = standing(pool, { drawnNanoUsd: usd('0'), nowMs: day('2027-01-01') });
  expect(at).toMatchObject({ carriedNanoUsd: 0n, settled: [] });
});
