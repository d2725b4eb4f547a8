// resource.Quantity: "100m", "1.5Gi", "1e3". Exact to a billionth (finer amounts are rounded away from zero), written back in
// the one canonical form that the API shows.

/** How a quantity was written, and is written back: 1k, 1Ki or 1e3. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export interface Quantity {
  /** The amount in billionths. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

/** The text is no quantity; the message is Kubernetes'. */
export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

const shape = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";
const wrongFormat = (): QuantityError => new QuantityError(`quantities must match the regular expression '${shape}'`);
const wrongSuffix = (): QuantityError => new QuantityError("unable to parse quantity's suffix");

const billion = 1_000_000_000n;
/** The largest amount that has a meaning: 2^63-1 units. Larger ones written with many digits become this one. */
const maxNanos = ((1n << 63n) - 1n) * billion;
/** Exponents beyond this are far past any limit; they are cut here so that a short text cannot ask for a huge number. */
const maxExponent = 64;

const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimalSuffixes: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const suffixOfExponent = new Map(Object.entries(decimalSuffixes).map(([suffix, exponent]) => [exponent, suffix]));

const pattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*)([-+]?[0-9]*)$/;

/**
 * Reads a quantity. A number is taken as its decimal text.
 * @throws QuantityError
 */
export function parseQuantity(text: string | number): Quantity {
  const trimmed = String(text).trim();
  const parts = trimmed === "" ? null : pattern.exec(trimmed);
  if (parts === null) throw wrongFormat();
  const [, sign, whole = "", fraction = "", letters = "", exponentDigits = ""] = parts;
  const { format, base, exponent } = readSuffix(letters, exponentDigits);
  if (/^0*$/.test(whole) && /^0*$/.test(fraction)) return { nanos: 0n, format };
  const digits = BigInt(whole + fraction);
  let numerator = digits * billion;
  let denominator = 10n ** BigInt(fraction.length);
  let capped = false;
  if (exponent > maxExponent) capped = true;
  else if (exponent >= 0) numerator *= base ** BigInt(exponent);
  else denominator *= base ** BigInt(Math.min(-exponent, 1000));
  let nanos = capped ? maxNanos : (numerator + denominator - 1n) / denominator;
  // Few digits are kept exactly however large the suffix makes them; many digits are cut at the largest amount.
  const exact = base === 10n && whole.length + fraction.length <= 18;
  if (!exact && nanos > maxNanos) nanos = maxNanos;
  return { nanos: sign === "-" ? -nanos : nanos, format };
}

function readSuffix(letters: string, exponentDigits: string): { format: QuantityFormat; base: bigint; exponent: number } {
  if (exponentDigits === "") {
    const binary = letters === "" ? -1 : binarySuffixes.indexOf(letters);
    if (binary > 0) return { format: "BinarySI", base: 2n, exponent: binary * 10 };
    const decimal = Object.hasOwn(decimalSuffixes, letters) ? decimalSuffixes[letters] : undefined;
    if (decimal !== undefined) return { format: "DecimalSI", base: 10n, exponent: decimal };
  }
  if ((letters !== "e" && letters !== "E") || !/[0-9]/.test(exponentDigits)) throw wrongSuffix();
  return { format: "DecimalExponent", base: 10n, exponent: Number(exponentDigits) };
}

/** The canonical text of a quantity. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos, format } = quantity;
  if (nanos === 0n) return "0";
  const negative = nanos < 0n;
  const magnitude = negative ? -nanos : nanos;
  const sign = negative ? "-" : "";
  if (format === "BinarySI" && magnitude >= 1024n * billion && magnitude % billion === 0n) {
    let units = magnitude / billion;
    let power = 0;
    while (power < binarySuffixes.length - 1 && units % 1024n === 0n) {
      units /= 1024n;
      power++;
    }
    return sign + units + binarySuffixes[power]!;
  }
  let amount = magnitude;
  let exponent = -9;
  // A DecimalSI amount beyond E would have no suffix; exponents always have one.
  const highest = format === "DecimalExponent" ? Number.POSITIVE_INFINITY : 18;
  while (exponent < highest && amount % 1000n === 0n) {
    amount /= 1000n;
    exponent += 3;
  }
  const suffix = format === "DecimalExponent" ? (exponent === 0 ? "" : `e${exponent}`) : suffixOfExponent.get(exponent)!;
  return `${sign}${amount}${suffix}`;
}

// Whole numbers, thousandths and Mi/Gi are nearly all that is ever written. Leading zeros and texts whose canonical form
// differs do not match.
const plainWhole = /^(?:0|[1-9][0-9]{0,2}|[1-9][0-9]{0,11}[1-9][0-9]{0,1}|[1-9][0-9]{0,10}[1-9]00)$/;

/** The canonical form of a quantity's text. @throws QuantityError */
export function canonicalQuantity(text: string | number): string {
  if (typeof text === "string" && plainWhole.test(text)) return text;
  return formatQuantity(parseQuantity(text));
}

const asQuantity = (value: Quantity | string | number): Quantity => (typeof value === "object" ? value : parseQuantity(value));

/** Negative, zero or positive as `a` is smaller, equal or larger than `b`. */
export function compareQuantities(a: Quantity | string | number, b: Quantity | string | number): number {
  if (a === b) return 0;
  const left = asQuantity(a).nanos;
  const right = asQuantity(b).nanos;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The sum, written as `a` is; a zero `a` takes the format of `b`. */
export function addQuantities(a: Quantity | string | number, b: Quantity | string | number): Quantity {
  const left = asQuantity(a);
  const right = asQuantity(b);
  return { nanos: left.nanos + right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

/** Units as a whole number, rounded away from zero: bytes, pods. Amounts beyond 2^53 are as near as a double comes. */
export function quantityValue(value: Quantity | string | number): number {
  if (typeof value === "string") {
    const quick = quickMillis(value);
    if (quick !== undefined) return quick >= 0 ? Math.ceil(quick / 1000) : Math.floor(quick / 1000);
  }
  return Number(divideAway(asQuantity(value).nanos, billion));
}

/** Thousandths as a whole number, rounded away from zero: CPU. */
export function quantityMilliValue(value: Quantity | string | number): number {
  if (typeof value === "string") {
    const quick = quickMillis(value);
    if (quick !== undefined) return quick;
  }
  return Number(divideAway(asQuantity(value).nanos, 1_000_000n));
}

/** The amount as a double, fractions included. */
export function quantityToNumber(value: Quantity | string | number): number {
  return Number(asQuantity(value).nanos) / 1e9;
}

function divideAway(amount: bigint, by: bigint): bigint {
  const rest = amount % by;
  const whole = amount / by;
  return rest === 0n ? whole : rest > 0n ? whole + 1n : whole - 1n;
}

const quickPattern = /^([0-9]{1,6})(m|Ki|Mi|Gi)?$/;
const quickFactor: Readonly<Record<string, number>> = { m: 1, "": 1000, Ki: 1000 * 1024, Mi: 1000 * 1024 ** 2, Gi: 1000 * 1024 ** 3 };

/** Thousandths of a common small quantity, without big integers; undefined for any other. */
function quickMillis(text: string): number | undefined {
  const match = quickPattern.exec(text);
  if (match === null) return undefined;
  const millis = Number(match[1]) * quickFactor[match[2] ?? ""]!;
  return Number.isSafeInteger(millis) ? millis : undefined;
}
