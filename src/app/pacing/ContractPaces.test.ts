import { expect, test } from 'vitest';
import { nanoUsd, silentLog, type Clock, type Log } from '../../kernel/index.ts';
import { Shares } from '../../ledger/index.ts';
import { PriceBook } from '../../market/index.ts';
import type { PacerState } from '../../router/index.ts';
import type { FinalRecord } from '../../vocabulary/index.ts';
import { buildSnapshot } from '../buildSnapshot.ts';
import { priceOf, testConfiguration, testFile } from '../testConfiguration.fixture.ts';
import { ContractPaces, type Together } from './ContractPaces.ts';

const dayMs = 86_400_000;
const aprilMs = Date.parse('2026-04-01T00:00Z');
const period = ['2026-01-01', '2027-01-01'];

const provider = (vendor: string) => ({
  wire: 'openai',
  vendor,
  baseUrl: `https://${vendor}.example/v1`,
  credentials: { apiKey: '${env:A_KEY}' },
  host: 'north',
});

const contracts: readonly object[] = [
  {
    id: 'pool',
    vendor: 'aurora',
    covers: [{ provider: 'aurora' }],
    kind: 'pool',
    usd: '1200',
    period,
    fulfil: 'monthly',
  },
  {
    id: 'floor',
    vendor: 'borealis',
    covers: [{ provider: 'borealis' }],
    kind: 'floor',
    unit: 'usdPerMinute',
    quantity: '2',
    period,
  },
];

/** What is in force with such contracts: two targets of one model. */
const inForceWith = (list: readonly object[]) => {
  const price = priceOf('1', '2');
  const deployments = ['aurora', 'borealis'].map((name) => ({ provider: name, model: 'large', price }));
  const providers = { aurora: provider('aurora'), borealis: provider('borealis') };
  const policy = { concentration: { vendor: '0.5' } };
  const sites = { lab: { executor: 'local', vendor: 'aurora', accelerators: [{ kind: 'GB200', count: 8 }] } };
  const file = testFile({ providers, models: { chat: { deployments } }, sites, contracts: list, policy });
  const { configuration, secrets } = testConfiguration(file);
  const book = new PriceBook([]);
  const none = { keys: new Map(), areKeysKnown: true, sandbox: false, served: [] };
  return { configuration, snapshot: buildSnapshot({ configuration, secrets, book, nowMs: aprilMs, ...none }) };
};

/** A program whose ledger says of the pool what it is told to; null: it does not answer. */
const programOf = (
  differs: {
    readonly ledgerUsd?: number;
    readonly before?: PacerState | null;
    readonly together?: Together;
    readonly contracts?: readonly object[];
    /** A pool of which the ledger cannot say what was spent. */
    readonly unread?: string;
    readonly log?: Log;
  } = {},
) => {
  let nowMs = aprilMs + 15 * dayMs;
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  let inForce = inForceWith(differs.contracts ?? contracts);
  const asked = { times: 0, ledgerUsd: differs.ledgerUsd ?? null };
  const shares = new Shares({ window: 'month', timeZone: 'UTC' });
  const paces = new ContractPaces({
    shares,
    poolSpent: (_contracts, { id }) => {
      asked.times += 1;
      if (asked.ledgerUsd === null || id === differs.unread) return Promise.reject(new Error('it is away'));
      const [drawnNanoUsd, none] = [nanoUsd(BigInt(asked.ledgerUsd) * 1_000_000_000n), nanoUsd(0n)];
      return Promise.resolve({ drawnNanoUsd, feesNanoUsd: none, wholeFeesNanoUsd: none, earlierNanoUsd: [] });
    },
    together: differs.together ?? null,
    inForce: () => inForce,
    before: differs.before ?? null,
    clock,
    log: differs.log ?? silentLog,
  });
  return {
    paces,
    shares,
    asked,
    setNow: (ms: number) => (nowMs = ms),
    now: () => nowMs,
    reload: (list = contracts) => (inForce = inForceWith(list)),
    /** Lets everything happen that was asked of the ledger. */
    read: async () => {
      paces.start();
      await paces.stop();
    },
  };
};

const recordOf = (differs: Partial<FinalRecord>): FinalRecord =>
  ({
    provider: 'aurora',
    targetModel: 'large',
    contract: 'pool',
    amountNanoUsd: '0',
    usage: {},
    ...differs,
  }) as FinalRecord;

const callAt = (provider: string, expectedUsd: number) => ({
  target: { provider, model: 'large' },
  expectedUsd,
  inputTokens: 10,
  cachedTokens: 0,
  outputTokens: 10,
});

const spent = ({ paces }: ReturnType<typeof programOf>): number => paces.state!.pools['pool']!.spentUsd;

test('a pool counts as drawn evenly until the ledger says what was spent, and is counted by records from there', async () => {
  const program = programOf();
  expect(spent(program)).toBe(50);
  await program.read();
  expect([spent(program), program.asked.times]).toEqual([50, 1]);
  program.asked.ledgerUsd = 20;
  await program.read();
  expect(spent(program)).toBe(20);
  program.paces.settled(recordOf({ amountNanoUsd: '3000000000', startedAtMs: program.now() }), null);
  expect(spent(program)).toBe(23);
  // What began in the interval before is of that one.
  program.paces.settled(recordOf({ amountNanoUsd: '3000000000', startedAtMs: aprilMs - 1 }), null);
  expect(spent(program)).toBe(23);
});

test('a correction of the ledger is read at once, and again where the ledger did not answer', async () => {
  const program = programOf({ ledgerUsd: 20 });
  await program.read();
  program.paces.settled(recordOf({ amountNanoUsd: '3000000000', startedAtMs: program.now() }), null);
  program.asked.ledgerUsd = 31;
  program.paces.corrected();
  await program.paces.stop();
  expect([spent(program), program.asked.times]).toEqual([31, 2]);
  program.asked.ledgerUsd = null;
  program.paces.corrected();
  await program.paces.stop();
  expect(spent(program)).toBe(31);
  program.asked.ledgerUsd = 33;
  program.setNow(program.now() + 60_000);
  program.paces.tick();
  await program.paces.stop();
  expect([spent(program), program.asked.times]).toEqual([33, 4]);
});

test('what was learnt is carried over a reload, and what the ledger has said of is not asked again', async () => {
  const program = programOf({ ledgerUsd: 20 });
  await program.read();
  program.paces.settled(recordOf({ amountNanoUsd: '3000000000', startedAtMs: program.now() }), null);
  program.setNow(program.now() + 60_000);
  program.paces.tick();
  const before = program.paces.state!.pools['pool']!;
  program.reload();
  expect(program.paces.pacing).not.toBeNull();
  expect(program.paces.state!.pools['pool']).toEqual(before);
  await program.read();
  expect(program.asked.times).toBe(1);
  program.reload([]);
  expect(program.paces.worthOf('pool')).toBeNull();
  expect(program.paces.indexOf({ provider: 'borealis', model: 'large' })).toBe(1);
});

test('a restart goes on with the multipliers of before, and with what the ledger says was spent', async () => {
  const first = programOf({ ledgerUsd: 20 });
  await first.read();
  for (let minute = 1; minute <= 60; minute++) {
    first.setNow(first.now() + 60_000);
    first.paces.tick();
  }
  const kept = first.paces.state!;
  expect(kept.pools['pool']!.multiplier).toBeGreaterThan(0.5);
  const second = programOf({ ledgerUsd: 31, before: kept });
  expect(second.paces.worthOf('pool')).toBe(kept.pools['pool']!.multiplier);
  await second.read();
  expect(second.paces.worthOf('pool')).toBe(kept.pools['pool']!.multiplier);
  expect(spent(second)).toBe(31);
});

test('a new interval begins with nothing spent, and what is carried into it is asked for', async () => {
  const program = programOf({ ledgerUsd: 20 });
  await program.read();
  program.asked.ledgerUsd = 0;
  program.setNow(Date.parse('2026-05-01T00:00Z'));
  program.paces.tick();
  await program.paces.stop();
  expect(program.asked.times).toBe(2);
  expect(program.paces.state!.pools['pool']!).toMatchObject({ fromMs: program.now(), spentUsd: 0 });
});

test('a call takes from its floor what it is expected to use, until its record says what it did', () => {
  const { paces, now } = programOf();
  const free = (): number => paces.pacing!.freeUsd(1, 9, 0, 0, 0, now());
  const expected = paces.started(callAt('borealis', 1.5), now());
  expect(free()).toBe(0.5);
  const record = recordOf({ provider: 'borealis', contract: 'floor', startedAtMs: now(), amountNanoUsd: '250000000' });
  paces.settled(record, expected);
  expect(free()).toBe(1.75);
  // Beyond the floor, as its vendor says.
  paces.settled({ ...record, servedTier: 'spillover' }, paces.started(callAt('borealis', 1), now()));
  expect(free()).toBe(1.75);
  expect(paces.started(callAt('aurora', 1), now())).toBeNull();
});

test('a floor goes on over a reload: what it has seen, and what is under way there', () => {
  const program = programOf();
  const { paces, now } = program;
  const free = (): number => paces.pacing!.freeUsd(1, 9, 0, 0, 0, now());
  for (let index = 0; index < 100; index++) {
    program.setNow(now() + 6_000);
    paces.pacing!.saw(1, 1, 0, 0, 0, 0.9, now());
  }
  paces.tick();
  expect(free()).toBe(2);
  const bid = paces.worthOf('floor');
  expect(bid).toBeGreaterThan(0.3);
  const expected = paces.started(callAt('borealis', 1.5), now());
  program.reload();
  expect(free()).toBe(0.5);
  paces.settled(recordOf({ provider: 'borealis', contract: 'floor', startedAtMs: now() }), expected);
  expect(free()).toBe(2);
  expect(paces.worthOf('floor')).toBe(bid);
  // Other terms are another floor, which takes over what is used and under way.
  const again = paces.started(callAt('borealis', 1.5), now());
  program.reload(contracts.map((contract) => ('unit' in contract ? { ...contract, quantity: '3' } : contract)));
  expect(free()).toBe(1.5);
  paces.settled(recordOf({ provider: 'borealis', contract: 'floor', startedAtMs: now() }), again);
  expect(free()).toBe(3);
});

const multipliers = ({ paces }: ReturnType<typeof programOf>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(paces.state!.capped.names).map(([name, { multiplier }]) => [name, multiplier]));

const shareOf = (usd: number, startedAtMs: number) => ({
  vendor: 'aurora',
  hosts: { north: 1 },
  jurisdiction: null,
  lab: null,
  amountNanoUsd: `${usd * 1_000_000_000}`,
  startedAtMs,
});

test('what was spent in the window that is over moves nothing in the next', () => {
  const program = programOf();
  program.paces.tick();
  program.shares.add(shareOf(1_000, program.now()));
  program.setNow(program.now() + 60_000);
  program.paces.tick();
  const before = multipliers(program);
  expect(before['vendor:aurora']).toBeGreaterThan(0);
  expect(before['vendor:borealis']).toBe(0);
  program.setNow(Date.parse('2026-05-01T00:00Z'));
  program.paces.tick();
  expect(program.paces.state!.capped.windowFromMs).toBe(program.now());
  expect(multipliers(program)).toEqual(before);
});

test('shares that are set right were not spent since the last step', () => {
  const program = programOf();
  const { shares, paces, now } = program;
  paces.tick();
  const known = new Shares({ window: 'month', timeZone: 'UTC' });
  known.add(shareOf(1_000, now()));
  shares.correct(shares.snapshot(now()), known.snapshot(now()));
  program.setNow(now() + 60_000);
  paces.tick();
  expect(paces.state!.capped.totalUsd).toBe(1_000);
  expect(multipliers(program)).toEqual({ 'vendor:aurora': 0, 'vendor:borealis': 0 });
});

test('what was planned for a time after all contracts, since the clock was ahead, is planned anew', async () => {
  const program = programOf({ ledgerUsd: 20 });
  await program.read();
  const midAprilMs = program.now();
  program.setNow(Date.parse('2027-02-01T00:00Z'));
  program.paces.tick();
  await program.paces.stop();
  expect(program.paces.worthOf('pool')).toBeNull();
  program.setNow(midAprilMs + 60_000);
  program.paces.tick();
  await program.paces.stop();
  expect(program.paces.state!.pools['pool']!.fromMs).toBe(aprilMs);
  expect(program.paces.worthOf('pool')).toBeGreaterThan(0);
});

test('a replica counts what all have spent, a little later, and fills its own part of a floor', async () => {
  const drawn = { usd: 20n };
  const poolDrawn = () => Promise.resolve(nanoUsd(drawn.usd * 1_000_000_000n));
  const alone = programOf({ ledgerUsd: 20 });
  const replica = programOf({ ledgerUsd: 20, together: { isShared: true, poolDrawn, floorPart: () => 0.5 } });
  for (const program of [alone, replica]) {
    await program.read();
    for (let minute = 1; minute <= 12; minute++) {
      if (minute === 2) drawn.usd = 30n;
      program.setNow(program.now() + 60_000);
      program.paces.tick();
      await program.paces.stop();
    }
  }
  expect([spent(alone), spent(replica)]).toEqual([20, 30]);
  expect(replica.paces.worthOf('pool')).toBeLessThan(alone.paces.worthOf('pool')!);
  const free = ({ paces, now }: typeof alone): number => paces.pacing!.freeUsd(1, 9, 0, 0, 0, now());
  expect([free(alone), free(replica)]).toEqual([2, 1]);
});

test('a replica that is cut off fills its own part of a floor, less what it used itself and not what others told', async () => {
  const together = { isShared: true, poolDrawn: () => Promise.resolve(nanoUsd(0n)), floorPart: () => 0.5 };
  const [cutOff, other] = [programOf({ ledgerUsd: 20, together }), programOf({ ledgerUsd: 20, together })];
  for (const program of [cutOff, other]) await program.read();
  const free = (): number => cutOff.paces.pacing!.freeUsd(1, 9, 0, 0, 0, cutOff.now());
  cutOff.paces.hear(new Map(), null, { equalPart: 0.5, silent: new Set() });
  other.paces.hear(new Map(), null, { equalPart: 0.5, silent: new Set() });
  cutOff.paces.started(callAt('borealis', 0.25), cutOff.now());
  other.paces.started(callAt('borealis', 1.5), other.now());
  cutOff.paces.hear(new Map([['other', other.paces.tell()!]]), null, { equalPart: 0.5, silent: new Set() });
  expect(free()).toBe(0.25);
  cutOff.paces.paceAlone();
  expect(free()).toBe(0.75);
});

test('what a pool has spent is read anew even where the ledger does not say what all have spent since, which is told in words of its own', async () => {
  const said: string[] = [];
  const log = { ...silentLog, warn: (event: string) => void said.push(event) };
  const poolDrawn = () => Promise.reject(new Error('it took too long'));
  const program = programOf({ ledgerUsd: 20, log, together: { isShared: true, poolDrawn, floorPart: () => 1 } });
  await program.read();
  expect(said).toEqual([]);
  program.setNow(program.now() + 600_000);
  program.asked.ledgerUsd = 31;
  program.paces.corrected();
  await program.paces.stop();
  expect([spent(program), program.asked.times]).toEqual([31, 2]);
  expect(said).toEqual([expect.stringContaining('what all have spent')]);
});

test('a pool that cannot be read keeps the others from nothing, neither at the start nor later', async () => {
  const other = { ...contracts[0], id: 'other', vendor: 'borealis', covers: [{ provider: 'borealis' }] };
  const asked: string[] = [];
  const poolDrawn: Together['poolDrawn'] = (_contracts, { id }) => {
    asked.push(id);
    return id === 'other' ? Promise.reject(new Error('it took too long')) : Promise.resolve(nanoUsd(33_000_000_000n));
  };
  const together = { isShared: true, poolDrawn, floorPart: () => 1 };
  const list = [other, ...contracts.slice(0, 1)];
  const unread = programOf({ ledgerUsd: 20, together, contracts: list, unread: 'other' });
  const read = programOf({ ledgerUsd: 20, together, contracts: list });
  const after = async (program: typeof read, minutes: number): Promise<readonly [number, number]> => {
    program.setNow(program.now() + minutes * 60_000);
    program.paces.tick();
    await program.paces.stop();
    return [spent(program), program.paces.state!.pools['other']!.spentUsd];
  };
  await unread.read();
  expect([spent(unread), unread.asked.times]).toEqual([20, 2]);
  // Only the other one is asked for again; one of which nothing is known is not asked about what all have spent of it since.
  await after(unread, 1);
  expect([unread.asked.times, asked]).toEqual([3, []]);
  expect((await after(unread, 9))[0]).toBe(33);
  expect(asked).toEqual(['pool']);
  await read.read();
  expect(await after(read, 10)).toEqual([33, 20]);
  expect(asked).toEqual(['pool', 'other', 'pool']);
});

test('what all have spent is asked for the less often the longer the ledger takes to say it, also where it fails', async () => {
  const asked = { times: 0, fails: false };
  const poolDrawn = () => {
    asked.times += 1;
    program.setNow(program.now() + 60_000);
    return asked.fails ? Promise.reject(new Error('it took too long')) : Promise.resolve(nanoUsd(20_000_000_000n));
  };
  const program = programOf({ ledgerUsd: 20, together: { isShared: true, poolDrawn, floorPart: () => 1 } });
  const after = async (minutes: number): Promise<number> => {
    program.setNow(program.now() + minutes * 60_000);
    program.paces.tick();
    await program.paces.stop();
    return asked.times;
  };
  // Just after all of it was read, nothing more of it is asked.
  await program.read();
  expect([await after(9), await after(1)]).toEqual([0, 1]);
  expect([await after(19), await after(1)]).toEqual([1, 2]);
  asked.fails = true;
  expect([await after(20), await after(19), await after(1)]).toEqual([3, 3, 4]);
});

/** A floor of 2 dollars a minute that the pool covers as well. */
const nested = contracts.map((contract) =>
  'unit' in contract ? { ...contract, vendor: 'aurora', covers: [{ provider: 'aurora' }] } : contract,
);

test('of a floor inside a pool only what is beyond it draws the pool, as it is expected where its interval is over', async () => {
  const program = programOf({ ledgerUsd: 20, contracts: nested });
  const { paces, now } = program;
  await program.read();
  const record = (usd: number, more: Partial<FinalRecord> = {}): FinalRecord =>
    recordOf({ contract: 'floor', startedAtMs: now(), amountNanoUsd: `${usd * 1e9}`, ...more });
  paces.settled(record(1.5), null);
  expect(spent(program)).toBe(20);
  paces.settled(record(2), null);
  expect(spent(program)).toBe(21.5);
  paces.settled(record(3, { servedTier: 'spillover' }), null);
  expect(spent(program)).toBe(24.5);
  // A call that was expected to fit by a half, and ends in the next minute.
  program.setNow(now() + 60_000);
  const late = record(3);
  const expected = paces.started(callAt('aurora', 4), now());
  program.setNow(now() + 60_000);
  expect(paces.pacing!.freeUsd(0, 9, 0, 0, 0, now())).toBe(2);
  paces.settled(late, expected);
  expect(spent(program)).toBe(26);
  // Of a call that went to the pool before there was a floor, all.
  paces.settled(record(3, { contract: 'pool' }), null);
  expect(spent(program)).toBe(29);
});

test('what is beyond floors is read again now and then, since it is only estimated here; nothing else is asked for alone', async () => {
  const asked = { times: 0 };
  const poolDrawn = () => {
    asked.times += 1;
    return Promise.resolve(nanoUsd(33_000_000_000n));
  };
  const together = { isShared: false, poolDrawn, floorPart: () => 1 };
  const plain = programOf({ ledgerUsd: 20, together });
  const inside = programOf({ ledgerUsd: 20, together, contracts: nested });
  const timesAsked: number[] = [];
  for (const program of [plain, inside]) {
    await program.read();
    for (let minute = 1; minute <= 61; minute++) {
      program.setNow(program.now() + 60_000);
      program.paces.tick();
      await program.paces.stop();
    }
    timesAsked.push(asked.times);
  }
  expect(timesAsked).toEqual([0, 1]);
  expect([spent(plain), spent(inside)]).toEqual([20, 33]);
});

test('what jobs spend beyond a floor over a site is read, too, though no request goes there', async () => {
  const covers = [{ site: 'lab' }];
  const pool = { ...contracts[0], covers };
  const floorOver = (period: readonly string[]) => ({ ...contracts[1], covers, unit: 'usdPerHour', period });
  const poolDrawn = () => Promise.resolve(nanoUsd(33_000_000_000n));
  const spentWith = async (...floors: readonly object[]): Promise<number> => {
    const together = { isShared: false, poolDrawn, floorPart: () => 1 };
    const program = programOf({ ledgerUsd: 20, together, contracts: [pool, ...floors] });
    await program.read();
    program.setNow(program.now() + 3_600_000);
    program.paces.tick();
    await program.paces.stop();
    return spent(program);
  };
  expect(await spentWith(floorOver(period))).toBe(33);
  expect(await spentWith(floorOver(['2026-06-01', '2027-01-01']))).toBe(20);
  expect(await spentWith()).toBe(20);
});
