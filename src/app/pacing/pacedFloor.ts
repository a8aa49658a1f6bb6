import { countedScale, meterCapacity, type FloorContract, type FloorMeter } from '../../contracts/index.ts';
import type { PacedFloor, PacedMeter } from '../../router/index.ts';
import { modelBuckets, type ModelBucket } from '../../vocabulary/index.ts';
import { usdOf } from '../usdOf.ts';

const pacedMeter = (floor: FloorContract, meter: FloorMeter): PacedMeter => {
  const burndown: Partial<Record<ModelBucket, number>> = {};
  for (const bucket of modelBuckets) {
    const rate = meter.burndown[bucket];
    if (rate !== undefined) burndown[bucket] = Number(rate.numerator) / Number(rate.denominator);
  }
  const capacity = Number(meterCapacity(floor, meter, floor.intervalMs)) / Number(countedScale(meter));
  return { capacity, burndown };
};

/** A floor as it is paced: what each of its intervals takes. */
export const pacedFloor = (floor: FloorContract): PacedFloor => ({
  contract: floor.id,
  fromMs: floor.fromMs,
  untilMs: floor.untilMs,
  intervalMs: floor.intervalMs,
  capacityUsd: usdOf(floor.quantityNanoUsd),
  meters: floor.meters.map((meter) => pacedMeter(floor, meter)),
});
