import { Pacer, type ToldPace } from '../../../../src/router/index.ts';
import { fullSight, type Contender } from '../../simulation/Contender.ts';
import type { Outcome, Policy } from '../../simulation/Policy.ts';
import type { World } from '../../contracts/World.ts';
import { pickFor, settleIn } from './archipel.ts';
import { pacingPlan } from './pacingPlan.ts';

/** Shortest time from one telling to the next, as in the program. */
const soonS = 0.2;

/** One of several pacers behind one address. */
class Replica {
  readonly name: string;
  readonly pacer: Pacer;
  readonly #everyS: number;
  /** What it paid, and how much of that each other one has heard of. */
  readonly paid: Outcome[] = [];
  readonly #heard = new Map<Replica, number>();
  /** What it has told last. */
  told: ToldPace | null = null;
  #toldS = 0;
  nextS: number;

  constructor(world: World, name: string, everyS: number, firstS: number) {
    this.name = name;
    this.pacer = new Pacer(pacingPlan(world));
    this.#everyS = everyS;
    this.nextS = firstS;
  }

  settle(outcome: Outcome): void {
    settleIn(this.pacer, outcome);
    this.paid.push(outcome);
    if (outcome.freeUsd > 0) this.nextS = Math.min(this.nextS, Math.max(outcome.nowS, this.#toldS + soonS));
  }

  /** Where nothing has happened for long, all is known after two rounds. */
  skipTo(nowS: number): void {
    const rounds = Math.floor((nowS - this.nextS) / this.#everyS) - 1;
    if (rounds > 0) this.nextS += rounds * this.#everyS;
  }

  /** Tells what it did and learnt, and hears what the others had told by then; the first is the eldest. */
  meet(all: readonly Replica[]): void {
    const nowMs = this.nextS * 1_000;
    const told = new Map<string, ToldPace>();
    for (const other of all) {
      if (other === this || other.told === null) continue;
      told.set(other.name, other.told);
      for (const { target, paidUsd, nowS } of other.paid.slice(this.#heard.get(other) ?? 0))
        this.pacer.settle(target, paidUsd, nowS * 1_000);
      this.#heard.set(other, other.paid.length);
    }
    const [eldest] = all;
    this.pacer.shareFloors({ equalPart: 1 / all.length, silent: new Set() });
    this.pacer.hear(told, eldest === this ? null : (eldest?.told ?? null), nowMs);
    this.told = this.pacer.tell(nowMs);
    this.#toldS = this.nextS;
    this.nextS += this.#everyS;
  }
}

const meetUntil = (replicas: readonly Replica[], nowS: number): void => {
  for (const replica of replicas) replica.skipTo(nowS);
  for (;;) {
    const next = replicas.reduce((first, one) => (one.nextS < first.nextS ? one : first));
    if (next.nextS > nowS) return;
    next.meet(replicas);
  }
};

const policyOf = (replicas: readonly Replica[]): Policy => {
  const replicaOf = ({ luck }: Pick<Outcome, 'luck'>): Replica | undefined =>
    replicas[Math.floor(luck * replicas.length * 0.999999)];
  return {
    beforeRequest: (nowS) => meetUntil(replicas, nowS),
    choose: (question) => {
      const replica = replicaOf(question);
      return replica === undefined ? -1 : pickFor(replica.pacer, question);
    },
    settle: (outcome) => replicaOf(outcome)?.settle(outcome),
    payFee: (target, feeUsd, nowS) => {
      for (const { pacer } of replicas) pacer.settle(target, feeUsd, nowS * 1_000);
    },
    tick: (nowS) => {
      for (const { pacer } of replicas) pacer.tick(nowS * 1_000);
    },
  };
};

/**
 * Several pacers behind one address, each asked by chance, that tell each other what they did and learnt: every so many seconds, each at a time of its own, and as soon as
 * a floor was used.
 */
export const archipelReplicas = (count: number, everyS: number): Contender => ({
  name: `archipel, ${count} replicas, telling every ${everyS} s`,
  sight: fullSight,
  make: ({ world }) =>
    policyOf(
      Array.from(
        { length: count },
        (_replica, index) => new Replica(world, `${index}`, everyS, (everyS * (index + 1)) / count),
      ),
    ),
});
