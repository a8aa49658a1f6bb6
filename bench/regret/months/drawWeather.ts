import { minutesOfMonth } from './loadShape.ts';
import type { Weather } from './Month.ts';
import { normal } from './normal.ts';

/** A month has so many on the mean, of each target. Assumptions, like their lengths below. */
const outagesOfMonth = 3;
const refusalWindowsOfMonth = 20;
const outageMinutesMedian = 20;

/** Minutes at which something happens so many times a month on the mean, one by one: what happens may draw between two of them. */
function* happenings(perMonth: number, chance: () => number): Generator<number> {
  let minute = 0;
  for (;;) {
    minute += (-Math.log(1 - chance()) * minutesOfMonth) / perMonth;
    if (minute >= minutesOfMonth) return;
    yield Math.floor(minute);
  }
}

/** Three outages of a target, 20 minutes at the median, and twenty windows in which it refuses a third to a half of its requests. */
export const drawWeather = (chance: () => number): Weather => {
  const down = new Uint8Array(minutesOfMonth + 1);
  const refusedShare = new Float32Array(minutesOfMonth + 1);
  for (const minute of happenings(outagesOfMonth, chance)) {
    const minutes = Math.max(2, Math.round(outageMinutesMedian * Math.exp(normal(chance))));
    down.fill(1, minute, Math.min(minutesOfMonth, minute + minutes));
  }
  for (const minute of happenings(refusalWindowsOfMonth, chance)) {
    const minutes = 2 + Math.floor(chance() * 9);
    const share = 0.3 + 0.3 * chance();
    refusedShare.fill(share, minute, Math.min(minutesOfMonth, minute + minutes));
  }
  return { down, refusedShare };
};
