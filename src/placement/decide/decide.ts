import { decisionOf } from './decisionOf.ts';
import type { Demand, PlacementLimits } from './Demand.ts';
import type { Offer } from './Offer.ts';
import { OfferIndex } from './OfferIndex.ts';
import type { PlacementDecision } from './PlacementDecision.ts';
import { roomOf } from './Room.ts';
import { weighOffers } from './weighOffers.ts';

/**
 * Where one job goes: of all offers that can take all its ranks now, that finish in time, keep every cap and stay where the job may be, the one on which
 * finishing is expected to cost the least. Others are told with the reason. Offers without a price are never taken.
 */
export const decide = (
  demand: Demand,
  offers: readonly Offer[] | OfferIndex,
  limits: PlacementLimits,
): PlacementDecision => {
  const index = offers instanceof OfferIndex ? offers : new OfferIndex(offers);
  return decisionOf(weighOffers(demand, index, limits.nowMs), roomOf(limits));
};
