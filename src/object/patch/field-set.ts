// Sets of fields, in the form in which managedFields stores them (FieldsV1): a tree whose keys are path elements. An element
// with an empty tree is a member; one with children is a member only if it has the child ".".
//
//   { "f:metadata": { "f:labels": { ".": {}, "f:app": {} } } }   holds metadata.labels and metadata.labels.app
//
// Elements are "f:name" (member of a map), `k:{"name":"a"}` (list element by keys), `v:"x"` (element of a set), "i:0" (by place).
// Sets are never changed once made; operations share what they can.

export interface FieldSet {
  readonly [element: string]: FieldSet;
}
export interface FieldSetDraft {
  [element: string]: FieldSetDraft;
}

/** Marks that the element itself is a member, beside its children. */
export const self = ".";
export const emptyFieldSet: FieldSet = Object.freeze({});
const leaf: FieldSet = emptyFieldSet;

export const isEmptyFieldSet = (set: FieldSet): boolean => {
  for (const _ in set) return false;
  return true;
};

/** Whether the element that holds `node` is a member itself. Not for the root, which never is. */
const isMember = (node: FieldSet): boolean => self in node || isEmptyFieldSet(node);

export const fieldElement = (name: string): string => `f:${name}`;
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;
/** `keys` in any order; written sorted by name. */
export function keyElement(keys: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(keys).sort();
  return `k:{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(keys[name])}`).join(",")}}`;
}

/** A set of these paths, each a list of elements. */
export function fieldSetOf(paths: Iterable<readonly string[]>): FieldSet {
  const root: FieldSetDraft = {};
  for (const path of paths) addPath(root, path);
  return root;
}

/** Adds a member to a set that is being built. */
function addPath(root: FieldSetDraft, path: readonly string[]): void {
  let node = root;
  for (const [depth, element] of path.entries()) {
    const last = depth === path.length - 1;
    const child = node[element];
    if (child === undefined) node = node[element] = {};
    else {
      if (last ? !isMember(child) : isEmptyFieldSet(child)) child[self] = {};
      node = child;
    }
  }
}

export function unionOf(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptyFieldSet(b)) return a;
  if (isEmptyFieldSet(a)) return b;
  const result: FieldSetDraft = {};
  for (const element in a) {
    const inA = a[element]!;
    const inB = b[element];
    result[element] = (inB === undefined || inB === inA ? inA : unionOfNodes(inA, inB)) as FieldSetDraft;
  }
  for (const element in b) if (!(element in a)) result[element] = b[element] as FieldSetDraft;
  return result;
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptyFieldSet(a)) return isEmptyFieldSet(b) || self in b ? b : { [self]: leaf, ...b };
  if (isEmptyFieldSet(b)) return self in a ? a : { [self]: leaf, ...a };
  return unionOf(a, b);
}

/** A node from its membership and children; undefined when nothing is left of it. */
function nodeOf(member: boolean, children: FieldSetDraft): FieldSet | undefined {
  if (isEmptyFieldSet(children)) return member ? leaf : undefined;
  return member ? { [self]: leaf, ...children } : children;
}

type Combine = (inA: FieldSet, inB: FieldSet | undefined) => FieldSet | undefined;

function combineChildren(a: FieldSet, b: FieldSet, combine: Combine): FieldSetDraft {
  const result: FieldSetDraft = {};
  for (const element in a) {
    if (element === self) continue;
    const kept = combine(a[element]!, b[element]);
    if (kept !== undefined) result[element] = kept as FieldSetDraft;
  }
  return result;
}

const differenceOfNodes: Combine = (a, b) => {
  if (b === undefined) return a;
  return nodeOf(isMember(a) && !isMember(b), combineChildren(a, b, differenceOfNodes));
};
const intersectionOfNodes: Combine = (a, b) => {
  if (b === undefined) return undefined;
  if (a === b) return a;
  return nodeOf(isMember(a) && isMember(b), combineChildren(a, b, intersectionOfNodes));
};
const recursiveDifferenceOfNodes: Combine = (a, b) => {
  if (b === undefined) return a;
  if (isMember(b)) return undefined;
  return nodeOf(isMember(a), combineChildren(a, b, recursiveDifferenceOfNodes));
};

/** Members of `a` that are not members of `b`. */
export const differenceOf = (a: FieldSet, b: FieldSet): FieldSet => (isEmptyFieldSet(b) ? a : combineChildren(a, b, differenceOfNodes));
/** Members of both. */
export const intersectionOf = (a: FieldSet, b: FieldSet): FieldSet => combineChildren(a, b, intersectionOfNodes);
/** Members of `a` that neither are members of `b` nor lie below one. */
export const recursiveDifferenceOf = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmptyFieldSet(b) ? a : combineChildren(a, b, recursiveDifferenceOfNodes);

export function equalFieldSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  for (const element in a) {
    const inB = b[element];
    if (inB === undefined) return false;
    const inA = a[element]!;
    if (element !== self && isMember(inA) !== isMember(inB)) return false;
    if (!equalFieldSets(inA, inB)) return false;
  }
  for (const element in b) if (!(element in a)) return false;
  return true;
}

/** All members' paths, in order. */
export function* pathsOf(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[], undefined> {
  for (const element of Object.keys(set).sort(compareElements)) {
    if (element === self) continue;
    const path = [...prefix, element];
    if (isMember(set[element]!)) yield path;
    yield* pathsOf(set[element]!, path);
  }
}

/** The set with its elements in the order in which Kubernetes writes them: itself, fields, keys, values, places. */
export function sortFieldSet(set: FieldSet): FieldSet {
  const sorted: FieldSetDraft = {};
  for (const element of Object.keys(set).sort(compareElements)) sorted[element] = sortFieldSet(set[element]!) as FieldSetDraft;
  return sorted;
}

const ranks: Readonly<Record<string, number>> = { ".": 0, f: 1, k: 2, v: 3, i: 4 };

function compareElements(a: string, b: string): number {
  const rank = ranks[a[0]!]! - ranks[b[0]!]!;
  if (rank !== 0) return rank;
  if (a.startsWith("f:")) return a < b ? -1 : a > b ? 1 : 0;
  if (a.startsWith("i:")) return Number(a.slice(2)) - Number(b.slice(2));
  if (a === self) return 0;
  return compareValues(parseElement(a), parseElement(b));
}

const parseElement = (element: string): unknown => JSON.parse(element.slice(2));

/** Numbers before texts before booleans; objects by name, then value, member for member. */
function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
    const left = Object.entries(a);
    const right = Object.entries(b);
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const [leftName, leftValue] = left[i]!;
      const [rightName, rightValue] = right[i]!;
      if (leftName !== rightName) return leftName < rightName ? -1 : 1;
      const order = compareValues(leftValue, rightValue);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  }
  if (typeof a !== typeof b) return typeRank(a) - typeRank(b);
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}
const typeRank = (value: unknown): number => ["number", "string", "boolean"].indexOf(typeof value);

/** `.spec.containers[name="web"].image` */
export function formatPath(path: readonly string[]): string {
  return path
    .map((element) => {
      const value = element.slice(2);
      if (element.startsWith("f:")) return `.${value}`;
      if (element.startsWith("i:")) return `[${value}]`;
      if (element.startsWith("v:")) return `[=${value}]`;
      const keys = Object.entries(JSON.parse(value) as Record<string, unknown>);
      return `[${keys.map(([name, key]) => `${name}=${JSON.stringify(key)}`).join(",")}]`;
    })
    .join("");
}

/** Deepest tree that is read from a client; deeper than any object may be. */
const maxDepth = 1024;

/**
 * Reads FieldsV1 from an untrusted object.
 * @returns undefined when it is none.
 */
export function parseFieldSet(value: unknown, depth = 0): FieldSet | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || depth > maxDepth) return undefined;
  const set: FieldSetDraft = {};
  for (const [element, child] of Object.entries(value)) {
    if (element !== self && !isElement(element)) return undefined;
    const parsed = parseFieldSet(child, depth + 1);
    if (parsed === undefined) return undefined;
    // A lone "." is the same as nothing.
    set[element] = (Object.keys(parsed).length === 1 && self in parsed ? {} : parsed) as FieldSetDraft;
  }
  return set;
}

function isElement(element: string): boolean {
  if (element.startsWith("f:")) return true;
  if (element.startsWith("i:")) return /^i:[0-9]+$/.test(element);
  if (!element.startsWith("k:") && !element.startsWith("v:")) return false;
  try {
    const value = parseElement(element);
    return element.startsWith("v:") || (typeof value === "object" && value !== null && !Array.isArray(value));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
