// Columns that many kinds print alike, as `kubectl get` shows them.

import { age } from "../lang/human-duration.ts";
import type { LabelSelectorObject } from "../lang/label-selector.ts";
import { SelectorError, formatLabelSelector, selectorFromLabels, selectorFromObject } from "../lang/label-selector.ts";
import type { ApiObject, Column } from "../object/kind.ts";

export const none = "<none>";
export const unknown = "<unknown>";

export const nameColumn: Column<any> = {
  name: "Name",
  type: "string",
  format: "name",
  doc: "Name of the object.",
  value: (object: ApiObject) => object.metadata?.name ?? "",
};

export const ageColumn: Column<any> = {
  name: "Age",
  type: "string",
  doc: "Time since the object was created.",
  value: (object: ApiObject, { now }) => age(object.metadata?.creationTimestamp, now),
};

/** A time, where Kubernetes shows no age: a "date" column would be shown as one. */
export const createdAtColumn: Column<any> = {
  name: "Created At",
  type: "string",
  doc: "When the object was created.",
  value: (object: ApiObject) => object.metadata?.creationTimestamp ?? null,
};

/** A column of text that is always shown. */
export const textColumn = <T extends ApiObject>(name: string, doc: string, value: Column<T>["value"]): Column<T> => ({
  name,
  type: "string",
  doc,
  value,
});

/** A column of whole numbers that is always shown. */
export const countColumn = <T extends ApiObject>(name: string, doc: string, value: (object: T) => number): Column<T> => ({
  name,
  type: "integer",
  doc,
  value,
});

/** The same column, shown with `-o wide` only. */
export const wide = <T extends ApiObject>(column: Column<T>): Column<T> => ({ ...column, priority: 1 });

/** "a=b,c=d", or "<none>". */
export const labelsText = (labels: Readonly<Record<string, string>> | undefined): string =>
  formatLabelSelector(selectorFromLabels(labels)) || none;

/** The selector as the query parameter has it; "<none>" when there is none or it is empty. */
export function selectorText(selector: LabelSelectorObject | undefined): string {
  try {
    const parsed = selectorFromObject(selector);
    return (parsed && formatLabelSelector(parsed)) || none;
  } catch (error) {
    if (error instanceof SelectorError) return "<error>";
    throw error;
  }
}

/** The first `limit` of the parts, and how many more there are. */
export const shortList = (parts: readonly string[], limit: number): string =>
  parts.length <= limit ? parts.join(",") : `${parts.slice(0, limit).join(",")} + ${parts.length - limit} more...`;

interface HasTemplate extends ApiObject {
  readonly spec?: {
    readonly selector?: LabelSelectorObject;
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly name?: string; readonly image?: string }[] } };
  };
}

/** What the pods of a workload are made of: shown by every kind that has a pod template. */
export const templateColumns: readonly Column<any>[] = [
  wide(
    textColumn("Containers", "Names of the template's containers.", (object: HasTemplate) =>
      (object.spec?.template?.spec?.containers ?? []).map((container) => container.name ?? "").join(","),
    ),
  ),
  wide(
    textColumn("Images", "Images of the template's containers.", (object: HasTemplate) =>
      (object.spec?.template?.spec?.containers ?? []).map((container) => container.image ?? "").join(","),
    ),
  ),
  wide(textColumn("Selector", "Which pods belong to it.", (object: HasTemplate) => selectorText(object.spec?.selector))),
];
