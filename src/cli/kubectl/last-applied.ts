// The annotation in which client-side apply remembers what was applied last.

import type { Item } from "./items.ts";
import { lastAppliedAnnotation } from "./items.ts";
import { formatJson } from "./output/structured.ts";

/** The object with itself, as compact JSON with sorted keys, in the annotation. */
export function withLastApplied(object: Item): Item {
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata?.annotations ?? {};
  const plain = { ...object, metadata: { ...object.metadata, annotations } };
  const remembered = `${formatJson(plain, 0)}\n`;
  return { ...plain, metadata: { ...plain.metadata, annotations: { ...annotations, [lastAppliedAnnotation]: remembered } } };
}

/** What was applied last; undefined when the object was not made by apply, or the annotation is broken. */
export function lastApplied(object: Item): Item | undefined {
  const remembered = object.metadata?.annotations?.[lastAppliedAnnotation];
  if (remembered === undefined) return undefined;
  try {
    return JSON.parse(remembered) as Item;
  } catch {
    return undefined;
  }
}
