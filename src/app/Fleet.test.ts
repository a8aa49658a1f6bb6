import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom, silentLog } from '../kernel/index.ts';
import { noRateTokens, RateLimits, RateShares, wholeBase, type RateTake } from '../ledger/index.ts';
import {
  migrate,
  openDatabase,
  startEmbeddedPostgres,
  tellReplicas,
  type Database,
  type EmbeddedPostgres,
  type ToldByReplica,
} from '../store/index.ts';
import { noRates, rateScope, type Rates, type RateScope } from '../vocabulary/index.ts';
import { Fleet } from './Fleet.ts';

let postgres: EmbeddedPostgres;
let database: Database;
let dataDir = '';

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'archipel-fleet-'));
  postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
  database = openDatabase({ url: postgres.url, log: silentLog });
  await migrate(database);
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(() => database.query('DELETE FROM archipel.replica'));

const scopeOf = (limits: Partial<Rates>): RateScope => {
  const scope = rateScope('key', 'demo', { ...noRates, ...limits });
  if (scope === null) throw new Error('a scope has limits');
  return scope;
};

/** Ids in order: of equal wants the later one has what does not divide. */
let made = 0;

/** A replica that beats when a test says so, on a clock that a test moves. */
const openReplica = (more: { readonly version?: string; readonly base?: number } = {}) => {
  made += 1;
  const clock = { nowMs: () => 0, monotonicMs: () => world.nowMs };
  const world = { nowMs: 0, isAway: false, configuration: 'a'.repeat(64) };
  const shares = new RateShares(more.base);
  const limits = new RateLimits(shares);
  const self = {
    instance: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    host: `host-${made}`,
    pid: made,
    version: more.version ?? '1.0.0',
    startedAtMs: 0,
  };
  const talk = {
    says: 'nothing',
    heard: [] as readonly ToldByReplica[],
    others: [] as readonly string[],
    missed: 0,
    news: () => {},
  };
  const fleet = new Fleet({
    database: {
      session: (options) => (world.isAway ? Promise.reject(new Error('away')) : database.session(options)),
    },
    self,
    configurationHash: () => world.configuration,
    rateLimits: limits,
    shares,
    talk: {
      say: () => talk.says,
      hear: (told, _liveMs, others) => Object.assign(talk, { heard: told, others }),
      miss: () => (talk.missed += 1),
      onNews: (listener) => (talk.news = listener),
    },
    clock,
    log: silentLog,
  });
  return { world, shares, limits, fleet, self, talk };
};

type Member = ReturnType<typeof openReplica>;

const beatAll = async (members: readonly Member[], rounds = 3): Promise<void> => {
  for (let round = 0; round < rounds; round += 1)
    for (const { world, fleet } of members) {
      world.nowMs += 1_000;
      await fleet.beat();
    }
};

const stopAll = (members: readonly Member[]): Promise<unknown> => Promise.all(members.map(({ fleet }) => fleet.stop()));

/** For the database this much time has passed since the last beat of a replica. */
const silence = (member: Member, ms: number): Promise<unknown> =>
  database.query(
    "UPDATE archipel.replica SET beaten_at = clock_timestamp() - $2 * interval '1 millisecond' WHERE instance = $1",
    [member.self.instance, ms],
  );

const limitOf = ({ shares, world }: Member, scope: RateScope, name: 'rpm' | 'streams'): number =>
  shares.limitOf(scope, name, scope.rates[name] ?? 0, world.nowMs);

const ask = (member: Member, scope: RateScope, times: number): number => {
  let through = 0;
  for (let request = 0; request < times; request += 1) {
    const take = member.limits.take([scope], noRateTokens, member.world.nowMs);
    if (!take.ok) continue;
    through += 1;
    member.limits.settle(take.value, noRateTokens, member.world.nowMs);
  }
  return through;
};

/** Begins what is let in, and ends none of it. */
const fill = (member: Member, scope: RateScope): readonly RateTake[] => {
  const begun: RateTake[] = [];
  for (;;) {
    const take = member.limits.take([scope], noRateTokens, member.world.nowMs);
    if (!take.ok) return begun;
    begun.push(take.value);
  }
};

describe('replicas on one database', () => {
  test('have all of a rate alone, half of it by bases together, and the rest where it is used', async () => {
    const scope = scopeOf({ rpm: 120 });
    const [one, two] = [openReplica(), openReplica()];
    await beatAll([one]);
    expect(limitOf(one, scope, 'rpm')).toBe(120);
    // The first beat of the second finds everything taken: it has nothing until the first has lowered.
    await two.fleet.beat();
    expect(two.shares.base).toBe(0);
    await beatAll([one, two]);
    expect([one, two].map((member) => limitOf(member, scope, 'rpm'))).toEqual([30, 30]);
    ask(one, scope, 100);
    await beatAll([one, two]);
    expect([one, two].map((member) => limitOf(member, scope, 'rpm'))).toEqual([90, 30]);
    ask(two, scope, 400);
    await beatAll([one, two]);
    const both = [one, two].map((member) => limitOf(member, scope, 'rpm'));
    expect(both.reduce((sum, units) => sum + units, 0)).toBe(120);
    expect(both[1]).toBeGreaterThan(55);
    await two.fleet.stop();
    await beatAll([one]);
    expect(limitOf(one, scope, 'rpm')).toBe(120);
    await stopAll([one]);
  });

  test('share places among the requests under way, and leave none that is taken', async () => {
    const scope = scopeOf({ streams: 1 });
    const [one, two] = [openReplica(), openReplica()];
    await beatAll([one, two]);
    const begin = (member: Member): RateTake | null => {
      const take = member.limits.take([scope], noRateTokens, member.world.nowMs);
      return take.ok ? take.value : null;
    };
    expect([begin(one), begin(two)]).toEqual([null, null]);
    await beatAll([one], 1);
    const running = begin(one);
    expect(running).not.toBeNull();
    for (let round = 0; round < 5; round += 1) {
      expect(begin(two)).toBeNull();
      await beatAll([one, two], 1);
    }
    if (running !== null) one.limits.settle(running, noRateTokens, one.world.nowMs);
    let rounds = 0;
    while (begin(two) === null && rounds < 12) {
      rounds += 1;
      await beatAll([one, two], 1);
    }
    expect(rounds).toBeLessThan(12);
    expect([limitOf(one, scope, 'streams'), limitOf(two, scope, 'streams')]).toEqual([0, 1]);
    await stopAll([one, two]);
  });

  test('leave places that were taken alone to the one that has them, and give them to those who join as they end', async () => {
    const scope = scopeOf({ streams: 100 });
    const members = [openReplica(), openReplica(), openReplica()];
    const underWay = (): readonly number[] => members.map(({ limits }) => limits.underWay(scope));
    const sum = (): number => underWay().reduce((all, one) => all + one, 0);
    const [first] = members;
    await beatAll(members.slice(0, 1));
    const running = fill(first!, scope);
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1)
        for (const member of members.toReversed()) {
          await beatAll([member], 1);
          fill(member, scope);
          expect(sum()).toBeLessThanOrEqual(100);
        }
    };
    await rounds(6);
    expect(underWay()).toEqual([100, 0, 0]);
    for (const take of running.slice(0, 60)) first!.limits.settle(take, noRateTokens, first!.world.nowMs);
    await rounds(8);
    expect(sum()).toBe(100);
    expect(Math.min(...underWay())).toBeGreaterThan(15);
    await stopAll(members);
  });

  test('leave an equal share to one that fell silent, count it no longer after five minutes, and take it back when it is heard', async () => {
    const scope = scopeOf({ rpm: 120 });
    const [one, two] = [openReplica(), openReplica()];
    await beatAll([one, two]);
    ask(two, scope, 100);
    await beatAll([one, two]);
    expect([limitOf(one, scope, 'rpm'), limitOf(two, scope, 'rpm')]).toEqual([30, 90]);
    two.world.isAway = true;
    two.world.nowMs += 40_000;
    await silence(two, 40_000);
    ask(one, scope, 100);
    await beatAll([one]);
    expect([limitOf(one, scope, 'rpm'), limitOf(two, scope, 'rpm')]).toEqual([60, 60]);
    // It is heard again: nobody has more than before until both have said so.
    two.world.isAway = false;
    await two.fleet.beat();
    expect(limitOf(one, scope, 'rpm') + limitOf(two, scope, 'rpm')).toBeLessThanOrEqual(120);
    await beatAll([one, two]);
    expect(limitOf(one, scope, 'rpm') + limitOf(two, scope, 'rpm')).toBeLessThanOrEqual(120);
    expect([one, two].map(({ shares }) => shares.base)).toEqual([wholeBase / 4, wholeBase / 4]);
    await silence(two, 301_000);
    await beatAll([one]);
    expect(limitOf(one, scope, 'rpm')).toBe(120);
    await stopAll([one, two]);
  });

  test('leave an equal share and no more to one that was alone when it fell silent', async () => {
    const scope = scopeOf({ rpm: 120 });
    const [gone, fresh] = [openReplica(), openReplica()];
    await beatAll([gone]);
    await fresh.fleet.beat();
    expect(limitOf(fresh, scope, 'rpm')).toBe(0);
    await silence(gone, 20_000);
    await beatAll([fresh], 1);
    expect(limitOf(fresh, scope, 'rpm')).toBe(30);
    ask(fresh, scope, 100);
    await beatAll([fresh]);
    expect(limitOf(fresh, scope, 'rpm')).toBe(60);
    await stopAll([gone, fresh]);
  });

  test('tell each other with each beat what each says, and who has a part beside those who tell something', async () => {
    const [one, two, gone] = [openReplica(), openReplica(), openReplica()];
    two.talk.says = 'what two does';
    await beatAll([one, two, gone]);
    expect(one.talk.heard.map(({ instance, told }) => [instance, told])).toEqual([
      [two.self.instance, 'what two does'],
      [gone.self.instance, 'nothing'],
    ]);
    const both = [two.self.instance, gone.self.instance];
    const others = (): readonly string[] => one.talk.others.toSorted();
    expect([others(), one.talk.missed]).toEqual([both, 0]);
    const versions = 'SELECT xmin::text AS version FROM archipel.replica ORDER BY instance';
    const before = await database.query(versions);
    await tellReplicas(database, two.self.instance, 'what two does');
    expect(await database.query(versions)).toEqual(before);
    await silence(gone, 20_000);
    await beatAll([one, two], 1);
    expect(others()).toEqual(both);
    expect(one.talk.heard[1]?.silentMs).toBeGreaterThanOrEqual(20_000);
    await database.query('UPDATE archipel.replica SET told = NULL WHERE instance = $1', [two.self.instance]);
    await beatAll([one], 1);
    expect(one.talk.heard.map(({ instance }) => instance)).toEqual([gone.self.instance]);
    expect(others()).toEqual(both);
    await silence(gone, 301_000);
    await beatAll([two, one], 1);
    expect(others()).toEqual([two.self.instance]);
    await gone.fleet.stop();
    await beatAll([one, two], 1);
    expect(one.talk).toMatchObject({ others: [two.self.instance], heard: [{ instance: two.self.instance }] });
    two.talk.says = 'news';
    two.talk.news();
    const told = 'SELECT told #>> ARRAY[]::text[] AS told FROM archipel.replica WHERE instance = $1';
    await expect.poll(() => database.query(told, [two.self.instance])).toEqual([{ told: 'news' }]);
    await one.fleet.stop();
    const away = openReplica();
    away.world.isAway = true;
    await away.fleet.beat();
    expect(away.talk).toMatchObject({ missed: 1, heard: [] });
    await stopAll([two]);
  });

  test('tell when they differ in version or configuration, while they live', async () => {
    const [one, two] = [openReplica(), openReplica({ version: '1.1.0' })];
    await beatAll([one, two]);
    expect(one.fleet.standing.replicas).toHaveLength(2);
    expect(one.fleet.standing.differences?.message).toBe(
      `${two.self.host} (process ${two.self.pid}) has version 1.1.0 and not 1.0.0`,
    );
    two.world.configuration = 'b'.repeat(64);
    await beatAll([one, two]);
    expect(one.fleet.standing.differences?.message).toContain(
      'version 1.1.0 and not 1.0.0, and the configuration bbbbbbbbbbbb and not aaaaaaaaaaaa',
    );
    await silence(two, 6_000);
    await beatAll([one], 1);
    expect(one.fleet.standing.differences).toBeNull();
    await stopAll([one, two]);
  });
});

test(
  'whatever is asked of many, at whatever moment, they never let more through together than the limit, and use all of it in the end',
  { timeout: 30_000 },
  async () => {
    const scope = scopeOf({ rpm: 1_000, streams: 7 });
    const random = seededRandom(35);
    const below = (bound: number): number => Math.floor(random() * bound);
    const members = Array.from({ length: 4 }, () => openReplica({ base: 0 }));
    const sumOf = (name: 'rpm' | 'streams'): number =>
      members.reduce((sum, member) => sum + limitOf(member, scope, name), 0);
    const look = (): void => {
      expect(sumOf('rpm')).toBeLessThanOrEqual(1_000);
      expect(sumOf('streams')).toBeLessThanOrEqual(7);
      const underWay = members.reduce((sum, { limits }) => sum + limits.underWay(scope), 0);
      expect(underWay).toBeLessThanOrEqual(7);
    };
    const course = async (member: Member, turns: number): Promise<void> => {
      const running: RateTake[] = [];
      for (let turn = 0; turn < turns; turn += 1) {
        member.world.nowMs += 200 + below(1_000);
        for (let request = below(6); request > 0; request -= 1) {
          const take = member.limits.take([scope], noRateTokens, member.world.nowMs);
          if (take.ok) running.push(take.value);
          look();
        }
        for (const take of running.splice(0, below(3))) member.limits.settle(take, noRateTokens, member.world.nowMs);
        const beating = member.fleet.beat();
        look();
        await beating;
        look();
      }
      for (const take of running) member.limits.settle(take, noRateTokens, member.world.nowMs);
    };
    await Promise.all(members.map((member) => course(member, 30)));
    for (const member of members) ask(member, scope, 2_000);
    for (let round = 0; round < 10 && sumOf('rpm') < 1_000; round += 1) await beatAll(members, 4);
    expect(sumOf('rpm')).toBe(1_000);
    expect(members.every(({ shares }) => shares.base === wholeBase / 8)).toBe(true);
    await stopAll(members);
    expect(await database.query('SELECT FROM archipel.replica')).toEqual([]);
  },
);
