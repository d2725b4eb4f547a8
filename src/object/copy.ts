// Copying, freezing and comparing API objects. Objects in the store and in caches are frozen; a writer starts from a clone.

import type { Draft } from "./kind.ts";

/**
 * A writable deep copy of a plain JSON value. A `__proto__` key is left out: assigning it would change the copy's prototype.
 */
export function clone<T>(value: T): Draft<T> {
  return copyOf(value) as Draft<T>;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const length = value.length;
    const copy: unknown[] = Array.from({ length });
    for (let i = 0; i < length; i++) copy[i] = copyOf(value[i]);
    return copy;
  }
  const source = value as Record<string, unknown>;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(source)) {
    const member = source[name];
    if (member !== undefined && name !== "__proto__") copy[name] = copyOf(member);
  }
  return copy;
}

/** Freezes a plain JSON value and everything in it, stopping at what is frozen already; returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

/** Equal as API values: the order of keys does not matter, and absent, undefined and null are the same. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === undefined || a === null) return b === undefined || b === null;
  if (b === undefined || b === null) return false;
  if (typeof a !== "object" || typeof b !== "object") return a !== a && b !== b;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false;
    return true;
  }
  return !Array.isArray(b) && equalMembers(a as Record<string, unknown>, b as Record<string, unknown>);
}

function equalMembers(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let present = 0;
  for (const name of Object.keys(a)) {
    const member = a[name];
    if (member === undefined || member === null) continue;
    present++;
    if (!Object.hasOwn(b, name) || !deepEqual(member, b[name])) return false;
  }
  for (const name of Object.keys(b)) {
    const member = b[name];
    if (member !== undefined && member !== null) present--;
  }
  return present === 0;
}
