/** Bounds of a portfolio file. Each is far above any honest file and below what hurts the process. */
export const portfolioLimits = {
  /** Most true-ups within the horizon. */
  periods: 40,
  /** Longest horizon, in months. */
  horizonMonths: 240,
  /** Most workload classes: rules for outages look at every set of them. */
  classes: 16,
  /** Most vendors. */
  vendors: 64,
  /** Most sources, those of substitutes among them. */
  sources: 256,
  /** Most offers, and most contracts. */
  offers: 500,
  /** Most sizes of one offer. */
  sizes: 64,
  /** Most things that can be decided: sizes x terms x beginnings of all offers. */
  choices: 5_000,
  /** Most steps of a range: it is put together from parts of 1, 2, 4 ... steps. */
  rangeSteps: 1_000_000,
  /** Most price scenarios, regimes of growth and model switches. */
  outlooks: 50,
  /** Most months of a history or a series. */
  seriesMonths: 600,
} as const;
