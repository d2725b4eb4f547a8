// Go's durations, which flags and a few API fields use: "1h30m", "1.5s", "250ms".

export class DurationError extends Error {
  override readonly name = "DurationError";
}

const nanosOfUnit: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const maxNanos = (1n << 63n) - 1n;

/** Nanoseconds of a duration's text. @throws DurationError with Go's message. */
export function parseDurationNanos(text: string): bigint {
  const quoted = JSON.stringify(text);
  const invalid = (): DurationError => new DurationError(`time: invalid duration ${quoted}`);
  const negative = text.startsWith("-");
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return 0n;
  if (rest === "") throw invalid();
  let total = 0n;
  while (rest !== "") {
    const match = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/.exec(rest)!;
    const [all, whole = "", fraction = "", unit = ""] = match;
    if ((whole === "" && fraction === "") || all === "") throw invalid();
    if (unit === "") throw new DurationError(`time: missing unit in duration ${quoted}`);
    const scale = Object.hasOwn(nanosOfUnit, unit) ? nanosOfUnit[unit] : undefined;
    if (scale === undefined) throw new DurationError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    if (whole.length > 30) throw invalid();
    const places = fraction.slice(0, 30);
    total += BigInt(whole === "" ? 0 : whole) * scale + (places === "" ? 0n : (BigInt(places) * scale) / 10n ** BigInt(places.length));
    if (total > maxNanos + (negative ? 1n : 0n)) throw invalid();
    rest = rest.slice(all.length);
  }
  return negative ? -total : total;
}

/** Milliseconds of a duration's text, with a fraction where there is one. @throws DurationError */
export const parseDuration = (text: string): number => Number(parseDurationNanos(text)) / 1e6;

/** As Go prints it: "1h30m0s", "1.5s", "250ms", "0s". */
export function formatDurationNanos(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  const sign = nanos < 0n ? "-" : "";
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude < 1_000n) return `${sign}${magnitude}ns`;
  if (magnitude < 1_000_000n) return `${sign}${withFraction(magnitude, 1_000n)}\u00b5s`;
  if (magnitude < 1_000_000_000n) return `${sign}${withFraction(magnitude, 1_000_000n)}ms`;
  const hours = magnitude / nanosOfUnit["h"]!;
  const minutes = (magnitude / nanosOfUnit["m"]!) % 60n;
  const seconds = withFraction(magnitude % nanosOfUnit["m"]!, 1_000_000_000n);
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

export const formatDuration = (milliseconds: number): string => formatDurationNanos(BigInt(Math.round(milliseconds * 1e6)));

function withFraction(amount: bigint, unit: bigint): string {
  const rest = amount % unit;
  if (rest === 0n) return String(amount / unit);
  const digits = String(rest).padStart(String(unit).length - 1, "0");
  return `${amount / unit}.${digits.replace(/0+$/, "")}`;
}
