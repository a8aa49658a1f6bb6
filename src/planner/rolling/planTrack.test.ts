import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemOf } from '../portfolio/problemOf.ts';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import { planForecast } from './planForecast.ts';
import type { PlanForecast } from './planForecastSchema.ts';
import { planTrack, type TrackInput } from './planTrack.ts';
import { savedPlan, savedPool } from './savedPlan.fixture.ts';
import { billLine, bookedLine, forecast, one, quarter, trackedPortfolio, trackInput } from './trackedPlan.fixture.ts';
import type { TrackedPlan } from './TrackedPlan.ts';
import { trackSpans } from './trackSpans.ts';

const tracked = (changes: Partial<TrackInput> = {}): TrackedPlan => {
  const track = planTrack(trackInput(changes));
  if (!track.ok) throw new Error(track.fault);
  return track.value;
};

const sentences = ({ findings }: TrackedPlan, severity: 'act' | 'watch'): readonly string[] =>
  findings.filter((finding) => finding.severity === severity).map(({ sentence }) => sentence);

describe('a quarter as planned', () => {
  test('is on track, with every figure beside what was planned', () => {
    const track = tracked();
    expect(track.findings).toEqual([]);
    expect(track.onTrack).toBe(true);
    expect(track.demand[0]).toMatchObject({ class: 'chat', complete: true, outside: { months: 0, side: null } });
    // South needs two tokens for the work of one: its ten are five units of the class.
    expect(track.demand[0]?.months[0]).toEqual({
      month: '2027-01',
      partial: false,
      actual: '1000',
      mean: 1_000,
      low: 900,
      high: 1_100,
      position: 'within',
    });
    expect(track.spend.map(({ vendor, toDate }) => [vendor, toDate])).toEqual([
      ['north', { actual: '3000', planned: 3_000, variance: 0 }],
      // What the lane serves is paid for by its fee, whatever the ledger books for it at list price.
      ['south', { actual: '72', planned: 72, variance: 0 }],
    ]);
  });

  test('draws its pool down in step, and the lane serves what it can for its fee', () => {
    const [pool, lane] = tracked().commitments;
    expect(pool?.windows).toEqual([
      {
        from: '2027-01-01',
        until: '2028-01-01',
        ended: false,
        complete: true,
        due: '12000',
        drawn: '3000',
        planned: 3_000,
        pace: 1,
        projected: 12_000,
        shortfall: 0,
        plannedShortfall: 100,
        carried: null,
      },
    ]);
    // Ten units a month, half of them used; 24 a month for them.
    expect(lane?.capacity).toEqual({
      from: '2027-01-01',
      until: '2028-01-01',
      complete: true,
      capacity: 30,
      used: 15,
      utilization: 0.5,
      plannedUtilization: 0.5,
      plannedLow: expect.closeTo(0.4, 9),
      fees: 72,
      idle: 36,
      projectedIdle: 144,
      plannedIdle: 144,
    });
  });
});

describe('demand that leaves the planned range', () => {
  const above = [...quarter(1_200n)];

  test('for as many months running as were asked for is to be planned again', () => {
    const track = tracked({ lines: above });
    expect(track.demand[0]?.outside).toEqual({ months: 3, side: 'above' });
    expect(sentences(track, 'act')).toEqual([
      'Demand of chat is above the planned range for 3 months running (2027-03: 1,205 million tokens, planned 900 to 1,100): plan again with what was used.',
    ]);
    expect(track.onTrack).toBe(false);
  });

  test('for fewer months is watched, and the running month counts for nothing', () => {
    const track = tracked({ lines: above, asOf: '2027-03-20' });
    expect(track.months.at(-1)).toMatchObject({ month: '2027-03', partial: true, share: 19 / 31 });
    expect(track.demand[0]?.months.at(-1)).toMatchObject({ actual: '1205', position: null, partial: true });
    expect(track.demand[0]?.months.at(-1)?.mean).toBeCloseTo((1_000 * 19) / 31, 9);
    expect(sentences(track, 'act')).toEqual([]);
    expect(sentences(track, 'watch')).toEqual([
      expect.stringContaining(
        'for 2 months running (2027-02: 1,205 million tokens, planned 900 to 1,100): plan again if it stays there for 1 more month',
      ),
    ]);
    expect(track.onTrack).toBe(true);
    expect(tracked({ lines: above, monthsOutside: 4 }).onTrack).toBe(true);
  });

  test('and comes back is forgotten; and a hundredth beyond is no departure', () => {
    const back = tracked({ lines: [...above.slice(0, 4), ...quarter().slice(4)] });
    expect(back.demand[0]?.months.map(({ position }) => position)).toEqual(['above', 'above', 'within']);
    expect(back.findings).toEqual([]);
    expect(tracked({ lines: quarter(1_104n) }).demand[0]?.outside.months).toBe(0);
    expect(tracked({ lines: quarter(1_106n) }).demand[0]?.outside.months).toBe(3);
  });
});

describe('a commitment', () => {
  test('that is drawn too slowly will fall short, in money, at the pace of what was planned', () => {
    const track = tracked({ lines: quarter(995n, 800n) });
    // 2,400 of 3,000: at 0.8 of what is planned it ends at 9,600 of 12,000; half of what is missing is owed.
    expect(track.commitments[0]?.windows[0]).toMatchObject({
      drawn: '2400',
      pace: 0.8,
      projected: 9_600,
      shortfall: 1_200,
      plannedShortfall: 100,
    });
    expect(sentences(track, 'act')[0]).toBe(
      'pool-27 will fall short by USD 2,400 of USD 12,000 (USD 1,200 owed) at the true-up of 2028-01-01 at the present pace, with 80 % of what was planned drawn so far: move work there, or talk to the vendor before the true-up.',
    );
  });

  test('says nothing of its end within the first fortnight', () => {
    const track = tracked({ lines: quarter(995n, 1n), asOf: '2027-01-14' });
    expect(track.commitments[0]?.windows[0]).toMatchObject({ projected: null, shortfall: null });
    expect(track.onTrack).toBe(true);
  });

  test('whose shortfall the plan expects is no alarm', () => {
    const [pool, lane] = forecast.commitments;
    const expecting: PlanForecast = {
      ...forecast,
      commitments: [{ ...pool!, shortfalls: [{ from: '2027-01-01', until: '2028-01-01', mean: 1_200 }] }, lane!],
    };
    const track = tracked({ lines: quarter(995n, 800n), plan: { ...savedPlan, decisions: [], forecast: expecting } });
    expect(track.findings.filter(({ kind }) => kind === 'shortfall')).toMatchObject([
      { severity: 'watch', sentence: expect.stringContaining('no more than the plan expects to owe') },
    ]);
  });

  test('is drawn by what is booked to it, and not by what is booked to another pool', () => {
    const contracts = `
  - { id: pool-27, vendor: north, kind: pool, amount: "12000", period: [2027-01-01, 2028-01-01] }
  - { id: old, vendor: north, kind: pool, amount: "500", period: [2026-07-01, 2027-01-01] }`;
    const lines = [
      bookedLine({ vendor: 'north', day: '2027-01-05', cost: 100n * one, booked: { contract: 'pool-27' } }),
      bookedLine({ vendor: 'north', day: '2027-01-06', cost: 20n * one }),
      bookedLine({ vendor: 'reseller', day: '2027-01-07', cost: 3n * one, booked: { contract: 'pool-27' } }),
      bookedLine({ vendor: 'south', day: '2027-01-07', cost: 7_000n * one }),
      bookedLine({ vendor: 'north', day: '2026-12-31', cost: 9_000n * one }),
    ];
    expect(tracked({ lines, portfolio: trackedPortfolio(contracts) }).commitments[0]?.windows[0]?.drawn).toBe('123');
  });

  test('is exact to the last digit of what was booked', () => {
    const lines = [
      bookedLine({ vendor: 'north', day: '2027-01-05', quantity: one, cost: 38_000_000_000_000_000_001n * 1_000n }),
      bookedLine({ vendor: 'north', day: '2027-01-06', quantity: one, cost: 1_000n }),
    ];
    const track = tracked({ lines });
    expect(track.commitments[0]?.windows[0]?.drawn).toBe('38000000000.000000002');
    expect(track.spend[0]?.months[0]?.actual).toBe('38000000000.000000002');
  });

  test('has true-ups of its own, each with what is due by its ramp', () => {
    const contracts = `
  - { id: pool-27, vendor: north, kind: pool, amount: "10000", period: [2026-07-01, 2029-07-01], fulfil: annual, ramp: [0.2, 0.3, 0.5] }`;
    const windows = (ramp: string) =>
      tracked({
        portfolio: trackedPortfolio(contracts.replace('[0.2, 0.3, 0.5]', ramp)),
        asOf: '2028-08-01',
      }).commitments[0]?.windows.map(({ from, due, ended }) => [from, due, ended]);
    expect(windows('[0.2, 0.3, 0.5]')).toEqual([
      ['2026-07-01', '2000', true],
      ['2027-07-01', '3000', true],
      ['2028-07-01', '5000', false],
    ]);
    // Shares of half years fall into the years that they are of.
    expect(windows('[0.1, 0.1, 0.2, 0.1, 0.25, 0.25]')).toEqual([
      ['2026-07-01', '2000', true],
      ['2027-07-01', '3000', true],
      ['2028-07-01', '5000', false],
    ]);
  });

  test('that carries counts what was spent too much before, and moves on what is not spent', () => {
    const contracts = (clauses: string): string => `
  - { id: pool-27, vendor: north, kind: pool, amount: "6000", period: [2027-01-01, 2028-01-01], fulfil: monthly, ${clauses} }`;
    // 500 are due each month: January has 700, February 300, March 400.
    const lines = [700n, 300n, 400n].map((cost, index) =>
      bookedLine({ vendor: 'north', day: `2027-0${index + 1}-05`, quantity: one, cost: cost * one }),
    );
    const owedWith = (clauses: string) =>
      tracked({ lines, portfolio: trackedPortfolio(contracts(clauses)) }).commitments[0]?.windows.map(
        ({ shortfall, carried }) => [shortfall, carried],
      );
    expect(owedWith('shortfall: { rate: 1 }')).toEqual([
      [0, null],
      [200, null],
      [100, null],
    ]);
    expect(owedWith('carryForward: { share: 0.5, months: 1 }')).toEqual([
      [0, 0],
      [100, 100],
      [100, 0],
    ]);
    expect(owedWith('rollover: { share: 0.5, months: 12 }')).toEqual([
      [0, 0],
      [100, 100],
      [50, 50],
    ]);
  });

  test('that capacity was reserved by and stays idle is told, with the fees for nothing', () => {
    const idle = quarter().map((line) => (line.vendor === 'south' ? { ...line, quantity: 4n * one } : line));
    expect(sentences(tracked({ lines: idle }), 'act')).toEqual([
      'lane is used to 20 %, planned 50 %, at this pace USD 230 of its fees for nothing until 2028-01-01, planned USD 144: move work there, or do not renew it.',
    ]);
  });

  test('that the plan decided and nobody signed is told once it should have begun', () => {
    const decision = {
      ...savedPool,
      offer: 'later',
      start: '2028-01-01',
      until: '2029-01-01',
      months: 12,
      usd: '12000',
    };
    const steps = [{ from: '2028-01-01', until: '2029-01-01', usd: '12000' }];
    const plan = { ...savedPlan, decisions: [{ ...decision, steps }], forecast };
    expect(tracked({ plan }).findings).toEqual([]);
    expect(tracked({ plan, asOf: '2028-02-01' }).findings).toContainEqual(
      expect.objectContaining({ severity: 'act', kind: 'unsigned', subject: 'later' }),
    );
    const contracts = `
  - { id: any-name, vendor: north, kind: pool, amount: "12000", period: [2028-01-01, 2029-01-01] }`;
    const signed = tracked({ plan, asOf: '2028-02-01', portfolio: trackedPortfolio(contracts) });
    expect(signed.commitments).toMatchObject([{ name: 'any-name', status: 'signed' }]);
    expect(signed.findings.some(({ kind }) => kind === 'unsigned')).toBe(false);
  });
});

describe('what nobody tells is no alarm, and said', () => {
  test('an export of one of two vendors', () => {
    const lines = quarter(400n, 1_000n, billLine).filter(({ vendor }) => vendor === 'north');
    const track = tracked({ lines });
    expect(track.demand[0]).toMatchObject({ complete: false, outside: { months: 0 } });
    expect(track.spend[1]?.months.map(({ actual }) => actual)).toEqual([null, null, null]);
    expect(sentences(track, 'act')).toEqual([]);
    expect(sentences(track, 'watch')).toEqual([
      'Not all vendors that serve chat are told of: it may be more.',
      "What south was paid is not told in the plan's currency: give an export with costs, or --rate.",
    ]);
  });

  test('a bill tells what is billed: fees of capacity come on top', () => {
    const track = tracked({ lines: quarter(995n, 1_000n, billLine) });
    expect(track.spend[1]?.months[0]).toMatchObject({ usage: '30', fees: '24', actual: '54' });
  });

  test('a model that is no class, until somebody says of which it is', () => {
    const lines = quarter().map((line) => ({ ...line, class: 'large-4' }));
    const track = tracked({ lines });
    expect(track.demand[0]?.months[0]?.actual).toBeNull();
    expect(track.unplanned).toMatchObject([
      { vendor: 'north', class: 'large-4', units: '2985', cost: '3000', isVendorPlanned: true },
      { vendor: 'south', class: 'large-4' },
    ]);
    expect(sentences(track, 'watch').join(' ')).toContain('--map large-4=CLASS');
    expect(tracked({ lines, classOf: new Map([['Large 4', 'chat']]) }).findings).toEqual([]);
  });

  test('money of another currency, until somebody says what it is worth', () => {
    const lines = quarter().map((line) => ({ ...line, currency: 'EUR' }));
    expect(tracked({ lines }).spend.map(({ toDate }) => toDate.actual)).toEqual([null, null]);
    const rate = { numerator: 9n, denominator: 10n };
    expect(tracked({ lines, rate }).spend[0]?.toDate.actual).toBe('2700');
  });

  test('no usage at all is off: that a plan is kept was not shown', () => {
    const track = tracked({ lines: [] });
    expect(track.onTrack).toBe(false);
    expect(sentences(track, 'act')).toEqual([expect.stringContaining('No usage at all is told')]);
  });

  test('a plan that has not begun has nothing to track', () => {
    expect(tracked({ lines: [], asOf: '2026-12-24' })).toMatchObject({ months: [], findings: [], onTrack: true });
  });
});

describe('time that nobody tells of is no time without use', () => {
  const ofMonths = (vendor: string, ...months: readonly string[]) =>
    quarter(995n, 1_000n, billLine)
      .filter((line) => line.vendor === vendor && months.includes(line.day.slice(0, 7)))
      .map((line) => (vendor === 'south' ? { ...line, cost: 0n } : line));

  test('a bill of the last month says nothing of the months before', () => {
    const track = tracked({ lines: [...ofMonths('north', '2027-03'), ...ofMonths('south', '2027-03')] });
    expect(track.demand[0]).toMatchObject({ complete: false, outside: { months: 0 } });
    expect(track.demand[0]?.months.map(({ actual, position }) => [actual, position])).toEqual([
      [null, null],
      [null, null],
      ['1000', 'within'],
    ]);
    expect(track.spend[0]).toMatchObject({
      complete: false,
      months: [{ actual: null, usage: null }, { actual: null }, { actual: '1000' }],
      toDate: { actual: '1000', planned: 1_000, variance: 0 },
    });
    expect(track.commitments[0]?.windows[0]?.complete).toBe(false);
    // Five of ten units in one month, as planned.
    expect(track.commitments[1]?.capacity).toMatchObject({ complete: false, capacity: 10, utilization: 0.5, fees: 24 });
    expect(sentences(track, 'act')).toEqual([]);
  });

  test('a bill that ends before another is no fall of demand', () => {
    const track = tracked({
      lines: [...ofMonths('south', '2027-01', '2027-02', '2027-03'), ...ofMonths('north', '2027-01', '2027-02')],
    });
    expect(track.demand[0]).toMatchObject({ complete: false, months: [{}, {}, { actual: '5', position: null }] });
    expect(track.spend.map(({ complete, months }) => [complete, months[2]?.actual])).toEqual([
      [false, null],
      [true, '24'],
    ]);
    expect(track.spend[0]?.toDate).toEqual({ actual: '2000', planned: 2_000, variance: 0 });
    expect(track.commitments[0]?.windows[0]?.complete).toBe(false);
    expect(sentences(track, 'act')).toEqual([]);
  });

  test('a ledger younger than a true-up does not say that it falls short', () => {
    const plan = { ...savedPlan, horizon: { from: '2027-03-01', until: '2029-01-01' }, decisions: [], forecast };
    const young = (months: string) => quarter().filter(({ day }) => day.slice(0, 7) >= months);
    const windowSince = (month: string) => tracked({ plan, lines: young(month) }).commitments[0]?.windows[0]?.complete;
    expect([windowSince('2027-01'), windowSince('2027-02')]).toEqual([true, false]);
    expect(sentences(tracked({ plan, lines: young('2027-03') }), 'act')).toEqual([]);
  });

  test('but a few quiet days at the edge of a month are told', () => {
    const daily = ['2027-01-04', '2027-01-29', '2027-02-15', '2027-03-26'].flatMap((day) =>
      ['north', 'south'].map((vendor) => billLine({ vendor, day, lastDay: day, quantity: one, cost: one })),
    );
    expect(tracked({ lines: daily }).spend.map(({ complete }) => complete)).toEqual([true, true]);
    expect(tracked({ lines: daily.slice(0, -2) }).demand[0]?.months[2]?.actual).toBeNull();
  });
});

describe('usage that no source of the plan is for', () => {
  const contracts = `
  - { id: pool-27, vendor: north, kind: pool, amount: "12000", period: [2027-01-01, 2028-01-01] }`;
  const embedding = ['2027-01-05', '2027-02-05', '2027-03-05'].map((day) =>
    billLine({ vendor: 'north', day, class: 'embed-3', quantity: one, cost: 300n * one }),
  );
  const lines = [...quarter(995n, 700n, billLine), ...embedding];

  test('draws a pool down that covers all of its vendor, unless it is booked to another', () => {
    const whole = tracked({ lines, portfolio: trackedPortfolio(contracts) });
    expect(whole.commitments[0]?.windows[0]).toMatchObject({ drawn: '3000', pace: 1, shortfall: 0 });
    const text = `
  - { id: other, vendor: north, kind: pool, amount: "12000", period: [2028-01-01, 2029-01-01] }${contracts}`;
    const booked = embedding.map((line) => ({ ...line, booked: { contract: 'other' } }));
    const two = tracked({ lines: booked, portfolio: trackedPortfolio(text) });
    expect(two.commitments.find(({ name }) => name === 'pool-27')?.windows[0]?.drawn).toBe('0');
  });

  test('is told where its class is known', () => {
    const portfolio = trackedPortfolio(contracts, '  - { vendor: south, class: code, price: { perMTok: "3" } }\n');
    const coding = lines.map((line) => (line.class === 'embed-3' ? { ...line, class: 'code' } : line));
    const track = tracked({ lines: coding, portfolio });
    expect(track.unplanned).toMatchObject([{ vendor: 'north', class: 'code', cost: '900', isVendorPlanned: true }]);
    expect(sentences(track, 'watch').join(' ')).toContain('is in no source of the plan: plan again with it.');
  });
});

describe('what is decided', () => {
  test('is told as unsigned although its offer was taken out of the portfolio', () => {
    const decision = { ...savedPool, offer: 'gone', start: '2027-01-01', until: '2028-01-01', months: 12 };
    const track = tracked({ plan: { ...savedPlan, decisions: [decision], forecast } });
    expect(track.commitments.at(-1)).toMatchObject({ name: 'gone', status: 'unsigned', windows: [], capacity: null });
    expect(track.findings).toContainEqual(
      expect.objectContaining({ severity: 'act', kind: 'unsigned', subject: 'gone' }),
    );
  });

  test('is held against what the plan expects of its own term', () => {
    const [pool] = forecast.commitments;
    const ofTerm = (until: string, mean: number) => ({
      ...pool!,
      offer: 'later',
      signed: false,
      until,
      shortfalls: [{ from: '2027-01-01', until, mean }],
    });
    const decided = (until: string, months: number) => ({
      ...savedPool,
      offer: 'later',
      start: '2027-01-01',
      until,
      months,
      steps: [{ from: '2027-01-01', until, usd: '12000' }],
    });
    const plan = {
      ...savedPlan,
      decisions: [decided('2029-01-01', 24), decided('2028-01-01', 12)],
      forecast: { ...forecast, commitments: [ofTerm('2028-01-01', 1), ofTerm('2029-01-01', 2)] },
    };
    const track = tracked({ plan, portfolio: trackedPortfolio(' []') });
    expect(track.commitments.map(({ until, windows }) => [until, windows[0]?.plannedShortfall])).toEqual([
      ['2029-01-01', 2],
      ['2028-01-01', 1],
    ]);
  });
});

test('two lanes at one source share what it served, by what of each is usable', () => {
  const lane = (id: string, quantity: number): string =>
    `\n  - { id: ${id}, vendor: south, kind: floor, quantity: ${quantity}, period: [2027-01-01, 2028-01-01], fee: { perMonth: "1.2" } }`;
  const use = (contracts: string) =>
    tracked({ portfolio: trackedPortfolio(contracts) }).commitments.map(({ name, capacity }) => [name, capacity?.used]);
  // Five units a month in all.
  expect(use(lane('small', 20) + lane('large', 80))).toEqual([
    ['small', 3],
    ['large', 12],
  ]);
  expect(use(lane('large', 80))).toEqual([['large', 15]]);
});

test('the last true-up of a pool that is not whole years long has its share of the time, as the plan has it', () => {
  const dues = (ramp: string) =>
    tracked({
      portfolio: trackedPortfolio(`
  - { id: pool-27, vendor: north, kind: pool, amount: "18000", period: [2027-01-01, 2028-07-01], fulfil: annual${ramp} }`),
      asOf: '2028-02-01',
    }).commitments[0]?.windows.map(({ until, due }) => [until, due]);
  expect(dues('')).toEqual([
    ['2028-01-01', '12000'],
    ['2028-07-01', '6000'],
  ]);
  // Two shares of nine months each.
  expect(dues(', ramp: [0.4, 0.6]')).toEqual([
    ['2028-01-01', '10800'],
    ['2028-07-01', '7200'],
  ]);
});

test('what was billed is what counts, where an export tells that beside what it spreads of fees', () => {
  const lines = quarter(995n, 1_000n, billLine).map((line) =>
    line.vendor === 'south' ? { ...line, cost: 30n * one, billed: 0n } : line,
  );
  const track = tracked({ lines });
  expect(track.spend[1]?.months[0]).toMatchObject({ usage: '0', fees: '24', actual: '24' });
});

test.each([
  [{ plan: { ...savedPlan, forecast: null } }, 'does not tell what it expects month by month'],
  [{ plan: { ...savedPlan, classes: ['code'], forecast } }, 'the portfolio has no class "code"'],
  [{ plan: { ...savedPlan, currency: 'EUR', forecast } }, 'the plan is in EUR'],
  [{ classOf: new Map([['large', 'speech']]) }, '"large" cannot be of class "speech"'],
])('what cannot be tracked is told in words: %#', (changes, said) => {
  const track = planTrack(trackInput(changes));
  expect(track).toEqual({ ok: false, fault: expect.stringContaining(said) });
});

test('a ledger is asked of whole months, cut where true-ups begin, from the first that goes on', () => {
  const contracts = `
  - { id: pool-27, vendor: north, kind: pool, amount: "12000", period: [2026-11-16, 2027-11-16] }`;
  const { plan } = trackInput();
  expect(trackSpans(plan, trackedPortfolio(contracts), '2027-02-11')).toEqual([
    { from: '2026-11-16', until: '2026-12-01' },
    { from: '2026-12-01', until: '2027-01-01' },
    { from: '2027-01-01', until: '2027-02-01' },
    { from: '2027-02-01', until: '2027-02-11' },
  ]);
  expect(trackSpans(plan, trackedPortfolio(contracts), '2026-12-31')).toEqual([]);
});

/** A plan of random futures for random contracts, and its own mean as what came. */
const meanOf = async (chosen: {
  readonly demands: readonly (readonly [start: number, growth: number])[];
  readonly pool: number | null;
  readonly lane: number | null;
  readonly months: number;
}): Promise<TrackInput> => {
  const contracts = [
    ...(chosen.pool === null
      ? []
      : [
          `{ id: P, vendor: north, kind: pool, amount: "${chosen.pool}", period: [2027-01-01, 2029-01-01], fulfil: annual, discount: 0.2 }`,
        ]),
    ...(chosen.lane === null
      ? []
      : [
          `{ id: L, vendor: north, kind: floor, quantity: ${chosen.lane}, period: [2027-01-01, 2028-01-01], discount: 0.4 }`,
        ]),
  ];
  const reading = readPortfolio(
    `version: 1
horizon: { from: 2027-01-01, periods: 2 }
vendors: { north: {}, south: {} }
classes: { chat: { demand: { start: 100 } } }
sources:
  - { vendor: north, class: chat, price: { perMTok: "2" } }
  - { vendor: south, class: chat, price: { perMTok: "3" } }
contracts: [${contracts.join(', ')}]
`,
    'portfolio.yaml',
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  const { portfolio } = reading.value;
  const translation = problemOf(
    portfolio,
    chosen.demands.map(([start, growth]) => ({
      weight: 1 / chosen.demands.length,
      demand: [Array.from({ length: 24 }, (_, month) => start * growth ** month)],
      prices: 0,
    })),
  );
  const { problem } = translation;
  const told = await planForecast(translation, portfolio, {
    pools: problem.pools.map(() => true),
    reservations: problem.reservations.map(({ quantity }) => (quantity.kind === 'exactly' ? quantity.units : 0)),
  });
  const pico = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 1_000_000n;
  const fee = chosen.lane === null ? 0 : chosen.lane * 2 * 0.6;
  const months = told.demand[0]!.months.slice(0, chosen.months);
  const lines = months.flatMap(({ month, mean }, index) => [
    billLine({ vendor: 'north', day: `${month}-03`, quantity: pico(mean) }),
    ...told.spend.map(({ vendor, months: spend }) => {
      const fees = vendor === 'north' && index < 12 ? fee : 0;
      return billLine({ vendor, day: `${month}-04`, cost: pico(spend[index]!.mean - fees) });
    }),
  ]);
  const next = chosen.months < 12 ? `2027-${String(chosen.months + 1).padStart(2, '0')}-01` : '2028-01-01';
  return {
    plan: { ...savedPlan, decisions: [], forecast: told },
    portfolio,
    lines,
    asOf: next,
    classOf: new Map(),
    rate: null,
    monthsOutside: 1,
  };
};

const chosenPlans = fc.record({
  demands: fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0.95, max: 1.08, noNaN: true })), {
    minLength: 1,
    maxLength: 4,
  }),
  pool: fc.option(fc.integer({ min: 1, max: 30_000 })),
  lane: fc.option(fc.integer({ min: 1, max: 500 })),
  months: fc.integer({ min: 1, max: 12 }),
});

describe('whatever was planned', () => {
  test('what comes just as the plan has it in the mean is on track', async () => {
    await fc.assert(
      fc.asyncProperty(chosenPlans, async (chosen) => {
        const track = tracked(await meanOf(chosen));
        expect(sentences(track, 'act')).toEqual([]);
        expect(track.demand.every(({ outside }) => outside.months === 0)).toBe(true);
        expect(track.spend.every(({ complete, outside }) => complete && outside.months === 0)).toBe(true);
        for (const { windows } of track.commitments)
          for (const { pace } of windows) expect(pace ?? 1).toBeCloseTo(1, 3);
      }),
      { numRuns: 25 },
    );
  });

  test('twice the demand of the widest range is never on track', async () => {
    await fc.assert(
      fc.asyncProperty(chosenPlans, async (chosen) => {
        const input = await meanOf(chosen);
        const high = Math.max(
          ...input.plan.forecast!.demand[0]!.months.map((month) => month.high / Math.max(month.mean, 1e-9)),
        );
        const times = BigInt(Math.ceil(high * 2));
        const lines = input.lines.map((line) => ({
          ...line,
          quantity: line.quantity === null ? null : line.quantity * times,
        }));
        expect(tracked({ ...input, lines }).onTrack).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  test('in another unit of everything the same is found', () => {
    const scaled = (months: PlanForecast['demand'][number]['months'], by: number) =>
      months.map(({ month, mean, low, high }) => ({ month, mean: mean * by, low: low * by, high: high * by }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 3_000n }), fc.bigInt({ min: 0n, max: 3_000n })), {
          minLength: 3,
          maxLength: 3,
        }),
        fc.constantFrom(2, 8, 1_024),
        (figures, by) => {
          const lines = figures.map(([units, cost], index) =>
            bookedLine({ vendor: 'north', day: `2027-0${index + 1}-09`, quantity: units * one, cost: cost * one }),
          );
          const portfolio = trackedPortfolio(' []');
          const bare = { ...forecast, commitments: [] };
          const once = tracked({ lines, portfolio, plan: { ...savedPlan, decisions: [], forecast: bare } });
          const larger: PlanForecast = {
            ...bare,
            demand: bare.demand.map((row) => ({ ...row, months: scaled(row.months, by) })),
            spend: bare.spend.map((row) => ({ ...row, months: scaled(row.months, by) })),
          };
          const more = tracked({
            lines: lines.map((line) => ({
              ...line,
              quantity: line.quantity! * BigInt(by),
              cost: line.cost! * BigInt(by),
            })),
            portfolio,
            plan: { ...savedPlan, decisions: [], forecast: larger },
          });
          const places = ({ demand, spend }: TrackedPlan) =>
            [...demand, ...spend].map(({ months }) => months.map(({ position }) => position));
          expect(places(more)).toEqual(places(once));
          expect(more.findings.map(({ kind, subject, severity }) => [kind, subject, severity])).toEqual(
            once.findings.map(({ kind, subject, severity }) => [kind, subject, severity]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
