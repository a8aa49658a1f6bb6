export type MetricLabels = Readonly<Record<string, string>>;

/** Port for metrics, filled by telemetry. Names are Prometheus names; label values come from the configuration, never from callers. */
export interface Metrics {
  /** Adds to a counter. */
  count(name: string, labels?: MetricLabels, amount?: number): void;
  /** Sets a gauge. */
  gauge(name: string, value: number, labels?: MetricLabels): void;
  /** Observes a duration in milliseconds in a histogram. */
  observeMs(name: string, valueMs: number, labels?: MetricLabels): void;
}

/** Measures nothing. */
export const silentMetrics: Metrics = { count() {}, gauge() {}, observeMs() {} };
