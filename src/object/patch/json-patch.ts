// JSON patch (RFC 6902). Every step of every pointer looks at own members only, so that no patch reaches a prototype, and
// says what Kubernetes says when it leads nowhere.

import { clone, deepEqual } from "../copy.ts";
import { StatusError } from "../status.ts";
import type { JsonMap } from "./member-type.ts";
import { isMap } from "./member-type.ts";
import { malformedPatch, unfittingPatch } from "./patch-error.ts";

const maxOperations = 10_000;
/** How many bytes of JSON all copy operations of one patch may add. */
const maxCopiedBytes = 3 * 1024 * 1024;

export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

/**
 * The document after all operations, or none. `document` may be frozen and is not changed; `operations` is what the body held.
 * @throws StatusError BadRequest for what is no patch, RequestEntityTooLarge beyond the limits, Invalid where it does not fit.
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    const found = operations === null ? "null" : typeof operations;
    throw malformedPatch(`json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`);
  }
  if (operations.length > maxOperations) {
    throw new StatusError(
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    );
  }
  const run = new Run(clone(document));
  for (const operation of operations) run.apply(readOperation(operation));
  return run.root;
}

function readOperation(operation: unknown): JsonPatchOperation {
  if (!isMap(operation)) throw malformedPatch("json: cannot unmarshal a JSON patch operation that is no object");
  const { op, path, from } = operation;
  if (typeof path !== "string") throw unfittingPatch("operation missing path field");
  switch (op) {
    case "add":
    case "replace":
    case "test":
      return { op, path, value: operation["value"] ?? null };
    case "remove":
      return { op, path };
    case "move":
    case "copy":
      if (typeof from !== "string") throw unfittingPatch(`${op} operation missing from field`);
      return { op, path, from };
    default:
      throw unfittingPatch(`Unexpected kind: ${typeof op === "string" ? op : "unknown"}`);
  }
}

type Container = JsonMap | unknown[];

class Run {
  root: unknown;
  #copiedBytes = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  apply(operation: JsonPatchOperation): void {
    const { path } = operation;
    switch (operation.op) {
      case "add":
        return this.#add(path, clone(operation.value), "add");
      case "remove":
        this.#remove(path, "remove");
        return;
      case "replace":
        if (this.#get(path, "replace") === undefined)
          throw unfittingPatch(`replace operation does not apply: doc is missing key: ${path}: missing value`);
        return this.#set(path, clone(operation.value));
      case "move": {
        if (operation.from === path) {
          this.#require(path, "move");
          return;
        }
        if (path.startsWith(`${operation.from}/`))
          throw unfittingPatch(`error in move for path: '${path}': a value cannot be moved into itself`);
        return this.#add(path, this.#remove(operation.from, "move"), "move");
      }
      case "copy": {
        const value = this.#require(operation.from, "copy");
        this.#copiedBytes += JSON.stringify(value).length;
        if (this.#copiedBytes > maxCopiedBytes) {
          throw new StatusError(
            "RequestEntityTooLarge",
            `Unable to complete the copy, the accumulated size increase of copy is ${this.#copiedBytes}, exceeding the limit ${maxCopiedBytes}`,
          );
        }
        return this.#add(path, clone(value), "copy");
      }
      case "test": {
        const value = this.#get(path, "test");
        // A missing member passes a test for null.
        if (!deepEqual(value ?? null, operation.value)) throw unfittingPatch(`testing value ${path} failed: test failed`);
      }
    }
  }

  /** The container that holds the last step of `path`, and that step. Undefined when the way there is missing. */
  #locate(path: string): { container: Container; name: string } | undefined {
    const steps = parsePointer(path);
    const name = steps.pop()!;
    let value = this.root;
    for (const step of steps) {
      const next = member(value, step);
      if (next === undefined || next === null) return undefined;
      value = next;
    }
    return isMap(value) || Array.isArray(value) ? { container: value, name } : undefined;
  }

  #get(path: string, op: string): unknown {
    if (path === "") return this.root;
    const found = this.#locate(path);
    if (found === undefined) {
      if (op === "test") return undefined;
      throw missingPath(op, path);
    }
    return member(found.container, found.name);
  }

  #require(path: string, op: "move" | "copy"): unknown {
    const value = this.#get(path, op);
    if (value === undefined) throw missingPath(op, path);
    return value;
  }

  #add(path: string, value: unknown, op: string): void {
    if (path === "") {
      this.root = value;
      return;
    }
    const found = this.#locate(path);
    if (found === undefined) throw missingPath(op, path);
    const { container, name } = found;
    if (!Array.isArray(container)) assign(container, name, value);
    else {
      const position = name === "-" ? container.length : index(name, container.length, path, op);
      container.splice(position, 0, value);
    }
  }

  #set(path: string, value: unknown): void {
    if (path === "") {
      this.root = value;
      return;
    }
    const { container, name } = this.#locate(path)!;
    if (Array.isArray(container)) container[index(name, container.length - 1, path, "replace")] = value;
    else assign(container, name, value);
  }

  #remove(path: string, op: string): unknown {
    if (path === "") throw unfittingPatch(`error in ${op} for path: '': the whole document cannot be removed`);
    const found = this.#locate(path);
    if (found === undefined) throw missingPath(op, path);
    const { container, name } = found;
    if (Array.isArray(container)) return container.splice(index(name, container.length - 1, path, op), 1)[0];
    if (!Object.hasOwn(container, name)) {
      throw unfittingPatch(`error in ${op} for path: '${path}': Unable to remove nonexistent key: ${name}: missing value`);
    }
    const value = container[name];
    delete container[name];
    return value;
  }
}

const missingPath = (op: string, path: string): StatusError =>
  unfittingPatch(
    `${op} operation does not apply: doc is missing ${op === "move" || op === "copy" ? "from path" : "path"}: "${path}": missing value`,
  );

function parsePointer(path: string): string[] {
  if (!path.startsWith("/")) throw unfittingPatch(`invalid JSON pointer: ${JSON.stringify(path)}`);
  return path
    .slice(1)
    .split("/")
    .map((step) => (step.includes("~") ? step.replaceAll("~1", "/").replaceAll("~0", "~") : step));
}

function member(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9][0-9]{0,9})$/.test(step) ? value[Number(step)] : undefined;
  return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function assign(container: JsonMap, name: string, value: unknown): void {
  if (name === "__proto__") throw unfittingPatch('the key "__proto__" is not allowed');
  container[name] = value;
}

function index(step: string, highest: number, path: string, op: string): number {
  const position = /^(0|[1-9][0-9]{0,9})$/.test(step) ? Number(step) : Number.NaN;
  if (Number.isNaN(position)) throw unfittingPatch(`error in ${op} for path: '${path}': invalid array index: ${JSON.stringify(step)}`);
  if (position > highest)
    throw unfittingPatch(`error in ${op} for path: '${path}': Unable to access invalid index: ${position}: invalid index referenced`);
  return position;
}
