/** What a server held at one moment of a soak. */
export interface SoakSample {
  /** Minutes since the load began. */
  readonly minute: number;
  readonly residentBytes: number;
  readonly openFiles: number;
  /** Timers, sockets and all else that keeps its event loop alive. */
  readonly timers: number;
  readonly resources: number;
}

export interface SoakFigures {
  readonly samples: number;
  /** Least-squares slope of resident memory after the warm-up. */
  readonly residentMBPerHour: number;
  readonly residentMBMax: number;
  /** Median of the last third over the median of the second: 1 is flat. */
  readonly residentGrowth: number;
  readonly openFilesGrowth: number;
  readonly timersGrowth: number;
  readonly resourcesGrowth: number;
}

const megabyte = 1e6;

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** Least squares. */
const slopeOf = (points: readonly (readonly [x: number, y: number])[]): number => {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
};

/** What grew over a soak. The first third is the warm-up: caches fill, code is compiled. */
export const soakFigures = (samples: readonly SoakSample[]): SoakFigures => {
  const third = Math.floor(samples.length / 3);
  const middle = samples.slice(third, 2 * third);
  const last = samples.slice(2 * third);
  const growthOf = (value: (sample: SoakSample) => number): number =>
    median(last.map(value)) / Math.max(1, median(middle.map(value)));
  const resident = ({ residentBytes }: SoakSample): number => residentBytes / megabyte;
  return {
    samples: samples.length,
    residentMBPerHour: slopeOf([...middle, ...last].map((sample) => [sample.minute / 60, resident(sample)])),
    residentMBMax: Math.max(...samples.map(resident)),
    residentGrowth: growthOf(resident),
    openFilesGrowth: growthOf(({ openFiles }) => openFiles),
    timersGrowth: growthOf(({ timers }) => timers),
    resourcesGrowth: growthOf(({ resources }) => resources),
  };
};

/** Growth of the medians that is more than the noise of a load with faults in it. */
const growthMax = 1.1;

/** What is not flat, in words. */
export const soakFaults = (figures: SoakFigures): readonly string[] =>
  (['residentGrowth', 'openFilesGrowth', 'timersGrowth', 'resourcesGrowth'] as const)
    .filter((name) => figures[name] > growthMax)
    .map((name) => `${name} is ${figures[name].toFixed(3)}, more than ${growthMax}`);
