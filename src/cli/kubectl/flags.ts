// Flags as kubectl reads them (the rules of pflag): `-n kube-system`, `-nkube-system`, `-n=kube-system`, `--namespace x`,
// `--namespace=x`, short flags run together (`-itc web`), values that may be left out only with `=` (`--dry-run`), flags and
// words mixed, everything after `--` left alone. Command-line libraries of our world read several of these differently.

import { parseDuration } from "../../lang/duration.ts";
import { UsageError } from "./errors.ts";

export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  /** "list" splits its values at commas, "array" takes each as it is; both may be repeated. */
  readonly type: "text" | "bool" | "int" | "duration" | "list" | "array";
  /** As written on a command line. Default: "", false, 0, 0s, none. */
  readonly default?: string;
  /** The value of a flag that is named without one; others then take theirs with `=` only. */
  readonly bare?: string;
  readonly help: string;
  readonly hidden?: boolean;
}

/** Short ways to write a specification. */
export const text = (name: string, help: string, options: Partial<FlagSpec> = {}): FlagSpec => ({ name, type: "text", help, ...options });
export const bool = (name: string, help: string, options: Partial<FlagSpec> = {}): FlagSpec => ({ name, type: "bool", help, ...options });
export const int = (name: string, help: string, options: Partial<FlagSpec> = {}): FlagSpec => ({ name, type: "int", help, ...options });
export const duration = (name: string, help: string, options: Partial<FlagSpec> = {}): FlagSpec => ({
  name,
  type: "duration",
  help,
  ...options,
});
export const list = (name: string, help: string, options: Partial<FlagSpec> = {}): FlagSpec => ({ name, type: "list", help, ...options });
export const array = (name: string, help: string, options: Partial<FlagSpec> = {}): FlagSpec => ({ name, type: "array", help, ...options });

const zeros: Readonly<Record<FlagSpec["type"], string>> = { text: "", bool: "false", int: "0", duration: "0s", list: "", array: "" };

/** The value that stands when the flag is not given, as help shows it. */
export const defaultOf = (spec: FlagSpec): string => spec.default ?? zeros[spec.type];

/** Values of flags, checked against their types when they were read. */
export class Flags {
  readonly #specs: ReadonlyMap<string, FlagSpec>;
  readonly #values = new Map<string, string[]>();

  constructor(specs: readonly FlagSpec[]) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
  }

  /** Called while reading. @throws UsageError when the value does not fit the type */
  set(name: string, value: string, written: string): void {
    const spec = this.#specs.get(name)!;
    const problem = problemOf(spec, value);
    if (problem !== undefined) throw new UsageError(`invalid argument ${JSON.stringify(value)} for "${written}" flag: ${problem}`);
    const repeats = spec.type === "list" || spec.type === "array";
    this.#values.set(name, repeats ? [...(this.#values.get(name) ?? []), value] : [value]);
  }

  /** The verb knows the flag. */
  declares(name: string): boolean {
    return this.#specs.has(name);
  }

  /** The flag stands on the command line. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string {
    return this.#values.get(name)?.[0] ?? defaultOf(this.#spec(name));
  }

  bool(name: string): boolean {
    return trueWords.has(this.text(name));
  }

  int(name: string): number {
    return Number(this.text(name));
  }

  durationMs(name: string): number {
    return parseDuration(this.text(name));
  }

  list(name: string): string[] {
    const values = this.#values.get(name) ?? [defaultOf(this.#spec(name))].filter((value) => value !== "");
    return this.#spec(name).type === "list" ? values.flatMap((value) => (value === "" ? [] : value.split(","))) : values;
  }

  #spec(name: string): FlagSpec {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new Error(`no flag --${name} is declared`);
    return spec;
  }
}

const trueWords = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const falseWords = new Set(["0", "f", "F", "FALSE", "false", "False"]);

function problemOf(spec: FlagSpec, value: string): string | undefined {
  const quoted = JSON.stringify(value);
  switch (spec.type) {
    case "bool":
      return trueWords.has(value) || falseWords.has(value) ? undefined : `strconv.ParseBool: parsing ${quoted}: invalid syntax`;
    case "int":
      return /^[-+]?[0-9]+$/.test(value) ? undefined : `strconv.ParseInt: parsing ${quoted}: invalid syntax`;
    case "duration":
      try {
        parseDuration(value);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    case "text":
    case "list":
    case "array":
      return undefined;
  }
}

export interface ParsedWords {
  readonly flags: Flags;
  /** Words that are no flags, those after `--` included. */
  readonly words: readonly string[];
  /** How many words stand before `--`; undefined where there is none. */
  readonly dash: number | undefined;
}

/** @throws UsageError with pflag's text */
export function parseFlags(specs: readonly FlagSpec[], line: readonly string[]): ParsedWords {
  const flags = new Flags(specs);
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const byShort = new Map(specs.flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec] as const])));
  const words: string[] = [];
  let dash: number | undefined;
  for (let at = 0; at < line.length; at++) {
    const word = line[at]!;
    if (word === "--") {
      dash = words.length;
      words.push(...line.slice(at + 1));
      break;
    }
    if (word === "-" || !word.startsWith("-")) words.push(word);
    else if (word.startsWith("--")) at += long(word, line[at + 1]);
    else at += short(word, line[at + 1]);
  }
  return { flags, words, dash };

  /** Each returns how many of the following words it took. */
  function long(word: string, next: string | undefined): number {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals < 0 ? undefined : equals);
    if (name === "" || name.startsWith("-")) throw new UsageError(`bad flag syntax: ${word}`);
    const spec = byName.get(name);
    if (spec === undefined) throw new UsageError(`unknown flag: --${name}`);
    const written = spec.short === undefined ? `--${name}` : `-${spec.short}, --${name}`;
    if (equals >= 0) flags.set(name, word.slice(equals + 1), written);
    else if (bareOf(spec) !== undefined) flags.set(name, bareOf(spec)!, written);
    else if (next === undefined) throw new UsageError(`flag needs an argument: --${name}`);
    else {
      flags.set(name, next, written);
      return 1;
    }
    return 0;
  }

  function short(word: string, next: string | undefined): number {
    for (let position = 1; position < word.length; position++) {
      const letter = word[position]!;
      const spec = byShort.get(letter);
      if (spec === undefined) throw new UsageError(`unknown shorthand flag: '${letter}' in ${word}`);
      const written = `-${letter}, --${spec.name}`;
      const rest = word.slice(position + 1);
      if (rest.startsWith("=")) flags.set(spec.name, rest.slice(1), written);
      else if (bareOf(spec) !== undefined) {
        flags.set(spec.name, bareOf(spec)!, written);
        continue;
      } else if (rest !== "") flags.set(spec.name, rest, written);
      else if (next === undefined) throw new UsageError(`flag needs an argument: '${letter}' in ${word}`);
      else {
        flags.set(spec.name, next, written);
        return 1;
      }
      return 0;
    }
    return 0;
  }
}

const bareOf = (spec: FlagSpec): string | undefined => spec.bare ?? (spec.type === "bool" ? "true" : undefined);
