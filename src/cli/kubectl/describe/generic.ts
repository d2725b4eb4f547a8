// Any kind that has no description of its own: all its fields, titled in words.

import type { Item } from "../items.ts";
import type { Description, DescribeContext } from "./description.ts";
import { describeEvents } from "./description.ts";

type Fields = Readonly<Record<string, unknown>>;
const skipped = new Set(["metadata.managedFields", "metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations"]);
const acronyms = new Set(["API", "URL", "UID", "OSB", "GUID"]);

export async function describeGeneric(text: Description, object: Item, context: DescribeContext): Promise<void> {
  const { metadata } = object;
  text.line(`Name:\t${metadata?.name ?? ""}`).line(`Namespace:\t${metadata?.namespace ?? ""}`);
  text.pairs("Labels", metadata?.labels).annotations("Annotations", metadata?.annotations);
  describeFields(text, object, "", "");
  await describeEvents(text, object, context);
}

function describeFields(text: Description, fields: Fields, path: string, indent: string): void {
  for (const name of Object.keys(fields).toSorted()) {
    const value = fields[name];
    const here = path === "" ? name : `${path}.${name}`;
    if (skipped.has(here)) continue;
    if (Array.isArray(value)) {
      text.line(`${indent}${titleOf(name)}:`);
      for (const item of value as readonly unknown[]) {
        if (isMap(item)) describeFields(text, item, here, `${indent}  `);
        else text.line(`${indent}  ${String(item)}`);
      }
    } else if (isMap(value)) {
      text.line(`${indent}${titleOf(name)}:`);
      describeFields(text, value, here, `${indent}  `);
    } else text.line(`${indent}${titleOf(name)}:\t${value === null ? "<nil>" : String(value as string)}`);
  }
}

const isMap = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** "Creation Timestamp" of "creationTimestamp". */
function titleOf(field: string): string {
  const words = field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^A-Za-z0-9_]+/g) ?? [field];
  return words
    .map((word) => (acronyms.has(word.toUpperCase()) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(" ");
}
