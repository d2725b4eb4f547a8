// kubectl's JSONPath templates: text with `{...}` actions, as `-o jsonpath`, `--sort-by`, custom columns and `wait` take them.
// Reading is in jsonpath-parse.ts; here templates are evaluated against data.

import type { JsonPathNode, JsonPathStep, Operand } from "./jsonpath-parse.ts";
import { JsonPathError, parseTemplate } from "./jsonpath-parse.ts";

export interface JsonPath {
  readonly nodes: readonly JsonPathNode[];
}

export interface JsonPathOptions {
  /** A member that is not there gives nothing instead of an error. */
  readonly allowMissingKeys?: boolean;
}

/** Reads a template. @throws JsonPathError */
export const parseJsonPath = (template: string): JsonPath => ({ nodes: parseTemplate(template) });

/**
 * `x.y`, `.x.y`, `{x.y}` and `{.x.y}` all as `{.x.y}`: how flags that take one field may write it.
 * @throws JsonPathError
 */
export function relaxedJsonPath(text: string): string {
  const match = /^(?:\{\.?([^{}]+)\}|\.?([^{}]+))$/.exec(text);
  if (match === null) {
    throw new JsonPathError(`unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`);
  }
  return `{.${match[1] ?? match[2]!}}`;
}

/** The text that the template makes of `data`. @throws JsonPathError */
export function printJsonPath(path: JsonPath, data: unknown, options: JsonPathOptions = {}): string {
  return new Evaluation(data, options).print(path.nodes, data);
}

/** All values that the template's actions give, in order. @throws JsonPathError */
export function findJsonPath(path: JsonPath, data: unknown, options: JsonPathOptions = {}): unknown[] {
  const evaluation = new Evaluation(data, options);
  return path.nodes.flatMap((node) => (node.type === "path" ? evaluation.walk(node.steps, data) : []));
}

/** More values than any use has; `..` upon `..` would make them without end. */
const maxResults = 1_000_000;

type Members = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Members => typeof value === "object" && value !== null && !Array.isArray(value);

class Evaluation {
  readonly #root: unknown;
  readonly #allowMissing: boolean;

  constructor(root: unknown, options: JsonPathOptions) {
    this.#root = root;
    this.#allowMissing = options.allowMissingKeys ?? false;
  }

  print(nodes: readonly JsonPathNode[], current: unknown): string {
    let text = "";
    for (const node of nodes) {
      switch (node.type) {
        case "text":
          text += node.text;
          break;
        case "path":
          text += this.walk(node.steps, node.fromRoot ? this.#root : current)
            .map(show)
            .join(" ");
          break;
        case "range":
          for (const item of this.walk(node.steps, node.fromRoot ? this.#root : current)) text += this.print(node.body, item);
          break;
      }
    }
    return text;
  }

  walk(steps: readonly JsonPathStep[], start: unknown, allowMissing = this.#allowMissing): unknown[] {
    let values = [start];
    for (const step of steps) {
      const next: unknown[] = [];
      for (const value of values) this.#step(step, value, next, allowMissing);
      if (next.length > maxResults) throw new JsonPathError(`more than ${maxResults} results`);
      values = next;
    }
    return values;
  }

  #step(step: JsonPathStep, value: unknown, into: unknown[], allowMissing: boolean): void {
    switch (step.type) {
      case "field":
        if (isMap(value) && Object.hasOwn(value, step.name) && value[step.name] !== undefined) into.push(value[step.name]);
        else if (!allowMissing && !step.optional) throw new JsonPathError(`${step.name} is not found`);
        return;
      case "wildcard":
        for (const member of membersOf(value)) into.push(member);
        return;
      case "descend":
        descend(value, into);
        return;
      case "slice":
        if (value === null || value === undefined) return;
        if (!Array.isArray(value)) throw new JsonPathError(`${show(value)} is not array or slice`);
        for (const item of slice(value, step.from, step.to, step.by, step.single)) into.push(item);
        return;
      case "union":
        for (const alternative of step.of) for (const found of this.walk(alternative, value, allowMissing)) into.push(found);
        return;
      case "filter":
        for (const item of membersOf(value)) if (this.#passes(step, item)) into.push(item);
        return;
    }
  }

  #passes(filter: JsonPathStep & { type: "filter" }, item: unknown): boolean {
    const left = this.#operand(filter.left, item);
    if (filter.operator === "exists") return left.length > 0;
    const right = this.#operand(filter.right!, item);
    if (left.length > 1 || right.length > 1) throw new JsonPathError("can only compare one element at a time");
    if (left.length === 0 || right.length === 0) return false;
    return compare(filter.operator, left[0], right[0]);
  }

  #operand(operand: Operand, item: unknown): unknown[] {
    if (operand.type === "literal") return [operand.value];
    return this.walk(operand.steps, operand.fromRoot ? this.#root : item, true);
  }
}

const membersOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : isMap(value) ? Object.values(value) : []);

/** The value itself and everything below it, outermost first. */
function descend(value: unknown, into: unknown[]): void {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    into.push(next);
    if (into.length > maxResults) throw new JsonPathError(`more than ${maxResults} results`);
    for (const member of membersOf(next).toReversed()) waiting.push(member);
  }
}

function slice(items: readonly unknown[], from: number | undefined, to: number | undefined, by: number, single: boolean): unknown[] {
  const { length } = items;
  let start = from ?? 0;
  if (start < 0) start += length;
  if (single) {
    if (start < 0 || start >= length) throw new JsonPathError(`array index out of bounds: index ${from ?? 0}, length ${length}`);
    return [items[start]];
  }
  let end = to ?? length;
  if (end < 0) end += length;
  const result: unknown[] = [];
  for (let i = Math.max(start, 0); i < Math.min(end, length); i += by) result.push(items[i]);
  return result;
}

function compare(operator: string, left: unknown, right: unknown): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const a = left;
  const b = right as typeof left;
  return operator === "<" ? a < b : operator === "<=" ? a <= b : operator === ">" ? a > b : a >= b;
}

/** A value as kubectl prints it: texts bare, maps and lists as JSON. */
function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return JSON.stringify(value);
}
