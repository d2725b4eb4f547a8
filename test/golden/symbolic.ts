// Objects as golden files hold them: what differs from run to run is written as a symbol that stands for one value wherever it
// appears, and times as seconds after the start.

import { formatYaml } from "../../src/wire/yaml.ts";

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const patterns: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["TOKEN-VOLUME", /\bkube-api-access-[a-z0-9]{5}\b/g],
  ["UID", /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  ["ID", /\b[0-9a-f]{64}\b/g],
  ["SERVICE-IP", /\b10\.96\.\d+\.\d+\b/g],
  ["POD-IP", /\b10\.244\.\d+\.\d+\b/g],
];

/** Their order follows addresses, which are drawn. */
const unorderedLists = new Set(["endpoints", "addresses"]);
const inOrder = (list: unknown): unknown =>
  Array.isArray(list) ? list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : list;

export class Symbols {
  readonly #startMs: number;
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** From now on the text is written as NAME-1, NAME-2, ... */
  name(text: string, name: string): void {
    if (text !== "" && !this.#known.has(text)) this.#known.set(text, this.#next(name));
  }

  #next(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${name}-${count}`;
  }

  /** The object as YAML, without managed fields and versions. */
  format(object: unknown): string {
    return formatYaml(this.#replace(object));
  }

  #replace(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#replace(item));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value)
      .filter(([key]) => key !== "managedFields" && key !== "resourceVersion")
      .map(([key, item]) => [this.text(key), unorderedLists.has(key) ? inOrder(this.#replace(item)) : this.#replace(item)] as const);
    return Object.fromEntries(entries);
  }

  /** One text with its symbols. */
  text(text: string): string {
    if (timePattern.test(text)) return `START+${(Date.parse(text) - this.#startMs) / 1000}s`;
    let result = text;
    for (const [known, symbol] of [...this.#known].toSorted(([a], [b]) => b.length - a.length)) result = result.replaceAll(known, symbol);
    for (const [name, pattern] of patterns) {
      result = result.replaceAll(pattern, (found) => {
        this.name(found, name);
        return this.#known.get(found)!;
      });
    }
    return result;
  }
}
