import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { assert, expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { seedOf } from '../rigs/Chance.ts';
import { hashOf } from '../rigs/configurationOf.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { load, type Outcome } from '../rigs/load.ts';
import { freshRows, reconcileAll } from '../rigs/outage.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { clientKey, openRivals, type Rivals } from '../rigs/rivals.ts';
import { startServer, type Server } from '../rigs/startServer.ts';

const library = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
].find((path) => existsSync(path));
const isMissing = library === undefined && process.env['CI'] === undefined;
if (isMissing) process.stderr.write('skipped: other times take libfaketime (Debian: libfaketime)\n');

const seed = seedOf('clocks.ci');
const dayS = 86_400;
const hourS = 3_600;
/** The head of an answer has whole seconds, and keeps them for one. */
const nearMs = 3_000;

const onEnd = endAfterEach();

/** The wall clock of servers, which may be set; the clock that never jumps stays as it is. */
class WallClock {
  readonly #path = `/tmp/archipel-clock-${process.pid}`;

  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#path,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param offsetS From the true time. */
  set(offsetS: number): void {
    writeFileSync(this.#path, `${offsetS < 0 ? '-' : '+'}${Math.abs(offsetS)}\n`);
  }

  /** Sets it and waits until a server has looked, which it does once a second or two. */
  async jump(server: Server, offsetS: number): Promise<void> {
    this.set(offsetS);
    for (let isThere = false; !isThere;) {
      await pause(50);
      const { headers } = await fetch(`${server.url}/`);
      isThere = Math.abs(Date.parse(headers.get('date') ?? '') - Date.now() - offsetS * 1_000) < nearMs;
    }
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}

const cappedKey = 'sk-archipel-capped';
const mortalKey = 'sk-archipel-mortal';

/** Seconds from now until the next month of UTC begins. */
const monthEndS = (): number => {
  const now = new Date();
  return (Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - now.getTime()) / 1_000;
};

const dayAfter = (days: number): string => new Date(Date.now() + days * dayS * 1_000).toISOString().slice(0, 10);

const configurationOf = (rivals: Rivals): string =>
  rivals.configuration({ limits: { firstByteMs: 5_000, idleMs: 5_000 } }).replace(
    /^keys:\n/m,
    `keys:
  - { name: capped, hash: "${hashOf(cappedKey)}", team: load, budget: { usd: "0.0006", window: day, hard: true } }
  - { name: mortal, hash: "${hashOf(mortalKey)}", team: load, expires: ${dayAfter(2)} }
`,
  );

const ask = async (server: Server, key: string): Promise<Outcome> => {
  const [outcome] = await load({
    url: server.url,
    key,
    model: 'aurora-first',
    requests: 1,
    concurrency: 1,
    seed,
    streamShare: 0,
    name: 'once',
  });
  return outcome!;
};

const word = ({ status, errorCode }: Outcome): string => `${status} ${errorCode}`;

/** Asks until the budget refuses. */
const exhaust = async (server: Server): Promise<number> => {
  for (let count = 0; count < 50; count += 1) {
    const outcome = await ask(server, cappedKey);
    if (outcome.fault !== null) {
      expect(word(outcome)).toBe('402 budget_exhausted');
      return count;
    }
  }
  throw new Error('the budget has no end');
};

test.skipIf(isMissing)(
  'a wall clock that jumps hours and days either way, and over the end of a month, loses and doubles nothing and reopens no budget',
  async () => {
    assert(library !== undefined, 'CI installs libfaketime');
    const rivals = await openRivals({ seed });
    onEnd(() => rivals.close());
    const wall = new WallClock();
    wall.set(-hourS);
    onEnd(() => wall.remove());
    const environment = { ...rivals.env, ...wall.env };
    const server = await startServer({ configuration: configurationOf(rivals), env: environment });
    onEnd(() => removeServer(server));

    const until = new AbortController();
    const asked = { url: server.url, key: clientKey, model: 'aurora-across', concurrency: 10, seed };
    const loading = load({ ...asked, name: 'jumps', until: until.signal });
    const single: Outcome[] = [];
    const look = async (): Promise<readonly [string, string]> => {
      const mortal = await ask(server, mortalKey);
      const capped = await ask(server, cappedKey);
      single.push(mortal, capped);
      return [word(mortal), word(capped)];
    };

    const spent = await exhaust(server);
    expect(spent).toBeGreaterThan(0);
    const refused = '402 budget_exhausted';
    await wall.jump(server, -2 * hourS);
    expect(await look()).toEqual(['200 null', refused]);
    await wall.jump(server, -10 * dayS);
    expect(await look()).toEqual(['200 null', refused]);
    await wall.jump(server, monthEndS() - 2);
    const nextMonth = await look();
    // Over the border, by itself.
    await pause(2_500);
    await wall.jump(server, 10 * dayS);
    const [mortal] = await look();
    expect(mortal).toBe('401 invalid_key');
    // Control: a window of its own has a budget of its own; what refuses afterwards is that time went back.
    expect(await exhaust(server)).toBeGreaterThan(0);
    await wall.jump(server, 0);
    expect(await look()).toEqual(['200 null', refused]);
    await wall.jump(server, -hourS);
    expect(await look()).toEqual(['200 null', refused]);

    until.abort();
    const outcomes = await loading;
    await expectNoFault(server, outcomes, seed);
    expect(nextMonth).toHaveLength(2);
    const ids = single.map(({ requestId }) => requestId ?? '').filter((id) => id !== '');
    expect(ids.toSorted()).toEqual(ids);
    const rows = await freshRows(server);
    await expectRecorded(server, rows, outcomes, seed);
    for (const { faults } of await reconcileAll(rows, rivals, outcomes)) expect(faults).toEqual([]);
    expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
    expect(server.stderr().match(/the wall clock jumped/g)?.length).toBeGreaterThanOrEqual(5);
    const months = new Set(
      rows.attempts.map(({ attemptId }) =>
        new Date(Number.parseInt(attemptId.slice(0, 8) + attemptId.slice(9, 13), 16)).toISOString().slice(0, 7),
      ),
    );
    expect(months.size).toBeGreaterThan(1);

    // A start at a time before what the ledger has counts it all the same.
    expect(await server.stop()).toBe(0);
    const next = await startServer({
      configuration: configurationOf(rivals),
      env: environment,
      dataDir: server.dataDir,
    });
    onEnd(() => removeServer(next));
    expect(word(await ask(next, cappedKey))).toBe(refused);
  },
);
