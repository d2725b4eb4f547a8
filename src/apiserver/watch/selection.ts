// Which objects a list or a watch is about: a key prefix, labels and fields, as one test on a stored version.

import type { FieldSelector } from "../../lang/field-selector.ts";
import { matchesFields, parseFieldSelector, requiredFieldValue } from "../../lang/field-selector.ts";
import type { LabelSelector } from "../../lang/label-selector.ts";
import { matchesLabels, parseLabelSelector, SelectorError } from "../../lang/label-selector.ts";
import type { ApiObject } from "../../object/kind.ts";
import { badRequest } from "../../object/status.ts";
import type { Served } from "../resources.ts";
import { keyOf } from "../resources.ts";
import type { Route } from "./watch-cache.ts";
import type { StoredVersion } from "./stored-version.ts";

export interface Selection {
  /** Keys outside are never looked at. With an exact name it is the whole key. */
  readonly prefix: string;
  /** Only the key that equals the prefix. */
  readonly exact: boolean;
  /** False: everything under the prefix is selected. */
  readonly filtered: boolean;
  matches(version: StoredVersion): boolean;
  /** A field with one wanted value, by which events find their watchers without asking all of them. */
  readonly route?: Route;
}

/** @throws StatusError BadRequest in Kubernetes' words for a bad selector or a field that this kind cannot be selected by. */
export function selectionOf(served: Served, namespace: string, query: URLSearchParams, pathName = ""): Selection {
  let labels: LabelSelector = [];
  let fields: FieldSelector = [];
  try {
    labels = parseLabelSelector(query.get("labelSelector") ?? "");
  } catch (error) {
    throw selectorError(error, "labelSelector");
  }
  try {
    fields = parseFieldSelector(query.get("fieldSelector") ?? "");
  } catch (error) {
    throw selectorError(error, "fieldSelector");
  }
  for (const { field } of fields)
    if (field !== "metadata.name" && field !== "metadata.namespace" && !Object.hasOwn(served.kind.selectableFields ?? {}, field))
      throw unsupportedField(served, field);
  const name = pathName !== "" ? pathName : requiredFieldValue(fields, "metadata.name");
  const only = namespace !== "" ? namespace : (requiredFieldValue(fields, "metadata.namespace") ?? "");
  const exact = name !== undefined && (!served.kind.namespaced || only !== "");
  const prefix = keyOf(served, only, exact ? name : "");
  const filtered = labels.length > 0 || fields.length > 0 || (pathName !== "" && !exact);
  const route = exact ? { field: "key", value: prefix, read: (version: StoredVersion) => version.key } : routeOf(served, fields);
  return {
    prefix,
    exact,
    filtered,
    ...(route && { route }),
    matches: (version) => {
      if (exact ? version.key !== prefix : !version.key.startsWith(prefix)) return false;
      if (!filtered) return true;
      const object = version.object;
      if (labels.length > 0 && !matchesLabels(labels, object.metadata?.labels)) return false;
      return fields.length === 0 || matchesFields(fields, (field) => fieldOf(served, object, field));
    },
  };
}

/** Clients put "Unable to find ..." before it. Kinds that select by fields of their own word it otherwise than those that do not. */
const unsupportedField = ({ kind }: Served, field: string): Error =>
  badRequest(
    kind.selectableFields === undefined
      ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
      : `field label not supported: ${field}`,
  );

function routeOf(served: Served, fields: FieldSelector): Route | undefined {
  const wanted = fields.find(({ field, operator }) => operator === "=" && Object.hasOwn(served.kind.selectableFields ?? {}, field));
  if (!wanted) return undefined;
  const { field, value } = wanted;
  return { field: `${served.kind.group}/${field}`, value, read: (version) => fieldOf(served, version.object, field) };
}

function fieldOf(served: Served, object: ApiObject, field: string): string {
  if (field === "metadata.name") return object.metadata?.name ?? "";
  if (field === "metadata.namespace") return object.metadata?.namespace ?? "";
  return served.kind.selectableFields?.[field]?.(object) ?? "";
}

function selectorError(error: unknown, parameter: string): unknown {
  if (!(error instanceof SelectorError)) return error;
  return badRequest(
    parameter === "labelSelector"
      ? `unable to parse requirement: ${error.message}`.replace("unable to parse requirement: unable to parse", "unable to parse")
      : error.message,
  );
}
