import { Pacer } from '../../../../src/router/index.ts';
import { fullSight, type Contender } from '../../simulation/Contender.ts';
import type { Outcome } from '../../simulation/Policy.ts';
import { pickFor, settleIn } from './archipel.ts';
import { pacingPlan } from './pacingPlan.ts';

/** Several pacers behind one address, each asked by chance, that tell each other what became of requests every so many seconds. */
export const archipelReplicas = (count: number, everyS: number): Contender => ({
  name: `archipel, ${count} replicas, told every ${everyS} s`,
  sight: fullSight,
  make: ({ world }) => {
    const replicas = Array.from({ length: count }, () => ({
      pacer: new Pacer(pacingPlan(world)),
      untold: [] as Outcome[],
    }));
    const replicaOf = ({ luck }: Pick<Outcome, 'luck'>) => replicas[Math.floor(luck * count * 0.999999)];
    let nextS = everyS;
    return {
      beforeRequest: (nowS) => {
        if (nowS < nextS) return;
        nextS = (Math.floor(nowS / everyS) + 1) * everyS;
        for (const teller of replicas) {
          for (const { pacer } of replicas.filter((one) => one !== teller))
            for (const outcome of teller.untold) settleIn(pacer, outcome);
          teller.untold = [];
        }
      },
      choose: (question) => {
        const replica = replicaOf(question);
        return replica === undefined ? -1 : pickFor(replica.pacer, question);
      },
      settle: (outcome) => {
        const replica = replicaOf(outcome);
        if (replica === undefined) return;
        settleIn(replica.pacer, outcome);
        replica.untold.push(outcome);
      },
      payFee: (target, feeUsd, nowS) => {
        for (const { pacer } of replicas) pacer.settle(target, feeUsd, nowS * 1_000);
      },
      tick: (nowS) => {
        for (const { pacer } of replicas) pacer.tick(nowS * 1_000);
      },
    };
  },
});
