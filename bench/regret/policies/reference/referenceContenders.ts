import { secondsOfMonth } from '../../months/loadShape.ts';
import { fullSight, plainSight, type Contender, type Sight } from '../../simulation/Contender.ts';
import { ReferencePacer, referenceSettings, type PacerSettings } from './ReferencePacer.ts';

const contender = (
  name: string,
  sight: Sight,
  settings: PacerSettings = referenceSettings,
  loadOf?: (seconds: number) => number,
): Contender => ({
  name,
  sight,
  make: ({ world }) => {
    const pacer = new ReferencePacer(world.contracts, world.forecastUsd, settings, loadOf);
    return {
      choose: (question) => pacer.choose(question),
      settle: ({ target, paidUsd, freeUsd, nowS }) => pacer.settle(target, paidUsd, freeUsd, nowS),
      payFee: (target, feeUsd, nowS) => pacer.settle(target, feeUsd, 0, nowS),
      tick: (nowS) => pacer.tick(nowS),
    };
  },
});

const noLead: PacerSettings = { ...referenceSettings, leadS: 0 };
const flatLoad = (seconds: number): number => Math.min(1, Math.max(0, seconds / secondsOfMonth));

/** The pacer as it was first measured. */
export const reference = contender('reference', fullSight);

/** As its published figures were measured: pools are met at their end, and not six hours before. */
export const referenceWithoutLead = contender('reference, no lead', fullSight, noLead);

/** What each part of it is worth: less is known, step by step. */
export const referenceAblations: readonly Contender[] = [
  contender('reference, no lead, flat load', plainSight, noLead, flatLoad),
  contender('reference, no lead, plain sight', plainSight, noLead),
  contender('reference, no lead, caches', { outputs: 'mean by kind', caches: 'sent', nextTurn: false }, noLead),
  contender('reference, no lead, next turn', { outputs: 'mean by kind', caches: 'sent', nextTurn: true }, noLead),
  contender('reference, no lead, outputs known', { outputs: 'known', caches: 'sent', nextTurn: true }, noLead),
];
