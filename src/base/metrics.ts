// Counters, gauges and histograms as an interface. Names follow Kubernetes; the host exposes them with prom-client.

/** Few and bounded values: each combination is a series of its own. */
export type Labels = Readonly<Record<string, string>>;

/** Asking for a name again gives the same metric. */
export interface Metrics {
  counter(name: string, help: string): (labels?: Labels, by?: number) => void;
  gauge(name: string, help: string): (value: number, labels?: Labels) => void;
  /** Observations are in the unit that the name ends with (`_seconds`, `_bytes`). */
  histogram(name: string, help: string, buckets?: readonly number[]): (value: number, labels?: Labels) => void;
}

/** Measures nothing. */
export const noMetrics: Metrics = {
  counter: () => () => {},
  gauge: () => () => {},
  histogram: () => () => {},
};
