// Label selectors in both forms, the query text (`a=b,c in (x,y),!d`) and the object (matchLabels, matchExpressions), read into
// one list of requirements that matches, prints and is compared alike.

import { checkLabelValue, checkQualifiedName } from "./names.ts";

export type LabelOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, without repetition; empty for exists and !. */
  readonly values: readonly string[];
}

/** All requirements must hold; an empty list matches everything. `undefined` in place of a selector matches nothing. */
export type LabelSelector = readonly LabelRequirement[];
export type LabelSet = Readonly<Record<string, string>>;

/** The text is no selector; the message is Kubernetes'. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

export const everything: LabelSelector = [];

export function matchesLabels(selector: LabelSelector | undefined, labels: LabelSet | undefined): boolean {
  if (selector === undefined) return false;
  for (const requirement of selector) {
    if (!matchesRequirement(requirement, labels)) return false;
  }
  return true;
}

function matchesRequirement({ key, operator, values }: LabelRequirement, labels: LabelSet | undefined): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "=":
    case "==":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "gt":
    case "lt": {
      if (value === undefined || !isInt64(value) || !isInt64(values[0]!)) return false;
      const difference = BigInt(value) - BigInt(values[0]!);
      return operator === "gt" ? difference > 0n : difference < 0n;
    }
  }
}

const isInt64 = (text: string): boolean => /^[+-]?[0-9]{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);

/** The selector as query text, requirements sorted by key: what `Scale.status.selector` and list requests carry. */
export function formatLabelSelector(selector: LabelSelector): string {
  return selector.map(formatRequirement).join(",");
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${values.join(",")})`;
    case "gt":
      return `${key}>${values[0]!}`;
    case "lt":
      return `${key}<${values[0]!}`;
    case "=":
    case "==":
    case "!=":
      return `${key}${operator}${values[0]!}`;
  }
}

/** Exactly these labels: Services, ReplicationControllers. Undefined or empty matches everything, as in Kubernetes. */
export function selectorFromLabels(labels: LabelSet | undefined): LabelSelector {
  return sortByKey(Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: "=", values: [value] })));
}

const sortByKey = (requirements: LabelRequirement[]): LabelRequirement[] =>
  requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
const asSet = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** meta.v1.LabelSelector. */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key?: string;
    readonly operator?: string;
    readonly values?: readonly string[];
  }[];
}

const objectOperators: Readonly<Record<string, LabelOperator>> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };

/**
 * Compiles a LabelSelector object. Absent matches nothing (undefined), empty matches everything.
 * @throws SelectorError for an unknown operator or an invalid requirement.
 */
export function selectorFromObject(object: LabelSelectorObject | undefined): LabelSelector | undefined {
  if (object === undefined || object === null) return undefined;
  const requirements: LabelRequirement[] = [...selectorFromLabels(object.matchLabels)];
  for (const { key = "", operator = "", values = [] } of object.matchExpressions ?? []) {
    const known = objectOperators[operator];
    if (known === undefined) throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    requirements.push(checkedRequirement(key, known, values));
  }
  return sortByKey(requirements);
}

/** What is wrong with a LabelSelector object; has the shape of a FieldError. */
export interface SelectorIssue {
  readonly type: "FieldValueInvalid" | "FieldValueRequired" | "FieldValueForbidden";
  readonly field: string;
  readonly badValue?: unknown;
  readonly detail: string;
}

/** Everything wrong with a LabelSelector object at `path`, as Kubernetes words it. */
export function validateLabelSelector(object: LabelSelectorObject | undefined, path: string): SelectorIssue[] {
  const issues: SelectorIssue[] = [];
  if (object === undefined || object === null) return issues;
  const invalid = (field: string, badValue: unknown, messages: readonly string[]): void => {
    for (const detail of messages) issues.push({ type: "FieldValueInvalid", field, badValue, detail });
  };
  for (const [key, value] of Object.entries(object.matchLabels ?? {})) {
    invalid(`${path}.matchLabels`, key, checkQualifiedName(key));
    invalid(`${path}.matchLabels`, value, checkLabelValue(value));
  }
  for (const [position, { key = "", operator = "", values = [] }] of (object.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${position}]`;
    if (operator === "In" || operator === "NotIn") {
      if (values.length === 0) {
        issues.push({ type: "FieldValueRequired", field: `${at}.values`, detail: "must be specified when `operator` is 'In' or 'NotIn'" });
      }
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (values.length > 0) {
        const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        issues.push({ type: "FieldValueForbidden", field: `${at}.values`, detail });
      }
    } else invalid(`${at}.operator`, operator, ["not a valid selector operator"]);
    invalid(`${at}.key`, key, checkQualifiedName(key));
    for (const [index, value] of values.entries()) invalid(`${at}.values[${index}]`, value, checkLabelValue(value));
  }
  return issues;
}

function invalidText(path: string, value: string, messages: readonly string[]): string {
  return `${path}: Invalid value: ${JSON.stringify(value)}: ${messages.join("; ")}`;
}

function checkedRequirement(key: string, operator: LabelOperator, values: Iterable<string>): LabelRequirement {
  const set = asSet(values);
  const errors: string[] = [];
  const keyMessages = checkQualifiedName(key);
  if (keyMessages.length > 0) errors.push(invalidText("key", key, keyMessages));
  const wrongValues = (detail: string): void => void errors.push(`values: Invalid value: ${JSON.stringify(set)}: ${detail}`);
  if (operator === "in" || operator === "notin") {
    if (set.length === 0) wrongValues("for 'in', 'notin' operators, values set can't be empty");
  } else if (operator === "exists" || operator === "!") {
    if (set.length > 0) wrongValues("values set must be empty for exists and does not exist");
  } else if (operator === "gt" || operator === "lt") {
    if (set.length !== 1) wrongValues("for 'Gt', 'Lt' operators, exactly one value is required");
    for (const [index, value] of set.entries()) {
      if (isInt64(value)) continue;
      errors.push(invalidText(`values[${index}]`, value, ["for 'Gt', 'Lt' operators, the value must be an integer"]));
    }
  } else if (set.length !== 1) wrongValues("exact-match compatibility requires one single value");
  for (const [index, value] of set.entries()) {
    const messages = checkLabelValue(value);
    if (messages.length > 0) errors.push(invalidText(`values[${index}][${key}]`, value, messages));
  }
  if (errors.length > 0) throw new SelectorError(errors.length === 1 ? errors[0]! : `[${errors.join(", ")}]`);
  return { key, operator, values: set };
}

interface Token {
  readonly type: "word" | "symbol" | "end" | "error";
  readonly text: string;
}

const symbols = new Set([")", ",", "!", "==", "=", ">", "<", "!=", "("]);
const symbolCharacters = "=!(),><";

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
    if (at >= text.length) break;
    const start = at;
    if (symbolCharacters.includes(text[at]!)) {
      const two = text.slice(at, at + 2);
      at += symbols.has(two) ? 2 : 1;
      tokens.push({ type: "symbol", text: text.slice(start, at) });
    } else {
      while (at < text.length && !symbolCharacters.includes(text[at]!) && !" \t\r\n".includes(text[at]!)) at++;
      tokens.push({ type: "word", text: text.slice(start, at) });
    }
  }
  tokens.push({ type: "end", text: "" });
  return tokens;
}

/**
 * Reads the query text of a selector; "" matches everything.
 * @throws SelectorError with Kubernetes' message.
 */
export function parseLabelSelector(text: string): LabelSelector {
  return new Parser(tokenize(text)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  #peek(): Token {
    return this.#tokens[this.#position] ?? { type: "end", text: "" };
  }

  #take(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  parse(): LabelSelector {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.type === "end") break;
      if (token.type !== "word" && token.text !== "!") {
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
        throw error;
      }
      const next = this.#take();
      if (next.type === "end") break;
      if (next.text !== ",") throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.type !== "word" && after.text !== "!") throw new SelectorError(`found '${after.text}', expected: identifier after ','`);
    }
    return sortByKey(requirements);
  }

  #requirement(): LabelRequirement {
    let token = this.#take();
    const absent = token.type === "symbol" && token.text === "!";
    if (absent) token = this.#take();
    if (token.type !== "word") throw new SelectorError(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const messages = checkQualifiedName(key);
    if (messages.length > 0) throw new SelectorError(invalidText("<nil>", key, messages));
    const next = this.#peek();
    if (absent) return checkedRequirement(key, "!", []);
    if (next.type === "end" || next.text === ",") return checkedRequirement(key, "exists", []);
    const operator = this.#operator();
    const values = operator === "in" || operator === "notin" ? this.#values() : [this.#exactValue()];
    return checkedRequirement(key, operator, values);
  }

  #operator(): LabelOperator {
    const { text } = this.#take();
    switch (text) {
      case "in":
      case "notin":
      case "=":
      case "==":
      case "!=":
        return text;
      case ">":
        return "gt";
      case "<":
        return "lt";
      default:
        throw new SelectorError(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  #exactValue(): string {
    const token = this.#peek();
    if (token.type === "end" || token.text === ",") return "";
    this.#position++;
    if (token.type !== "word") throw new SelectorError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** `(x,y)`; an empty place between commas or parentheses is the empty value. */
  #values(): string[] {
    const open = this.#take();
    if (open.text !== "(") throw new SelectorError(`found '${open.text}' expected: '('`);
    const values: string[] = [];
    let wantsValue = true;
    for (;;) {
      const token = this.#take();
      if (token.type === "word") {
        if (!wantsValue) throw new SelectorError(`found '${token.text}', expected: ',' or ')'`);
        values.push(token.text);
        wantsValue = false;
      } else if (token.text === "," || token.text === ")") {
        if (wantsValue) values.push("");
        if (token.text === ")") return values;
        wantsValue = true;
      } else if (values.length === 0) throw new SelectorError(`found '${token.text}', expected: ',', ')' or identifier`);
      else throw new SelectorError(`found '${token.text}', expected: ${wantsValue ? "',', or identifier" : "',' or ')'"}`);
    }
  }
}
