import { expect, test } from "vitest";
import type { Kind } from "./kind.ts";
import { KindRegistry } from "./kind-registry.ts";
import { struct } from "./schema.ts";

const schema = struct("x.v1.X", "", {});
const kindOf = (group: string, kind: string, plural: string, more: Partial<Kind> = {}): Kind => ({
  group,
  kind,
  plural,
  singular: kind.toLowerCase(),
  namespaced: true,
  versions: [
    { name: "v1", schema, served: true },
    { name: "v1beta1", schema, served: false },
  ],
  storageVersion: "v1",
  ...more,
});
const pod = kindOf("", "Pod", "pods", { shortNames: ["po"] });
const event = kindOf("", "Event", "events", { shortNames: ["ev"] });
const newEvent = kindOf("events.k8s.io", "Event", "events", { shortNames: ["ev"] });

test("kinds are found by resource and by kind, at served versions only", () => {
  const kinds = new KindRegistry([pod, event, newEvent]);
  expect(kinds.byResource("", "v1", "pods")).toBe(pod);
  expect(kinds.byResource("", "v1beta1", "pods")).toBeUndefined();
  expect(kinds.byKind("events.k8s.io", "v1", "Event")).toBe(newEvent);
  expect(kinds.byKind("", "v1", "pods ")).toBeUndefined();
  expect(kinds.byGroupResource("", "pods")).toBe(pod);
  expect(kinds.all()).toEqual([pod, event, newEvent]);
  expect(kinds.served().map(({ kind, version }) => `${kind.plural} ${version.name}`)).toEqual(["pods v1", "events v1", "events v1"]);
});

test("people may say it in many ways", () => {
  const kinds = new KindRegistry([pod, event, newEvent]);
  for (const word of ["po", "pods", "Pod", "pod"]) expect(kinds.named(word)).toEqual([pod]);
  expect(kinds.named("ev")).toEqual([event, newEvent]);
  expect(kinds.named("events.events.k8s.io")).toEqual([newEvent]);
  expect(kinds.named("event.v1.events.k8s.io")).toEqual([newEvent]);
  expect(kinds.named("nothing")).toEqual([]);
});

test("changes are told until nobody listens", () => {
  const kinds = new KindRegistry([pod]);
  const told: string[] = [];
  const listening = kinds.onChange(({ type, kind }) => told.push(`${type} ${kind.plural} ${kind.group}`));
  kinds.add(newEvent);
  kinds.add(newEvent);
  const replaced = kindOf("events.k8s.io", "Event", "events");
  kinds.add(replaced);
  expect(kinds.byResource("events.k8s.io", "v1", "events")).toBe(replaced);
  expect(kinds.remove("events.k8s.io", "events")).toBe(true);
  expect(kinds.remove("events.k8s.io", "events")).toBe(false);
  expect(kinds.byKind("events.k8s.io", "v1", "Event")).toBeUndefined();
  const before = kinds.generation;
  listening[Symbol.dispose]();
  kinds.add(event);
  expect(kinds.generation).toBe(before + 1);
  expect(told).toEqual([
    "added events events.k8s.io",
    "removed events events.k8s.io",
    "added events events.k8s.io",
    "removed events events.k8s.io",
  ]);
});

test("a kind without its storage version is a bug", () => {
  expect(() => new KindRegistry([kindOf("", "Bad", "bads", { storageVersion: "v2" })])).toThrow("no version v2");
});
