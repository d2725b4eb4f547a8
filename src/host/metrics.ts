// The Metrics of a process, kept by prom-client and shown in the text format of Prometheus.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { Labels, Metrics } from "../base/metrics.ts";

export interface ProcessMetrics extends Metrics {
  /** What `GET /metrics` answers. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Kubernetes' own latency buckets, in seconds. */
const defaultBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

interface Family {
  readonly labelNames: string[];
}

/**
 * Label names are those of the first observation; prom-client wants them beforehand. Asking twice for a name gives the same
 * metric. `process`: also the memory, CPU and event loop figures of the process.
 */
export function processMetrics(options: { readonly process?: boolean } = {}): ProcessMetrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  const families = new Map<string, Family>();

  function lazily<M extends object>(name: string, make: (labelNames: string[]) => M): (labels: Labels) => M {
    return (labels) => {
      const known = families.get(name);
      if (known) return known as unknown as M;
      const made = make(Object.keys(labels));
      families.set(name, made as unknown as Family);
      return made;
    };
  }

  /** Counters and gauges change with every request, and prom-client checks and hashes labels each time: it gets sums when asked. */
  const settle = new Set<() => void>();
  function held(take: (labels: Labels, value: number) => void): (labels: Labels, change: (value: number) => number) => void {
    const values = new Map<string, { readonly labels: Labels; value: number }>();
    settle.add(() => {
      for (const { labels, value } of values.values()) take(labels, value);
      values.clear();
    });
    return (labels, change) => {
      const key = Object.values(labels).join("\0");
      const known = values.get(key);
      if (known) known.value = change(known.value);
      else values.set(key, { labels: { ...labels }, value: change(0) });
    };
  }

  return {
    counter: (name, help) => {
      const metric = lazily(name, (labelNames) => new Counter({ name, help, labelNames, registers: [registry] }));
      const hold = held((labels, value) => metric(labels).inc(labels, value));
      return (labels = {}, by = 1) => hold(labels, (sum) => sum + by);
    },
    gauge: (name, help) => {
      const metric = lazily(name, (labelNames) => new Gauge({ name, help, labelNames, registers: [registry] }));
      const hold = held((labels, value) => metric(labels).set(labels, value));
      return (value, labels = {}) => hold(labels, () => value);
    },
    histogram: (name, help, buckets = defaultBuckets) => {
      const metric = lazily(name, (labelNames) => new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] }));
      return (value, labels = {}) => metric(labels).observe(labels, value);
    },
    text: () => {
      for (const tell of settle) tell();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}
