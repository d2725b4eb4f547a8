// Event in its older form. One stored object with events.k8s.io's newer form; see events/event.ts.

import type { Event, EventSource } from "./types.gen.ts";
import { validateEvent } from "./event-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { countColumn, nameColumn, textColumn, unknown, wide } from "../columns.ts";
import { humanDuration } from "../../lang/human-duration.ts";
import type { Column } from "../../object/kind.ts";
import { objectReference } from "./references.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, int32, microTime, pointer, requiredField, string, struct, time } from "../../object/schema.ts";

export const eventSource = struct("core.v1.EventSource", "Who reported an event.", {
  component: field(1, string, "Name of the component."),
  host: field(2, string, "Node it runs on."),
});

export const eventSeries = struct("core.v1.EventSeries", "Repetition of an event.", {
  count: field(1, int32, "How often it happened in this series."),
  lastObservedTime: field(2, microTime, "When it happened last."),
});

export const event = struct("core.v1.Event", "Something that happened to an object; kept for an hour.", {
  ...typeMeta,
  metadata: { ...objectMetadata, required: true },
  involvedObject: requiredField(2, objectReference, "The object it is about."),
  reason: field(3, string, "Why, in one CamelCase word."),
  message: field(4, string, "What happened, for people."),
  source: field(5, eventSource, "Who reported it, in the older form."),
  firstTimestamp: field(6, time, "When it was first recorded."),
  lastTimestamp: field(7, time, "When it was last recorded."),
  count: field(8, int32, "How often it happened."),
  type: field(9, string, "Normal or Warning."),
  eventTime: field(10, microTime, "When it first happened, to the microsecond."),
  series: pointer(11, eventSeries, "Repetition, if it repeats."),
  action: field(12, string, "What was done or failed."),
  related: pointer(13, objectReference, "Second object that takes part in it."),
  reportingComponent: field(14, string, "Name of the controller that reported it.", { always: true }),
  reportingInstance: field(15, string, "Which instance of that controller.", { always: true }),
});

/** Events are forgotten an hour after they last changed. */
export const eventTtlMs = 3_600_000;

/** How long ago; the first of the times that is set. */
function since(now: number, ...times: readonly (string | null | undefined)[]): string {
  const time = times.find((one) => one !== undefined && one !== null && one !== "");
  return time === undefined || time === null ? unknown : humanDuration(now - Date.parse(time));
}

function sourceText(source: EventSource | undefined, controller: string | undefined, instance: string | undefined): string {
  const component = source?.component || controller || "";
  const host = source?.host || instance || "";
  return host === "" ? component : `${component}, ${host}`;
}

/** Columns of the older form. The newer one converts before it prints. */
export const eventColumns: readonly Column<Event>[] = [
  textColumn("Last Seen", "Time since it happened last.", (object, { now }) =>
    object.series === undefined
      ? since(now, object.lastTimestamp, object.firstTimestamp, object.eventTime)
      : since(now, object.series.lastObservedTime),
  ),
  textColumn("Type", "Normal or Warning.", (object) => object.type ?? ""),
  textColumn("Reason", "Why, in one word.", (object) => object.reason ?? ""),
  textColumn("Object", "The object it is about.", ({ involvedObject }) => {
    const kind = (involvedObject.kind ?? "").toLowerCase();
    return involvedObject.name ? `${kind}/${involvedObject.name}` : kind;
  }),
  wide(textColumn("Subobject", "Which part of the object.", (object) => object.involvedObject.fieldPath ?? "")),
  wide(
    textColumn("Source", "Who reported it.", (object) => sourceText(object.source, object.reportingComponent, object.reportingInstance)),
  ),
  textColumn("Message", "What happened.", (object) => (object.message ?? "").trim()),
  wide(textColumn("First Seen", "Time since it happened first.", (object, { now }) => since(now, object.firstTimestamp, object.eventTime))),
  wide(countColumn("Count", "How often it happened.", (object) => object.series?.count ?? (object.count || 1))),
  wide(nameColumn),
];

const about = (name: keyof NonNullable<Event["involvedObject"]>) => (object: Event) => object.involvedObject[name] ?? "";

export const eventKind = defineKind<Event>({
  group: "",
  kind: "Event",
  plural: "events",
  singular: "event",
  shortNames: ["ev"],
  namespaced: true,
  versions: [{ name: "v1", schema: event, served: true }],
  storageVersion: "v1",
  storagePrefix: "events",
  columns: eventColumns,
  selectableFields: {
    "involvedObject.kind": about("kind"),
    "involvedObject.namespace": about("namespace"),
    "involvedObject.name": about("name"),
    "involvedObject.uid": about("uid"),
    "involvedObject.apiVersion": about("apiVersion"),
    "involvedObject.resourceVersion": about("resourceVersion"),
    "involvedObject.fieldPath": about("fieldPath"),
    reason: (object) => object.reason ?? "",
    reportingComponent: (object) => object.reportingComponent ?? "",
    source: (object) => object.source?.component || object.reportingComponent || "",
    type: (object) => object.type ?? "",
  },
  rules: { createOnUpdate: true, objectTtlMs: eventTtlMs, validate: validateEvent },
});
