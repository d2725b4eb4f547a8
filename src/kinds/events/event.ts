// Event of events.k8s.io: the newer face of the events that core/v1 serves too.

import type { Event as CoreEvent } from "../core/types.gen.ts";
import type { Event } from "./types.gen.ts";
import { validateEvent, validateStrictEvent, validateStrictEventUpdate } from "../core/event-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { event as coreEvent, eventColumns, eventKind, eventTtlMs } from "../core/event.ts";
import { eventSource } from "../core/event.ts";
import { objectReference } from "../core/references.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, int32, microTime, pointer, requiredField, string, struct, time } from "../../object/schema.ts";

export const eventSeries = struct("events.v1.EventSeries", "Repetition of an event.", {
  count: requiredField(1, int32, "How often it happened in this series."),
  lastObservedTime: requiredField(2, microTime, "When it happened last."),
});

export const event = struct("events.v1.Event", "Something that happened to an object; kept for an hour.", {
  ...typeMeta,
  metadata: objectMetadata,
  eventTime: requiredField(2, microTime, "When it first happened."),
  series: pointer(3, eventSeries, "Repetition, if it repeats."),
  reportingController: field(4, string, "Name of the controller that reported it."),
  reportingInstance: field(5, string, "Which instance of that controller."),
  action: field(6, string, "What was done or failed."),
  reason: field(7, string, "Why, in one CamelCase word."),
  regarding: field(8, objectReference, "The object it is about."),
  related: pointer(9, objectReference, "Second object that takes part in it."),
  note: field(10, string, "What happened, for people."),
  type: field(11, string, "Normal or Warning."),
  deprecatedSource: field(12, eventSource, "source of the older form."),
  deprecatedFirstTimestamp: field(13, time, "firstTimestamp of the older form."),
  deprecatedLastTimestamp: field(14, time, "lastTimestamp of the older form."),
  deprecatedCount: field(15, int32, "count of the older form."),
});

/** The stored, older form of an event. */
export function eventToCore(event: Event): CoreEvent {
  const {
    regarding,
    note,
    reportingController,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...same
  } = event;
  return present({
    ...same,
    apiVersion: "v1",
    kind: "Event",
    involvedObject: regarding ?? {},
    message: note,
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController,
  }) as CoreEvent;
}

/** The newer form of a stored event. */
export function eventFromCore(event: CoreEvent): Event {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...same } = event;
  return present({
    ...same,
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    regarding: involvedObject,
    note: message,
    deprecatedSource: source ?? {},
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
    reportingController: reportingComponent,
  }) as Event;
}

const present = (fields: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Tables are made of either form. */
const asCore = (object: CoreEvent | Event): CoreEvent => ("involvedObject" in object ? object : eventToCore(object as Event));

const stored = eventKind.selectableFields!;

/**
 * The same stored objects as core/v1's events: only the names of fields differ. The version that is stored is the older
 * form, which this group does not serve.
 */
export const eventsEventKind = defineKind<CoreEvent>({
  group: "events.k8s.io",
  kind: "Event",
  plural: "events",
  singular: "event",
  shortNames: ["ev"],
  namespaced: true,
  versions: [
    {
      name: "v1",
      schema: event,
      served: true,
      toStorage: (object) => eventToCore(object as Event),
      fromStorage: (object) => eventFromCore(object as CoreEvent),
    },
    { name: "core/v1", schema: coreEvent, served: false },
  ],
  storageVersion: "core/v1",
  storagePrefix: "events",
  columns: eventColumns.map((column) => ({ ...column, value: (object, context) => column.value(asCore(object), context) })),
  selectableFields: {
    ...Object.fromEntries(
      Object.entries(stored)
        .filter(([name]) => name.startsWith("involvedObject."))
        .map(([name, value]) => [name.replace("involvedObject", "regarding"), value]),
    ),
    reason: stored["reason"]!,
    reportingController: stored["reportingComponent"]!,
    type: stored["type"]!,
  },
  rules: {
    createOnUpdate: true,
    objectTtlMs: eventTtlMs,
    validate: (object, { old }) => [...validateEvent(object), ...(old === undefined ? validateStrictEvent(object) : [])],
    validateUpdate: validateStrictEventUpdate,
  },
});
