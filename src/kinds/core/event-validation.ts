// Events, in both forms of the API. core/v1 stays as lenient as it was; events.k8s.io asks for what a good event has. Both are
// checked in core/v1's form, which is the one that is stored.

import { checkDns1123Subdomain, checkQualifiedName, utf8Length } from "../../lang/names.ts";
import { invalidValue, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { deepEqual } from "../../object/copy.ts";
import { invalidEach, validateImmutable } from "../checks.ts";
import type { Event } from "./types.gen.ts";

const longestInstance = 128;
const longestAction = 128;
const longestReason = 128;
const longestNote = 1024;

/** Rules of core/v1; events without eventTime are of the oldest form. */
export function validateEvent(event: Event): FieldError[] {
  const namespace = event.metadata.namespace ?? "";
  return [
    ...(event.eventTime ? validateTimed(event, namespace) : validateUntimed(event, namespace)),
    ...invalidEach("namespace", namespace, checkDns1123Subdomain(namespace)),
  ];
}

const elsewhere = (event: Event): FieldError =>
  invalidValue("involvedObject.namespace", event.involvedObject.namespace ?? "", "does not match event.namespace");

/** An event is where its object is; one about an object without a namespace is in "default". */
function validateUntimed(event: Event, namespace: string): FieldError[] {
  const place = event.involvedObject.namespace ?? "";
  const fits = place === "" ? namespace === "" || namespace === "default" : place === namespace;
  return fits ? [] : [elsewhere(event)];
}

function validateTimed(event: Event, namespace: string): FieldError[] {
  const { reportingComponent = "", reportingInstance = "", action = "", reason = "", message = "" } = event;
  const homeless = !event.involvedObject.namespace && namespace !== "default" && namespace !== "kube-system";
  const text = (field: string, value: string, longest: number, needed = true): FieldError[] => [
    ...(needed && value === "" ? [required(field)] : []),
    ...(utf8Length(value) > longest ? [invalidValue(field, "", `can have at most ${longest} characters`)] : []),
  ];
  return [
    ...(homeless ? [elsewhere(event)] : []),
    ...(reportingComponent === "" ? [required("reportingController")] : []),
    ...invalidEach("reportingController", reportingComponent, checkQualifiedName(reportingComponent)),
    ...text("reportingInstance", reportingInstance, longestInstance),
    ...text("action", action, longestAction),
    ...text("reason", reason, longestReason),
    ...text("message", message, longestNote, false),
  ];
}

/** Rules of events.k8s.io/v1 for a new event, beyond those of core/v1. */
export function validateStrictEvent(event: Event): FieldError[] {
  const unset = (field: string, value: unknown): FieldError[] => (value ? [invalidValue(field, "", "needs to be unset")] : []);
  const { type = "", source = {} } = event;
  return [
    ...validateSeries(event),
    ...(event.eventTime ? [] : [required("eventTime")]),
    ...(type === "Normal" || type === "Warning" ? [] : [invalidValue("type", "", `has invalid value: ${type}`)]),
    ...unset("firstTimestamp", event.firstTimestamp),
    ...unset("lastTimestamp", event.lastTimestamp),
    ...unset("count", event.count),
    ...unset("source", source.component ?? source.host),
  ];
}

function validateSeries({ series }: Event): FieldError[] {
  if (series === undefined) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalidValue("series.count", "", "should be at least 2")] : []),
    ...(series.lastObservedTime ? [] : [required("series.lastObservedTime")]),
  ];
}

const fixed = [
  ["involvedObject", "involvedObject"],
  ["reason", "reason"],
  ["message", "message"],
  ["source", "source"],
  ["firstTimestamp", "firstTimestamp"],
  ["lastTimestamp", "lastTimestamp"],
  ["count", "count"],
  ["type", "type"],
  ["eventTime", "eventTime"],
  ["action", "action"],
  ["related", "related"],
  ["reportingComponent", "reportingController"],
  ["reportingInstance", "reportingInstance"],
] as const;

/** Through events.k8s.io/v1 only the series of an event grows. */
export const validateStrictEventUpdate = (event: Event, old: Event): FieldError[] => [
  ...(deepEqual(event.series, old.series) ? [] : validateSeries(event)),
  ...fixed.flatMap(([name, field]) => validateImmutable(field, event[name], old[name])),
];
