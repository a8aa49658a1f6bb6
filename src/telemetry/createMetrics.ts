import { assert, type MetricLabels, type Metrics } from '../kernel/index.ts';
import { renderNumber } from './renderNumber.ts';
import { SeriesKeys } from './SeriesKeys.ts';

/** Upper bounds of the histogram's buckets, in milliseconds; the last one, +Inf, is implied. */
export const bucketBoundsMs: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
];

/** Most series of one metric; what is beyond is counted together in the series `{_overflow="true"}`. */
const defaultSeriesMax = 1_000;
/** Most metrics; their names stand in the code, so more is a mistake. */
const metricsMax = 1_000;
const overflowKey = '_overflow="true"';

export interface MetricsOptions {
  /** Metric -> what it counts, in a sentence, for its HELP line. */
  readonly help?: Readonly<Record<string, string>>;
  readonly seriesMax?: number;
}

export interface MetricsRegistry {
  readonly metrics: Metrics;
  /** All series in Prometheus text exposition format 0.0.4. */
  readonly render: () => string;
}

type MetricType = 'counter' | 'gauge' | 'histogram';

interface Histogram {
  /** Observations per bucket, not cumulated; one more than there are bounds. */
  readonly counts: Float64Array;
  sum: number;
}

interface Metric {
  readonly type: MetricType;
  readonly keys: SeriesKeys;
  /** Labels as written -> value; of counters and gauges. */
  readonly values: Map<string, number>;
  /** Labels as written -> buckets; of histograms. */
  readonly histograms: Map<string, Histogram>;
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** Keeps counters, gauges and histograms in memory, each bounded, and writes them for Prometheus. Wrong names and amounts are mistakes of the program: they throw. */
export const createMetrics = (options: MetricsOptions = {}): MetricsRegistry => {
  const registry = new Registry(options.help ?? {}, options.seriesMax ?? defaultSeriesMax);
  return { metrics: registry, render: () => registry.render() };
};

class Registry implements Metrics {
  readonly #help: Readonly<Record<string, string>>;
  readonly #seriesMax: number;
  readonly #metrics = new Map<string, Metric>();

  constructor(help: Readonly<Record<string, string>>, seriesMax: number) {
    this.#help = help;
    this.#seriesMax = seriesMax;
  }

  count(name: string, labels?: MetricLabels, amount = 1): void {
    if (!isFiniteAmount(amount)) assert(false, `counter ${name} grows by a finite amount, not ${amount}`);
    const { values, keys } = this.#metric(name, 'counter');
    const key = this.#keyIn(values, keys, labels);
    values.set(key, (values.get(key) ?? 0) + amount);
  }

  gauge(name: string, value: number, labels?: MetricLabels): void {
    const { values, keys } = this.#metric(name, 'gauge');
    values.set(this.#keyIn(values, keys, labels), value);
  }

  observeMs(name: string, valueMs: number, labels?: MetricLabels): void {
    if (!isFiniteAmount(valueMs)) assert(false, `histogram ${name} takes finite durations, not ${valueMs}`);
    const { histograms, keys } = this.#metric(name, 'histogram');
    const key = this.#keyIn(histograms, keys, labels);
    const histogram = histograms.get(key) ?? begun(histograms, key);
    const bucket = bucketOf(valueMs);
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += valueMs;
  }

  render(): string {
    let text = '';
    for (const [name, metric] of [...this.#metrics].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      text += `# HELP ${name} ${escapeHelp(this.#help[name] ?? name.replaceAll('_', ' '))}\n# TYPE ${name} ${metric.type}\n`;
      for (const [key, value] of metric.values) text += `${name}${braced(key)} ${renderNumber(value)}\n`;
      for (const [key, histogram] of metric.histograms) text += renderHistogram(name, key, histogram);
    }
    return text;
  }

  #metric(name: string, type: MetricType): Metric {
    const known = this.#metrics.get(name);
    if (known?.type === type) return known;
    if (known !== undefined) assert(false, `metric ${name} is a ${known.type}, not a ${type}`);
    assert(namePattern.test(name), `not a metric name: ${JSON.stringify(name)}`);
    assert(this.#metrics.size < metricsMax, `more than ${metricsMax} metrics`);
    this.#assertApart(name, type);
    const metric: Metric = { type, keys: new SeriesKeys(), values: new Map(), histograms: new Map() };
    this.#metrics.set(name, metric);
    return metric;
  }

  /** A histogram's own three names must not be another metric's. */
  #assertApart(name: string, type: MetricType): void {
    const suffixes = ['_bucket', '_sum', '_count'];
    for (const suffix of suffixes) {
      const clash = type === 'histogram' && this.#metrics.has(name + suffix);
      assert(!clash, `histogram ${name} would write ${name}${suffix}, which is a metric of its own`);
      const base = name.endsWith(suffix) ? this.#metrics.get(name.slice(0, -suffix.length)) : undefined;
      assert(base?.type !== 'histogram', `metric ${name} is a name that a histogram writes`);
    }
  }

  #keyIn(series: ReadonlyMap<string, unknown>, keys: SeriesKeys, labels: MetricLabels | undefined): string {
    const key = labels === undefined ? '' : keys.of(labels);
    return series.has(key) || series.size < this.#seriesMax ? key : overflowKey;
  }
}

const isFiniteAmount = (amount: number): boolean => amount >= 0 && amount < Infinity;

const begun = (histograms: Map<string, Histogram>, key: string): Histogram => {
  const histogram = { counts: new Float64Array(bucketBoundsMs.length + 1), sum: 0 };
  histograms.set(key, histogram);
  return histogram;
};

const bucketOf = (valueMs: number): number => {
  let bucket = 0;
  while (bucket < bucketBoundsMs.length && valueMs > (bucketBoundsMs[bucket] ?? Infinity)) bucket += 1;
  return bucket;
};

const braced = (key: string): string => (key === '' ? '' : `{${key}}`);

const renderHistogram = (name: string, key: string, { counts, sum }: Histogram): string => {
  const prefix = key === '' ? '' : `${key},`;
  let text = '';
  let cumulated = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    cumulated += counts[bucket] ?? 0;
    const bound = renderNumber(bucketBoundsMs[bucket] ?? Infinity);
    text += `${name}_bucket{${prefix}le="${bound}"} ${cumulated}\n`;
  }
  return `${text}${name}_sum${braced(key)} ${renderNumber(sum)}\n${name}_count${braced(key)} ${cumulated}\n`;
};

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
