import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from './Chance.ts';
import { judgeBooks, faultsOfRows, type BookFigures } from './judgeBooks.ts';
import { isCutOff, lostOrDoubled } from './judgeKills.ts';
import { forgetAttemptAt, ledgerRowsAt } from './ledgerRows.ts';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import type { Fleet } from './openFleet.ts';

export interface ReplicaKillOptions {
  readonly fleet: Fleet;
  /** Of all replicas together. */
  readonly kills: number;
  /** Clients of each replica. */
  readonly concurrency: number;
  readonly seed: number;
}

/** When a replica is killed, and whether its database is a moment before. Milliseconds of load before, and until it is started again. */
interface ReplicaKill {
  readonly replica: number;
  readonly afterMs: number;
  readonly deadMs: number;
  readonly killsDatabase: boolean;
}

export interface ReplicaKillFigures extends BookFigures {
  readonly kills: number;
  readonly databaseKills: number;
  readonly requests: number;
  readonly answered: number;
  readonly cutOff: number;
  /** Answered attempts without exactly one final record. */
  readonly lostOrDoubled: number;
  /** What went wrong but for being cut off by a death. */
  readonly wrong: readonly Outcome[];
  /** What the judges said once one answered attempt was taken out of the ledger. */
  readonly harmShown: readonly string[];
}

const afterMsMin = 50;
const afterMsMax = 1_200;
const deadMsMax = 500;
const failingShare = 0.1;

const planOf = (replica: number, chance: Chance): ReplicaKill => ({
  replica,
  afterMs: afterMsMin + chance.below(afterMsMax - afterMsMin),
  deadMs: chance.below(deadMsMax),
  // One at a time: the others go on without it.
  killsDatabase: replica === 0 && chance.happens(0.2),
});

/** Kills one replica of a loaded fleet again and again, in its own time, while the others serve or die too. */
const killAgain = async (
  { fleet, kills, concurrency, seed }: ReplicaKillOptions,
  index: number,
  plans: ReplicaKill[],
): Promise<readonly Outcome[]> => {
  const chance = new Chance(seed + index);
  const outcomes: Outcome[] = [];
  const replica = fleet.replicas[index]!;
  while (plans.length < kills) {
    const plan = planOf(index, chance);
    plans.push(plan);
    const loading = loadBoth(replica.server, {
      seed,
      name: `replica ${index}, kill ${plans.length}`,
      concurrency,
      until: replica.life,
    });
    await pause(plan.afterMs);
    if (plan.killsDatabase) await fleet.database?.kill();
    await replica.die(plan.deadMs);
    outcomes.push(...(await loading));
  }
  return outcomes;
};

/** Takes one answered attempt out of the ledger. @returns what the judges say of it */
const harm = async ({ fleet }: ReplicaKillOptions, outcomes: readonly Outcome[]): Promise<readonly string[]> => {
  const { database, rivals, replicas } = fleet;
  const answered = outcomes.findLast(({ fault }) => fault === null);
  const rows = await ledgerRowsAt(database!.directUrl);
  const lost = rows.attempts.findLast(({ requestId }) => requestId === answered?.requestId);
  await forgetAttemptAt(database!.directUrl, lost!.attemptId);
  const left = await ledgerRowsAt(database!.directUrl);
  const { faults } = await judgeBooks({ rivals, replicas, database: database!, outcomes });
  const verified = faults.filter((fault) => fault.includes(lost!.attemptId));
  return [...(await faultsOfRows(left, rivals, outcomes)), ...verified];
};

/** Kills replicas on one database under load, and holds its books against what clients and vendors saw. */
export const killReplicas = async (options: ReplicaKillOptions): Promise<ReplicaKillFigures> => {
  const { rivals, replicas, database } = options.fleet;
  const plans: ReplicaKill[] = [];
  // So that requests with several attempts are among those that are cut.
  await rivals.setFault('aurora', 'down', { share: failingShare });
  const outcomes = (await Promise.all(replicas.map((_, index) => killAgain(options, index, plans)))).flat();
  const answered = outcomes.filter(({ fault }) => fault === null);
  const books = await judgeBooks({ rivals, replicas, database: database!, outcomes });
  const rows = await ledgerRowsAt(database!.directUrl);
  return {
    ...books,
    kills: plans.length,
    databaseKills: plans.filter(({ killsDatabase }) => killsDatabase).length,
    requests: outcomes.length,
    answered: answered.length,
    cutOff: outcomes.filter(isCutOff).length,
    lostOrDoubled: lostOrDoubled(rows, answered),
    wrong: outcomes.filter((outcome) => outcome.fault !== null && !isCutOff(outcome)),
    harmShown: await harm(options, outcomes),
  };
};
