import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from './Chance.ts';
import { chatLoad, type ChatOutcome } from './chatLoad.ts';
import { endPostmaster } from './postmaster.ts';
import { clientKey, type Rivals } from './rivals.ts';
import { startServer, type Server } from './startServer.ts';

export interface KillOptions {
  readonly rivals: Rivals;
  readonly rounds: number;
  readonly concurrency: number;
  readonly seed: number;
  /** Told of every server as soon as it runs, so that whoever asked can end it. */
  readonly onServer: (server: Server) => void;
}

/** When and what is killed in one round, drawn before it begins. */
export interface KillPlan {
  readonly round: number;
  /** Milliseconds of load before the kill. */
  readonly afterMs: number;
  /** Whether the database is killed too, at the same moment. */
  readonly database: boolean;
  /** Share of one vendor's answers that fail, so that requests with several attempts are among those that are cut. */
  readonly failingShare: number;
}

export interface KillRounds {
  /** Started once more after the last kill. */
  readonly server: Server;
  readonly plans: readonly KillPlan[];
  readonly outcomes: readonly ChatOutcome[];
  /** Milliseconds from the call to ready, of each start after a kill. */
  readonly startsMs: readonly number[];
  /** Starts that found their database running. */
  readonly adopted: number;
  /** What a start did with the database other than its plan says. */
  readonly faults: readonly string[];
}

const afterMsMin = 50;
const afterMsMax = 2_500;

const planOf = (round: number, chance: Chance): KillPlan => ({
  round,
  afterMs: afterMsMin + chance.below(afterMsMax - afterMsMin),
  database: chance.happens(0.4),
  failingShare: chance.happens(0.5) ? 0.2 : 0,
});

/** Loads a server and kills it, again and again, on the same data. */
export const killRounds = async (options: KillOptions): Promise<KillRounds> => {
  const { rivals, rounds, concurrency, seed, onServer } = options;
  const configuration = rivals.configuration();
  const chance = new Chance(seed);
  const plans: KillPlan[] = [];
  const outcomes: ChatOutcome[] = [];
  const startsMs: number[] = [];
  const faults: string[] = [];
  let adopted = 0;
  const start = async (dataDir?: string): Promise<Server> => {
    const startedMs = performance.now();
    const server = await startServer({ configuration, env: rivals.env, ...(dataDir === undefined ? {} : { dataDir }) });
    onServer(server);
    const before = plans.at(-1);
    if (before === undefined) return server;
    startsMs.push(performance.now() - startedMs);
    const adopts = server.stderr().includes('was running and is adopted');
    if (adopts) adopted += 1;
    if (adopts === before.database)
      faults.push(`round ${before.round}: the database was ${adopts ? '' : 'not '}adopted`);
    return server;
  };
  let server = await start();
  for (let round = 0; round < rounds; round += 1) {
    const plan = planOf(round, chance);
    plans.push(plan);
    await rivals.setFault('aurora', 'down', { share: plan.failingShare });
    outcomes.push(...(await loadAndKill(server, plan, concurrency, seed)));
    server = await start(server.dataDir);
  }
  return { server, plans, outcomes, startsMs, adopted, faults };
};

const loadAndKill = async (
  server: Server,
  plan: KillPlan,
  concurrency: number,
  seed: number,
): Promise<readonly ChatOutcome[]> => {
  const killed = new AbortController();
  const name = `round ${plan.round}`;
  const load = {
    url: server.url,
    key: clientKey,
    model: 'aurora-first',
    concurrency,
    seed,
    name,
    until: killed.signal,
  };
  const loading = chatLoad(load);
  await pause(plan.afterMs);
  killed.abort();
  const ends = [server.kill(), ...(plan.database ? [endPostmaster(server.dataDir)] : [])];
  await Promise.all(ends);
  return loading;
};
