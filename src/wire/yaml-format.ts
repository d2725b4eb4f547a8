// YAML as kubectl prints it: keys in Go's natural order, lists at their key's indentation, strings quoted only where a YAML 1.1
// reader would take them for something else, long lines folded at 80 columns.

import { staysString } from "./yaml-scalars.ts";

const width = 80;
/** A longer key is written in the explicit form, `? key`. */
const maxSimpleKey = 128;

/** One document, ending in a line break. Undefined members are left out, as in JSON. */
export function formatYaml(value: unknown): string {
  const writer = new Writer();
  writer.node(value, -2, "document");
  return `${writer.text.trimStart()}\n`;
}

/** Several documents with `---` between them. */
export const formatYamlDocuments = (values: readonly unknown[]): string => values.map(formatYaml).join("---\n");

type Place = "document" | "mapping" | "sequence";

class Writer {
  text = "";
  #column = 0;

  #put(text: string): void {
    this.text += text;
    const lineBreak = text.lastIndexOf("\n");
    this.#column = lineBreak === -1 ? this.#column + text.length : text.length - lineBreak - 1;
  }

  #newLine(indent: number): void {
    this.#put(`\n${" ".repeat(Math.max(indent, 0))}`);
  }

  /** Writes what follows `key:` or `-`, a leading space or line break included. `indent` is that of the parent's items. */
  node(value: unknown, indent: number, place: Place): void {
    if (Array.isArray(value)) {
      if (value.length === 0) this.#put(" []");
      else this.#sequence(value, indent, place);
    } else if (typeof value === "object" && value !== null) {
      const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
      if (keys.length === 0) this.#put(" {}");
      else this.#mapping(value as Record<string, unknown>, keys.sort(compareKeys), indent, place);
    } else {
      this.#put(" ");
      // Readers disagree about a block scalar's indentation at the top, so it is written like a key: on one line.
      this.#scalar(value, Math.max(indent, 0) + 2, place === "document");
    }
  }

  #sequence(items: readonly unknown[], parentIndent: number, place: Place): void {
    // A list in a mapping stands at its key's indentation; one in a list begins on the same line.
    const indent = place === "mapping" ? parentIndent : parentIndent + 2;
    for (const [index, item] of items.entries()) {
      if (index === 0 && place === "sequence") this.#put(" ");
      else this.#newLine(indent);
      this.#put("-");
      this.node(item, indent, "sequence");
    }
  }

  #mapping(object: Record<string, unknown>, keys: readonly string[], parentIndent: number, place: Place): void {
    const indent = parentIndent + 2;
    for (const [index, key] of keys.entries()) {
      if (index === 0 && place === "sequence") this.#put(" ");
      else this.#newLine(indent);
      if (key.length > maxSimpleKey || key.includes("\n")) {
        this.#put("? ");
        this.#scalar(key, indent + 2, false);
        this.#newLine(indent);
      } else this.#scalar(key, indent, true);
      this.#put(":");
      this.node(object[key], indent, "mapping");
    }
  }

  #scalar(value: unknown, indent: number, oneLine: boolean): void {
    if (typeof value === "string") this.#string(value, indent, oneLine);
    else if (typeof value === "number") this.#put(formatNumber(value));
    else if (value === undefined || value === null) this.#put("null");
    else this.#put(String(value as boolean | bigint));
  }

  #string(text: string, indent: number, oneLine: boolean): void {
    const shape = analyze(text);
    if (text.includes("\n") && !oneLine && shape.block) this.#literal(text, indent);
    else if (!text.includes("\n") && staysString(text) && shape.plain) this.#folded(text, indent, oneLine);
    else if (!text.includes("\n") && staysString(text) && shape.single) {
      this.#put("'");
      this.#folded(text.replaceAll("'", "''"), indent, oneLine);
      this.#put("'");
    } else this.#doubleQuoted(text, indent, oneLine);
  }

  /** Text that breaks at single spaces once the line is full. */
  #folded(text: string, indent: number, oneLine: boolean): void {
    if (oneLine || this.#column + text.length <= width) {
      this.#put(text);
      return;
    }
    let pending = "";
    for (let i = 0; i < text.length; i++) {
      const breaks = text[i] === " " && text[i + 1] !== " " && text[i - 1] !== " " && i > 0 && i < text.length - 1;
      if (breaks && this.#column + pending.length > width) {
        this.#put(pending);
        pending = "";
        this.#newLine(indent);
      } else pending += text[i];
    }
    this.#put(pending);
  }

  #doubleQuoted(text: string, indent: number, oneLine: boolean): void {
    let pending = '"';
    let afterSpace = false;
    const characters = Array.from(text);
    for (const [i, character] of characters.entries()) {
      if (character !== " ") {
        pending += escapeCharacter(character);
        afterSpace = false;
        continue;
      }
      if (!oneLine && !afterSpace && this.#column + pending.length > width && i > 0 && i < characters.length - 1) {
        this.#put(pending);
        this.#newLine(indent);
        pending = characters[i + 1] === " " ? "\\" : "";
      } else pending += " ";
      afterSpace = true;
    }
    this.#put(`${pending}"`);
  }

  #literal(text: string, indent: number): void {
    const indentHint = text.startsWith(" ") || text.startsWith("\n") ? "2" : "";
    const chomp = !text.endsWith("\n") ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "";
    this.#put(`|${indentHint}${chomp}`);
    const lines = text.split("\n");
    if (text.endsWith("\n")) lines.pop();
    for (const line of lines) {
      if (line === "") this.#put("\n");
      else {
        this.#newLine(indent);
        this.#put(line);
      }
    }
  }
}

interface Shape {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

/** Which styles can carry `text` outside flow collections and give it back unchanged. */
function analyze(text: string): Shape {
  if (text === "") return { plain: true, single: true, block: false };
  const special = unprintable.test(text);
  const leading = /^[ \n]/.test(text);
  const trailing = /[ \n]$/.test(text);
  const spaceThenBreak = text.includes(" \n");
  const breakThenSpace = text.includes("\n ");
  const indicators =
    text.startsWith("---") ||
    text.startsWith("...") ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[-?:](?:[ \n]|$)/.test(text) ||
    /:(?:[ \n]|$)/.test(text) ||
    /[ \n]#/.test(text);
  return {
    plain: !special && !leading && !trailing && !text.includes("\n") && !indicators,
    single: !special && !spaceThenBreak && !breakThenSpace,
    block: !special && !spaceThenBreak && !text.endsWith(" "),
  };
}

// Tabs, other control characters, other line breaks, the byte order mark, lone surrogates and everything beyond the first
// plane are escaped, as Go's writer does.
const unprintable = /[^\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

const shortEscapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0)!;
  if (code > 0xffff) return `\\U${code.toString(16).toUpperCase().padStart(8, "0")}`;
  if (!unprintable.test(character)) return character;
  return code <= 0xff ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}
const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, "0");

/** Whole numbers as they are; others as Go's shortest form, with an exponent below 1e-4 and from 1e+6 up (or 1e+21 if whole). */
function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(BigInt(value));
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) return String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, "e$10$2");
}

const isLetter = (character: string): boolean => /^\p{L}$/u.test(character);
const isDigit = (character: string | undefined): boolean => character !== undefined && character >= "0" && character <= "9";

/** Letters after other characters, runs of digits by their number: a2 before a10. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left[i]!;
    const b = right[i]!;
    if (a === b) continue;
    const aLetter = isLetter(a);
    const bLetter = isLetter(b);
    if (aLetter && bLetter) return a < b ? -1 : 1;
    if (aLetter !== bLetter) return bLetter ? -1 : 1;
    // A zero inside a number counts as a digit of it, a leading one does not.
    let seed = 0n;
    if (a === "0" || b === "0") {
      for (let j = i - 1; j >= 0 && isDigit(left[j]); j--) if (left[j] !== "0") seed = 1n;
    }
    const aRun = /^[0-9]*/.exec(left.slice(i))![0];
    const bRun = /^[0-9]*/.exec(right.slice(i))![0];
    const aNumber = BigInt(`${seed}${aRun}`);
    const bNumber = BigInt(`${seed}${bRun}`);
    if (aNumber !== bNumber) return aNumber < bNumber ? -1 : 1;
    if (aRun.length !== bRun.length) return aRun.length - bRun.length;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}
