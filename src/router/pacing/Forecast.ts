/** What is known in advance of the load to come. Money is Float64 US dollars, for steering only. */
export interface Forecast {
  /** Expected spend of the window in which caps are counted. */
  readonly windowUsd: number;
  /** Expected spend of a mean hour: what the steps of multipliers are measured by, so that they have no unit of money. */
  readonly usdPerHour: number;
  /** Load from a fixed instant until another, in any unit: only proportions of differences count. Never falls. @param atMs Unix milliseconds */
  readonly loadUntil: (atMs: number) => number;
}

/** Nothing is known of hours and days: as much comes in each. */
export const flatForecast = (windowUsd: number, usdPerHour: number): Forecast => ({
  windowUsd,
  usdPerHour,
  loadUntil: (atMs) => atMs,
});

/** What part of the load from one instant to another comes until a third between them, 0 to 1; all of it where the stretch is over. */
export const partOfLoad = ({ loadUntil }: Forecast, fromMs: number, atMs: number, untilMs: number): number => {
  const came = loadUntil(atMs) - loadUntil(fromMs);
  const whole = loadUntil(untilMs) - loadUntil(fromMs);
  return came < whole ? came / whole : 1;
};
