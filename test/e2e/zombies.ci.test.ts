import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { Chance, seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { stderrTail } from '../rigs/explainFault.ts';
import { load } from '../rigs/load.ts';
import { freshRows, reconcileAll } from '../rigs/outage.ts';
import { PausedProcess } from '../rigs/PausedProcess.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { clientKey, openRivals, type Rivals } from '../rigs/rivals.ts';
import { removeFolder, runArchipel, startServer, temporaryFolder, type Server } from '../rigs/startServer.ts';

const seed = seedOf('zombies.ci');

const onEnd = endAfterEach();

const open = async (): Promise<Rivals> => {
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  return rivals;
};

test('a gateway that stands still and wakes blames no vendor for it, loses nothing, and keeps its data dir meanwhile [G10]', async () => {
  const rivals = await open();
  const limits = { firstByteMs: 1_500, idleMs: 1_500 };
  const server = await startServer({ configuration: rivals.configuration({ limits }), env: rivals.env });
  onEnd(() => removeServer(server));
  const until = new AbortController();
  const asked = { url: server.url, key: clientKey, model: 'aurora-across', concurrency: 20, seed };
  const loading = load({ ...asked, name: 'pauses', until: until.signal });
  await pause(300);
  for (const stillMs of [100, 1_000, 2_500, 8_000]) {
    const paused = await PausedProcess.stop(server.pid);
    const secondStart =
      stillMs > 2_000
        ? runArchipel(
            [
              'up',
              '--json',
              '--data-dir',
              server.dataDir,
              '--config',
              server.configurationPath!,
              '--port',
              '0',
              '--admin-port',
              '0',
            ],
            { env: rivals.env },
          )
        : null;
    await pause(stillMs);
    paused.go();
    const refused = await secondStart;
    if (refused !== null)
      expect([refused.code, refused.stdout, refused.stderr]).toEqual([
        2,
        '',
        expect.stringContaining(`process ${server.pid}`),
      ]);
    await pause(500);
  }
  until.abort();
  const outcomes = await loading;
  await expectNoFault(server, outcomes, seed);
  const rows = await freshRows(server);
  expect(
    rows.attempts.filter(({ outcome }) => outcome.kind !== 'ok'),
    stderrTail(server),
  ).toEqual([]);
  await expectRecorded(server, rows, outcomes, seed);
  for (const { faults } of await reconcileAll(rows, rivals, outcomes)) expect(faults).toEqual([]);
});

/** What a job's program left: which attempt ran, from which data dir, when. */
interface Effect {
  readonly job: string;
  readonly attempt: number;
  readonly home: string;
  readonly atMs: number;
}

const jobsHouse = (isShared: boolean): string => `version: 1
providers:
  a: { wire: openai, vendor: a, baseUrl: "http://127.0.0.1:9/v1", credentials: { apiKey: "\${env:A_KEY}" } }
models:
  chat: { deployments: [ { provider: a, model: large, price: { inputPerMTok: "1", outputPerMTok: "2" } } ] }
teams: { demo: {} }
sites:
  north-1: { executor: local, vendor: a, accelerators: [ { kind: GB200, count: 64 } ], price: { GB200: { hourUsd: "1" } } }
jobs: { leaseSeconds: 2, lookMs: 200 }
${isShared ? 'store: { url: "${env:DATABASE_URL}" }\n' : ''}`;

const databaseUrl = (dataDir: string): string => {
  const { password, port }: { password: string; port: number } = JSON.parse(
    readFileSync(join(dataDir, 'postgres/postgres.json'), 'utf8'),
  );
  return `postgres://archipel:${password}@127.0.0.1:${port}/postgres`;
};

/** Two processes with data dirs of their own and one database, of which one runs the jobs. */
class TwoProcesses {
  readonly servers: readonly [Server, Server];
  readonly #database: pg.Client;
  readonly #effects: string;

  constructor(servers: readonly [Server, Server], database: pg.Client, effects: string) {
    this.servers = servers;
    this.#database = database;
    this.#effects = effects;
  }

  static async open(): Promise<TwoProcesses> {
    const folder = temporaryFolder();
    onEnd(() => removeFolder(folder));
    const env = { A_KEY: 'sk-a' };
    const first = await startServer({ configuration: jobsHouse(false), env });
    onEnd(() => removeServer(first));
    const url = databaseUrl(first.dataDir);
    const second = await startServer({ configuration: jobsHouse(true), env: { ...env, DATABASE_URL: url } });
    onEnd(() => removeServer(second));
    const database = new pg.Client({ connectionString: url });
    database.on('error', () => {});
    await database.connect();
    onEnd(() => database.end());
    const effects = join(folder, 'effects');
    writeFileSync(effects, '');
    return new TwoProcesses([first, second], database, effects);
  }

  /** @returns its id */
  async submit(server: Server, name: string): Promise<string> {
    const program = `require('node:fs').appendFileSync(process.argv[1], JSON.stringify({ job: process.env.ARCHIPEL_JOB_ID, attempt: Number(process.env.ARCHIPEL_ATTEMPT), home: process.env.ARCHIPEL_HEARTBEAT_FILE, atMs: Date.now() }) + '\\n')`;
    const body = {
      name,
      kind: 'batch',
      team: 'demo',
      command: [process.execPath, '--eval', program, this.#effects],
      directory: '/tmp',
      accelerators: { anyOf: [{ kind: 'GB200', perRank: 1 }] },
      hours: '0.01',
    };
    const answer = await fetch(`${server.adminUrl}/admin/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { id }: { id: string } = JSON.parse(await answer.text());
    if (answer.status !== 200) throw new Error(`a job is refused with ${answer.status}`);
    return id;
  }

  /** What PostgreSQL does with a session that it has not heard from for too long. @returns once another one has the right */
  async passOn(): Promise<void> {
    const holders = async (): Promise<readonly number[]> => {
      const { rows } = await this.#database.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted");
      return rows.map(({ pid }) => Number(pid));
    };
    const before = await holders();
    await this.#database.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [before]);
    for (let now: readonly number[] = []; now.length === 0 || now.some((pid) => before.includes(pid));) {
      await pause(50);
      now = await holders();
    }
  }

  async ended(server: Server, ids: readonly string[]): Promise<void> {
    const plane = new AdminPlane(server);
    for (const id of ids) {
      for (;;) {
        const { state } = await plane.ask('GET', `/admin/v1/jobs/${id}`);
        if (state === 'succeeded') break;
        if (state === 'failed' || state === 'cancelled') throw new Error(`job ${id} is ${state}`);
        await pause(100);
      }
    }
  }

  /** Attempts that a process's own executor has been handed. */
  attemptsAt(server: Server): readonly string[] {
    const site = join(server.dataDir, 'jobs/sites/north-1');
    return existsSync(site) ? readdirSync(site) : [];
  }

  /** Jobs as the database has them, every word. */
  async rows(): Promise<readonly unknown[]> {
    const { rows } = await this.#database.query('SELECT to_jsonb(job) AS job FROM archipel.job ORDER BY 1');
    return rows.map(({ job }) => job);
  }

  effects(): readonly Effect[] {
    return readFileSync(this.#effects, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Effect => JSON.parse(line));
  }
}

test('a process that wakes after another one took its jobs over starts none of them, and each attempt runs once [G10]', async () => {
  const two = await TwoProcesses.open();
  const chance = new Chance(seed);
  let [holder, other] = two.servers;
  const ids: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const mine = await Promise.all(
      Array.from({ length: 6 }, (_, index) => two.submit(holder, `job-${round}-${index}`)),
    );
    ids.push(...mine);
    await pause(chance.below(60));
    const paused = await PausedProcess.stop(holder.pid);
    const handedOver = two.attemptsAt(holder);
    await two.passOn();
    await two.ended(other, mine);
    const before = await two.rows();
    const wokenMs = Date.now();
    paused.go();
    await pause(1_500);
    // What its executor had been handed may start still: it was given up, and writes where nobody reads.
    const zombies = two
      .effects()
      .filter(({ home, atMs }) => home.startsWith(holder.dataDir) && atMs >= wokenMs)
      .filter(({ job, attempt }) => !handedOver.includes(`${job}.${attempt}`));
    expect(zombies, stderrTail(holder)).toEqual([]);
    expect(await two.rows()).toEqual(before);
    [holder, other] = [other, holder];
  }
  const effects = two.effects();
  const isRepeated = ({ job, attempt }: Effect): boolean =>
    effects.filter((other) => other.job === job && other.attempt === attempt).length > 1;
  expect(effects.filter(isRepeated), two.servers.map(stderrTail).join('\n')).toEqual([]);
  expect(new Set(two.effects().map(({ job }) => job))).toEqual(new Set(ids));
});
