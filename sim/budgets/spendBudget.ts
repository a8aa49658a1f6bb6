import { setTimeout as pause } from 'node:timers/promises';
import { unknownCostsAt } from '../../test/rigs/ledgerRows.ts';
import { load, type Outcome } from '../../test/rigs/load.ts';
import type { ForeignDatabase } from '../../test/rigs/ForeignDatabase.ts';
import type { Replica, Trouble } from '../../test/rigs/Replica.ts';
import type { BillLine, BudgetedKey, Rivals } from '../../test/rigs/rivals.ts';
import type { BudgetPlan, Happening } from './BudgetPlan.ts';
import { isExhausted, type BillSample, type Spending } from './judgeBudget.ts';

const sampleMs = 20;
/** How long a client that was refused waits before it asks again. */
const restMs = 250;
/** For so long nobody may have been served when a budget counts as spent. */
const quietMs = 600;

export interface SpendingOptions {
  readonly replicas: readonly Replica[];
  readonly rivals: Rivals;
  /** Null where each replica has its own. */
  readonly database: ForeignDatabase | null;
  readonly key: BudgetedKey;
  readonly plan: BudgetPlan;
  readonly boundNanoUsd: bigint;
  /** After which it ends, spent or not. Milliseconds. */
  readonly msMax: number;
}

/** Nano-dollars of an amount of dollars with up to nine digits behind the point. */
const nanoUsdOf = (usd: string): bigint => {
  const [whole = '', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(9, '0'));
};

/** What all vendors have billed so far, and how many calls they have under way. */
const sampleOf = async ({ sandbox }: Rivals): Promise<BillSample> => {
  const readings = await sandbox.readAll();
  return {
    atMs: Date.now(),
    billNanoUsd: readings.reduce((sum, { billNanoUsd }) => sum + BigInt(billNanoUsd), 0n),
    underWay: readings.reduce(
      (sum, { requests, answered, refused, cut }) => sum + requests - answered - refused - cut,
      0,
    ),
  };
};

const linesOf = (rivals: Rivals): ReadonlyMap<string, readonly BillLine[]> =>
  new Map(rivals.sandbox.vendors.map(({ name }) => [name, rivals.bill(name)]));

/** Waits until vendors have no call under way any more: all is billed. */
const untilBilled = async (rivals: Rivals): Promise<void> => {
  while ((await sampleOf(rivals)).underWay > 0) await pause(sampleMs);
};

/** Sees who is served, and says when nobody is any more. */
class Quiet {
  readonly #refusalsMin: number;
  #servedMs = performance.now();
  #refusals = 0;

  constructor(refusalsMin: number) {
    this.#refusalsMin = refusalsMin;
  }

  see(outcome: Outcome): void {
    if (isExhausted(outcome)) this.#refusals += 1;
    if (outcome.fault !== null) return;
    this.#refusals = 0;
    this.#servedMs = performance.now();
  }

  get has(): boolean {
    return this.#refusals >= this.#refusalsMin && performance.now() - this.#servedMs > quietMs;
  }
}

/** Clients of one replica, in each of its lives. */
const useReplica = async (
  replica: Replica,
  options: SpendingOptions,
  over: AbortSignal,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> => {
  const { plan, key, replicas } = options;
  const index = replicas.indexOf(replica);
  for (let life = 0; !over.aborted; life += 1) {
    const { server, life: lives } = replica;
    if (lives.aborted) await pause(sampleMs);
    else {
      await load({
        url: server.url,
        key: key.key,
        wire: index % 2 === 0 ? 'openai' : 'anthropic',
        model: plan.model,
        concurrency: plan.streams,
        seed: plan.seed,
        name: `${key.name} replica ${index} life ${life}`,
        streamShare: 1,
        bounds: plan.bounds,
        restMs,
        until: AbortSignal.any([over, lives]),
        onOutcome,
      });
    }
  }
};

/** What happens to replicas, each at its share of the cap, one after the other. */
class Happenings {
  readonly troubles: Trouble[] = [];
  readonly #options: SpendingOptions;
  #next = 0;
  #underWay: Promise<void> | null = null;

  constructor(options: SpendingOptions) {
    this.#options = options;
  }

  get areUnderWay(): boolean {
    return this.#underWay !== null;
  }

  /** Begins what is due. @param share Of the cap, as billed. */
  see(share: number): void {
    const happening = this.#options.plan.happenings[this.#next];
    if (happening === undefined || this.areUnderWay || share < happening.atShare) return;
    this.#next += 1;
    this.#underWay = this.#happen(happening).finally(() => (this.#underWay = null));
  }

  async ended(): Promise<void> {
    await this.#underWay;
  }

  async #happen({ kind, replica, forMs }: Happening): Promise<void> {
    const one = this.#options.replicas[replica];
    if (one === undefined) throw new Error(`there is no replica ${replica}`);
    this.troubles.push(await (kind === 'dies' ? one.die(forMs) : one.standStill(forMs)));
  }
}

/** Has the clients of all replicas spend one budget until nobody is served any more, while replicas die and stand still. */
export const spendBudget = async (options: SpendingOptions): Promise<Spending> => {
  const { replicas, rivals, database, key, plan, boundNanoUsd, msMax } = options;
  const [before, linesBefore] = [await sampleOf(rivals), linesOf(rivals)];
  const samples: BillSample[] = [];
  const outcomes: Outcome[] = [];
  const quiet = new Quiet(plan.streams * replicas.length);
  const over = new AbortController();
  const using = replicas.map((replica) =>
    useReplica(replica, options, over.signal, (outcome) => {
      outcomes.push(outcome);
      quiet.see(outcome);
    }),
  );
  const capNanoUsd = nanoUsdOf(key.usd);
  const happenings = new Happenings(options);
  const startedMs = performance.now();
  while ((happenings.areUnderWay || !quiet.has) && performance.now() - startedMs < msMax) {
    const sample = await sampleOf(rivals);
    const billNanoUsd = sample.billNanoUsd - before.billNanoUsd;
    samples.push({ ...sample, billNanoUsd });
    happenings.see(Number(billNanoUsd) / Number(capNanoUsd));
    await pause(sampleMs);
  }
  over.abort();
  await happenings.ended();
  await Promise.all(using);
  await untilBilled(rivals);
  const bill = [...linesOf(rivals)].flatMap(([name, lines]) => lines.slice(linesBefore.get(name)?.length ?? 0));
  const unknown = database === null ? [] : await unknownCostsAt(database.directUrl, key.name);
  return { capNanoUsd, boundNanoUsd, samples, bill, outcomes, troubles: happenings.troubles, unknown };
};
