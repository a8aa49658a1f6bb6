import { setTimeout as pause } from 'node:timers/promises';
import { AdminPlane } from './AdminPlane.ts';
import { Chance } from './Chance.ts';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import { endPostmaster, postmasterOf } from './postmaster.ts';
import type { Rivals } from './rivals.ts';
import { startServer, type Server } from './startServer.ts';

export interface KillOptions {
  readonly rivals: Rivals;
  readonly rounds: number;
  readonly concurrency: number;
  readonly seed: number;
  /** After which no new round is begun; absent: all are made, however long they take. */
  readonly minutesMax?: number;
  /** Told of every server as soon as it runs, so that whoever asked can end it. */
  readonly onServer: (server: Server) => void;
}

/** What dies: the program, its database, or both at the same moment. */
const killKinds = ['gateway', 'database', 'both'] as const;

export type KillKind = (typeof killKinds)[number];

/** When and what is killed in one round, drawn before it begins. */
export interface KillPlan {
  readonly round: number;
  readonly kills: KillKind;
  /** Milliseconds of load before the kill. */
  readonly afterMs: number;
  /** Share of one vendor's answers that fail, so that requests with several attempts are among those that are cut. */
  readonly failingShare: number;
}

export interface KillRounds {
  /** Alive after the last kill. */
  readonly server: Server;
  readonly plans: readonly KillPlan[];
  readonly outcomes: readonly Outcome[];
  /** Milliseconds from the call to ready, of each start after a kill. */
  readonly startsMs: readonly number[];
  /** Milliseconds from a kill of the database alone until all that was recorded was in it again. */
  readonly shippedMs: readonly number[];
  /** Starts that found their database running. */
  readonly adopted: number;
  /** Of all rounds together, in milliseconds. */
  readonly durationMs: number;
  /** What did not go as planned. */
  readonly faults: readonly string[];
}

const afterMsMin = 50;
const afterMsMax = 1_200;
/** How long the load goes on when only the database died. */
const onwardsMs = 300;
/** Longest time until a database is there again and has everything. */
const shippedMsMax = 30_000;

const planOf = (round: number, chance: Chance): KillPlan => ({
  round,
  kills: killKinds[chance.below(killKinds.length)]!,
  afterMs: afterMsMin + chance.below(afterMsMax - afterMsMin),
  failingShare: chance.happens(0.5) ? 0.2 : 0,
});

/** Loads a server and kills it, its database or both, again and again, on the same data. */
export const killRounds = async (options: KillOptions): Promise<KillRounds> => {
  const { rivals, rounds, seed, minutesMax = Infinity } = options;
  const chance = new Chance(seed);
  const ran = new Killing(options);
  await ran.start();
  const startedMs = performance.now();
  const isTime = (): boolean => performance.now() - startedMs < minutesMax * 60_000;
  for (let round = 0; round < rounds && isTime(); round += 1) {
    const plan = planOf(round, chance);
    await rivals.setFault('aurora', 'down', { share: plan.failingShare });
    await ran.round(plan);
  }
  ran.durationMs = performance.now() - startedMs;
  return ran;
};

class Killing implements KillRounds {
  readonly plans: KillPlan[] = [];
  readonly outcomes: Outcome[] = [];
  readonly startsMs: number[] = [];
  readonly shippedMs: number[] = [];
  readonly faults: string[] = [];
  adopted = 0;
  durationMs = 0;
  readonly #options: KillOptions;
  #server: Server | null = null;

  constructor(options: KillOptions) {
    this.#options = options;
  }

  get server(): Server {
    if (this.#server === null) throw new Error('no server was started');
    return this.#server;
  }

  async start(): Promise<void> {
    const { rivals, onServer } = this.#options;
    const dataDir = this.#server === null ? {} : { dataDir: this.#server.dataDir };
    this.#server = await startServer({ configuration: rivals.configuration(), env: rivals.env, ...dataDir });
    onServer(this.#server);
  }

  async round(plan: KillPlan): Promise<void> {
    this.plans.push(plan);
    const stopped = new AbortController();
    const loading = this.#load(plan, stopped.signal);
    await pause(plan.afterMs);
    if (plan.kills === 'database') {
      await this.#loseDatabase(plan, loading, stopped);
      return;
    }
    stopped.abort();
    const { server } = this;
    await Promise.all([server.kill(), plan.kills === 'both' ? endPostmaster(server.dataDir) : null]);
    this.outcomes.push(...(await loading));
    await this.#startAgain(plan);
  }

  #load({ round }: KillPlan, until: AbortSignal): Promise<readonly Outcome[]> {
    const { concurrency, seed } = this.#options;
    return loadBoth(this.server, { seed, until, concurrency, name: `round ${round}` });
  }

  /** The program lives on: its clients notice nothing, and what it recorded meanwhile reaches the database that it starts again. */
  async #loseDatabase(plan: KillPlan, loading: Promise<readonly Outcome[]>, stopped: AbortController): Promise<void> {
    const { server } = this;
    const before = postmasterOf(server.dataDir);
    const killedMs = performance.now();
    if (!(await endPostmaster(server.dataDir))) this.faults.push(`round ${plan.round}: no database ran`);
    await pause(onwardsMs);
    stopped.abort();
    const outcomes = await loading;
    this.outcomes.push(...outcomes);
    const faulty = outcomes.filter(({ fault }) => fault !== null);
    if (faulty.length > 0) this.faults.push(`round ${plan.round}: ${faulty.length} requests without a database failed`);
    while ((await new AdminPlane(server).backlog()) > 0 || postmasterOf(server.dataDir) === null) {
      if (performance.now() - killedMs > shippedMsMax) {
        this.faults.push(`round ${plan.round}: ${await new AdminPlane(server).backlog()} records wait still`);
        return;
      }
      await pause(20);
    }
    this.shippedMs.push(performance.now() - killedMs);
    if (postmasterOf(server.dataDir) === before) this.faults.push(`round ${plan.round}: the database did not die`);
  }

  async #startAgain(plan: KillPlan): Promise<void> {
    const startedMs = performance.now();
    await this.start();
    this.startsMs.push(performance.now() - startedMs);
    const adopts = this.server.stderr().includes('was running and is adopted');
    if (adopts) this.adopted += 1;
    if (adopts !== (plan.kills === 'gateway')) {
      this.faults.push(`round ${plan.round}: the database was ${adopts ? '' : 'not '}adopted`);
    }
  }
}
