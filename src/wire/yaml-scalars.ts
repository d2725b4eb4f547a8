// What a plain YAML scalar means to Go's YAML 1.1 reader, which Kubernetes uses: yes and on are booleans, 0777 is octal, 1_000 a
// number, but 1:30 and dates are strings.

export type PlainValue = string | number | boolean | null;

const words: ReadonlyMap<string, PlainValue> = new Map<string, PlainValue>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

const decimal = /^[-+]?(?:0|[1-9][0-9]*)$/;
const radix = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]?([0-7]+))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** The value of an unquoted scalar. Integers beyond 2^53 lose their last digits. */
export function resolvePlainScalar(source: string): PlainValue {
  const word = words.get(source);
  if (word !== undefined) return word;
  const first = source.charCodeAt(0);
  const isDigit = first >= 0x30 && first <= 0x39;
  if (!isDigit && first !== 0x2b && first !== 0x2d && first !== 0x2e) return source;
  const plain = first === 0x2e ? source : source.replaceAll("_", "");
  if (decimal.test(plain)) return Number(plain) + 0;
  const match = first === 0x2e ? null : radix.exec(plain);
  if (match) {
    const [, sign, hex, binary, octal] = match;
    const digits = hex ?? binary ?? octal!;
    const magnitude = Number.parseInt(digits, hex ? 16 : binary ? 2 : 8);
    return sign === "-" ? 0 - magnitude : magnitude;
  }
  if (!float.test(plain)) return source;
  const value = Number(plain);
  return Number.isFinite(value) ? value : source;
}

const date = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})?)?$/;
const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Whether a string may stand without quotes and still be read as that string, by this and by other YAML 1.1 readers. */
export const staysString = (text: string): boolean =>
  text !== "<<" && typeof resolvePlainScalar(text) === "string" && !date.test(text) && !sexagesimal.test(text);
