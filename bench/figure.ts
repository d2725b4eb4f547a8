// One line of the table that `npm run bench` prints.

export interface Figure {
  readonly what: string;
  /** As measured: "212 ms", "4,310/s". */
  readonly measured: string;
  readonly bar: string;
  readonly met: boolean;
  /** What is behind the number, where one number does not say it. */
  readonly detail?: string;
}

export const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** At or below the bar. */
export function atMost(what: string, measuredMs: number, barMs: number, detail?: string): Figure {
  return {
    what,
    measured: milliseconds(measuredMs),
    bar: milliseconds(barMs),
    met: measuredMs <= barMs,
    ...(detail !== undefined && { detail }),
  };
}
