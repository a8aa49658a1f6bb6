import { Pacer, pick } from '../../../../src/router/index.ts';
import { fullSight, type Contender, type Sight } from '../../simulation/Contender.ts';
import type { Outcome, Question } from '../../simulation/Policy.ts';
import { pacingPlan } from './pacingPlan.ts';

/** What the program's own parts see: its estimate of outputs, its table of caches. */
const routerSight: Sight = { outputs: "the router's estimate", caches: "the router's", nextTurn: true };

/** The choice of a pacer for a question of the bench. */
export const pickFor = (pacer: Pacer, { costUsd, open, nextTurn, nowS }: Question): number =>
  pick(
    pacer,
    {
      costUsd,
      eligible: open,
      warmUsd: nextTurn?.warmUsd ?? null,
      fullUsd: nextTurn?.fullUsd ?? null,
      nextTurnShare: nextTurn?.share ?? 0,
    },
    nowS * 1_000,
  );

/** Counts what became of a request: what the floor takes of it, and what was paid. */
export const settleIn = (pacer: Pacer, { target, paidUsd, freeUsd, nowS }: Outcome): void => {
  pacer.take(target, paidUsd + freeUsd, {}, nowS * 1_000);
  pacer.settle(target, paidUsd, nowS * 1_000);
};

const contender = (name: string, sight: Sight): Contender => ({
  name,
  sight,
  make: ({ world }) => {
    const pacer = new Pacer(pacingPlan(world));
    return {
      choose: (question) => pickFor(pacer, question),
      settle: (outcome) => settleIn(pacer, outcome),
      payFee: (target, feeUsd, nowS) => pacer.settle(target, feeUsd, nowS * 1_000),
      tick: (nowS) => pacer.tick(nowS * 1_000),
    };
  },
});

/** The program's pacer with all that it has around it. */
export const archipel = contender('archipel', routerSight);

/** The same pacer, seeing what the reference sees. */
export const archipelPacer = contender('archipel, sight of the reference', fullSight);
