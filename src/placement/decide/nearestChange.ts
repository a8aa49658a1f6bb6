import type { Demand, PlacementLimits } from './Demand.ts';
import type { Offer } from './Offer.ts';
// Placeholder of the lead so that others compile; the owner of this folder replaces it.
export const nearestChange = (
  demand: Demand,
  offers: readonly Offer[],
  _limits: PlacementLimits,
): { readonly message: string; readonly mend: string } | null => {
  const wanted = demand.accelerators.some((choice) =>
    offers.some((offer) => offer.accelerator === choice.kind && offer.count >= choice.perRank * demand.ranks),
  );
  return wanted ? null : { message: 'nothing fits', mend: 'ask for less' };
};
