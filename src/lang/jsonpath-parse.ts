// Reads kubectl's JSONPath templates into steps. One pass over the text, no regular expressions of the user's.

export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

export interface PathExpression {
  /** Starts at the document (`$`) rather than at the present item. */
  readonly fromRoot: boolean;
  readonly steps: readonly JsonPathStep[];
}

export type JsonPathNode =
  | { readonly type: "text"; readonly text: string }
  | ({ readonly type: "path" } & PathExpression)
  | ({ readonly type: "range"; readonly body: readonly JsonPathNode[] } & PathExpression);

export type JsonPathStep =
  /** An optional member may be missing: below `..` it is taken wherever it is. */
  | { readonly type: "field"; readonly name: string; readonly optional?: boolean }
  | { readonly type: "wildcard" }
  /** The value and everything below it (`..`). */
  | { readonly type: "descend" }
  /** `[1]` is single; `[0:2]`, `[::2]` are not. */
  | { readonly type: "slice"; readonly from?: number; readonly to?: number; readonly by: number; readonly single: boolean }
  | { readonly type: "union"; readonly of: readonly (readonly JsonPathStep[])[] }
  | {
      readonly type: "filter";
      readonly left: Operand;
      readonly operator: "exists" | "==" | "!=" | "<" | "<=" | ">" | ">=";
      readonly right?: Operand;
    };

export type Operand =
  | { readonly type: "literal"; readonly value: string | number | boolean }
  | ({ readonly type: "path" } & PathExpression);

/** Brackets in brackets beyond this are refused. */
const maxNesting = 32;

/** @throws JsonPathError */
export function parseTemplate(template: string): JsonPathNode[] {
  return new Parser(template).template();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): JsonPathNode[] {
    const root: JsonPathNode[] = [];
    const open: { expression: PathExpression; body: JsonPathNode[] }[] = [];
    const nodes = (): JsonPathNode[] => open.at(-1)?.body ?? root;
    while (this.#at < this.#text.length) {
      const brace = this.#text.indexOf("{", this.#at);
      const end = brace === -1 ? this.#text.length : brace;
      if (end > this.#at) nodes().push({ type: "text", text: this.#text.slice(this.#at, end) });
      if (brace === -1) break;
      this.#at = brace + 1;
      for (;;) {
        this.#skipSpace();
        if (this.#take("}")) break;
        if (this.#at >= this.#text.length) throw new JsonPathError("unclosed action");
        const word = this.#peekWord();
        if (word === "range") {
          this.#at += word.length;
          this.#skipSpace();
          if (open.length >= maxNesting) throw new JsonPathError("ranges are nested too deep");
          open.push({ expression: this.#path(), body: [] });
        } else if (word === "end") {
          this.#at += word.length;
          const closed = open.pop();
          if (closed === undefined) throw new JsonPathError("not in range, nothing to end");
          nodes().push({ type: "range", ...closed.expression, body: closed.body });
        } else nodes().push(this.#action(word));
      }
    }
    if (open.length > 0) throw new JsonPathError("unclosed range, missing {end}");
    return root;
  }

  #action(word: string): JsonPathNode {
    const next = this.#text[this.#at]!;
    if (next === '"' || next === "'") return { type: "text", text: this.#quoted() };
    if (word !== "" && /^[-+]?[0-9]/.test(word)) {
      this.#at += word.length;
      return { type: "text", text: word };
    }
    if (word === "true" || word === "false") {
      this.#at += word.length;
      return { type: "text", text: word };
    }
    if (next === "." || next === "[" || next === "$" || next === "@") return { type: "path", ...this.#path() };
    if (word !== "") throw new JsonPathError(`unrecognized identifier ${word}`);
    throw new JsonPathError(`unrecognized character in action: ${describe(next)}`);
  }

  /** `$.a[0]..b`; ends at what cannot continue it. */
  #path(): PathExpression {
    const fromRoot = this.#take("$");
    if (!fromRoot) this.#take("@");
    const steps: JsonPathStep[] = [];
    for (;;) {
      if (this.#take("..")) {
        steps.push({ type: "descend" });
        if (this.#text[this.#at] === "[") continue;
        this.#fieldOrWildcard(steps, true);
      } else if (this.#take(".")) {
        if (this.#text[this.#at] === "[") continue;
        this.#fieldOrWildcard(steps, false);
      } else if (this.#take("[")) steps.push(this.#bracket());
      else return { fromRoot, steps };
    }
  }

  #fieldOrWildcard(steps: JsonPathStep[], descended: boolean): void {
    if (this.#take("*")) {
      steps.push({ type: "wildcard" });
      return;
    }
    const name = this.#fieldName();
    // `{.}` is the present item itself.
    if (name === "") return;
    steps.push({ type: "field", name, ...(descended && { optional: true }) });
  }

  #fieldName(): string {
    let name = "";
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (character === "\\" && this.#at + 1 < this.#text.length) {
        name += this.#text[this.#at + 1];
        this.#at += 2;
      } else if (" \t\r\n.[]{}()=!<>$@,".includes(character)) break;
      else {
        name += character;
        this.#at++;
      }
    }
    return name;
  }

  #bracket(): JsonPathStep {
    if (++this.#nesting > maxNesting) throw new JsonPathError("brackets are nested too deep");
    const alternatives: JsonPathStep[] = [];
    do {
      this.#skipSpace();
      alternatives.push(this.#alternative());
      this.#skipSpace();
    } while (this.#take(","));
    if (!this.#take("]"))
      throw new JsonPathError(this.#at >= this.#text.length ? "unterminated array" : `invalid array index ${this.#rest()}`);
    this.#nesting--;
    return alternatives.length === 1 ? alternatives[0]! : { type: "union", of: alternatives.map((step) => [step]) };
  }

  #alternative(): JsonPathStep {
    const next = this.#text[this.#at];
    if (next === "*") {
      this.#at++;
      return { type: "wildcard" };
    }
    if (next === "'" || next === '"') return { type: "field", name: this.#quoted() };
    if (this.#take("?(")) return this.#filter();
    return this.#slice();
  }

  #slice(): JsonPathStep {
    const from = this.#integer();
    if (!this.#take(":")) {
      if (from === undefined) throw new JsonPathError(`invalid array index ${this.#rest()}`);
      return { type: "slice", from, by: 1, single: true };
    }
    const to = this.#integer();
    const by = this.#take(":") ? (this.#integer() ?? 1) : 1;
    if (by <= 0) throw new JsonPathError("step must be > 0");
    return { type: "slice", from, to, by, single: false };
  }

  #integer(): number | undefined {
    let end = this.#at;
    if (this.#text[end] === "-") end++;
    while (end < this.#text.length && this.#text[end]! >= "0" && this.#text[end]! <= "9") end++;
    const digits = this.#text.slice(this.#at, end);
    if (digits === "" || digits === "-") return undefined;
    this.#at = end;
    return Number(digits);
  }

  #filter(): JsonPathStep {
    this.#skipSpace();
    const left = this.#operand();
    this.#skipSpace();
    const operator = (["==", "!=", "<=", ">=", "<", ">"] as const).find((sign) => this.#take(sign));
    let step: JsonPathStep = { type: "filter", left, operator: "exists" };
    if (operator !== undefined) {
      this.#skipSpace();
      step = { type: "filter", left, operator, right: this.#operand() };
    }
    this.#skipSpace();
    if (!this.#take(")")) throw new JsonPathError("unterminated filter");
    return step;
  }

  #operand(): Operand {
    const next = this.#text[this.#at];
    if (next === "'" || next === '"') return { type: "literal", value: this.#quoted() };
    if (next === "@" || next === "$" || next === ".") return { type: "path", ...this.#path() };
    const word = this.#peekWord();
    this.#at += word.length;
    if (word === "true" || word === "false") return { type: "literal", value: word === "true" };
    if (/^[-+]?[0-9]+(\.[0-9]+)?$/.test(word)) return { type: "literal", value: Number(word) };
    throw new JsonPathError(`unrecognized identifier ${word === "" ? this.#rest() : word}`);
  }

  #quoted(): string {
    const quote = this.#text[this.#at++]!;
    let value = "";
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined) throw new JsonPathError("unterminated quoted string");
      if (character === quote) return value;
      if (character !== "\\") value += character;
      else {
        const escaped = this.#text[this.#at++] ?? "";
        value += escapes[escaped] ?? escaped;
      }
    }
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && " \t\r\n".includes(this.#text[this.#at]!)) this.#at++;
  }

  /** Letters, digits, signs and points from here on, as in `range`, `end`, `1.5`. */
  #peekWord(): string {
    let end = this.#at;
    while (end < this.#text.length && isWordCharacter(this.#text[end]!, end === this.#at)) end++;
    return this.#text.slice(this.#at, end);
  }

  #rest(): string {
    return this.#text.slice(this.#at, this.#at + 20);
  }
}

const isWordCharacter = (character: string, first: boolean): boolean =>
  (character >= "a" && character <= "z") ||
  (character >= "A" && character <= "Z") ||
  (character >= "0" && character <= "9") ||
  character === "_" ||
  character === "-" ||
  character === "+" ||
  (character === "." && !first);

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", a: "\x07" };

function describe(character: string): string {
  const code = character.codePointAt(0)!;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")} '${character}'`;
}
