import { SeededRandom } from './SeededRandom.ts';

/** A made history: growth a year and season in logarithms, and AR(1) noise about them. */
export const madeHistory = (
  months: number,
  made: { readonly seed: number; readonly logGrowth?: number; readonly season?: number; readonly monthSpread?: number },
): readonly number[] => {
  const random = new SeededRandom(made.seed, 7);
  let noise = 0;
  return Array.from({ length: months }, (_, month) => {
    noise = 0.8 * noise + (made.monthSpread ?? 0) * random.normal();
    const season = (made.season ?? 0) * Math.sin((2 * Math.PI * month) / 12);
    return 100 * Math.exp(((made.logGrowth ?? 0) * month) / 12 + season + noise);
  });
};
