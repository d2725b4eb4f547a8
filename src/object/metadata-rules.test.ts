import { expect, test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { causeMessage } from "./field-error.ts";
import type { ObjectMeta } from "./kind.ts";
import { generateName, validateFieldManager, validateMeta, validateMetaUpdate } from "./metadata-rules.ts";

const pods = { group: "", namespaced: true };
const base: ObjectMeta = { name: "a", namespace: "default" };
const errorsOf = (changes: Partial<ObjectMeta>, kind: Parameters<typeof validateMeta>[0] = pods): string[] =>
  validateMeta(kind, { metadata: { ...base, ...changes } }).map((error) => `${error.field}: ${causeMessage(error)}`);
const updateErrors = (next: Partial<ObjectMeta>, old: Partial<ObjectMeta>): string[] =>
  validateMetaUpdate(pods, { metadata: { ...base, ...next } }, { metadata: { ...base, ...old } }).map(
    (error) => `${error.field}: ${causeMessage(error)}`,
  );
const owner = (name: string, controller?: boolean) => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  name,
  uid: name,
  ...(controller && { controller }),
});

test("sound metadata has no errors", () => {
  expect(
    errorsOf({
      generateName: "web-",
      labels: { "app.kubernetes.io/name": "x", empty: "" },
      annotations: { "Example.com/Upper": "x" },
      finalizers: ["example.com/a", "orphan"],
      ownerReferences: [owner("a", true), owner("b")],
      managedFields: [{ manager: "kubectl", operation: "Apply", fieldsType: "FieldsV1", apiVersion: "v1" }],
    }),
  ).toEqual([]);
});

test.each<[Partial<Record<keyof ObjectMeta, unknown>>, string]>([
  [{ name: "" }, "metadata.name: Required value: name or generateName is required"],
  [{ name: "A" }, `metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of`],
  [{ namespace: "" }, "metadata.namespace: Required value"],
  [{ namespace: "a.b" }, `metadata.namespace: Invalid value: "a.b": a lowercase RFC 1123 label must consist of`],
  [{ generateName: "Web-" }, `metadata.generateName: Invalid value: "Web-": a lowercase RFC 1123 subdomain`],
  [{ generation: -1 }, "metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
  [{ labels: { "a/b/c": "x" } }, `metadata.labels: Invalid value: "a/b/c": a qualified name must consist of`],
  [{ labels: { a: "no spaces" } }, `metadata.labels: Invalid value: "no spaces": a valid label must be an empty string or`],
  [{ annotations: { "a/b/c": "" } }, `metadata.annotations: Invalid value: "a/b/c": a qualified name must`],
  [{ annotations: { a: "x".repeat(256 * 1024) } }, "metadata.annotations: Too long: may not be more than 262144 bytes"],
  [{ finalizers: ["nodomain"] }, `metadata.finalizers[0]: Invalid value: "nodomain": name is neither a standard finalizer name nor is it`],
  [
    { finalizers: ["orphan", "foregroundDeletion"] },
    `metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and`,
  ],
  [
    { ownerReferences: [{ ...owner("a"), apiVersion: "" }] },
    `metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty`,
  ],
  [{ ownerReferences: [{ ...owner("a"), uid: "" }] }, `metadata.ownerReferences.uid: Invalid value: "": must not be empty`],
  [{ ownerReferences: [{ ...owner("a"), apiVersion: "v1", kind: "Event" }] }, "metadata.ownerReferences: Invalid value: "],
  [{ managedFields: [{ operation: "Merge" }] }, 'metadata.managedFields[0].operation: Invalid value: "Merge": must be `Apply` or `Update`'],
  [
    { managedFields: [{ operation: "Apply", fieldsType: "X" }] },
    'metadata.managedFields[0].fieldsType: Invalid value: "X": must be `FieldsV1`',
  ],
  [
    { managedFields: [{ operation: "Apply", manager: "a".repeat(129) }] },
    "metadata.managedFields[0].manager: Too long: may not be more than 128",
  ],
])("%j is refused", (changes, message) => {
  const errors = errorsOf(changes as Partial<ObjectMeta>);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(message);
});

test("only one owner may be the controller", () => {
  expect(errorsOf({ ownerReferences: [owner("a", true), owner("b", true)] })[0]).toContain(
    'Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/a and ReplicaSet/b',
  );
});

test("a kind's scope and name rule count", () => {
  expect(errorsOf({}, { group: "", namespaced: false })).toEqual(["metadata.namespace: Forbidden: not allowed on this type"]);
  const roles = { group: "rbac.authorization.k8s.io", namespaced: true, rules: { name: "path-segment" as const } };
  expect(errorsOf({ name: "system:Node" }, roles)).toEqual([]);
  expect(errorsOf({ name: "a/b" }, roles)).toEqual([`metadata.name: Invalid value: "a/b": may not contain '/'`]);
  const services = { group: "", namespaced: true, rules: { name: "rfc1035label" as const } };
  expect(errorsOf({ name: "1a" }, services)[0]).toContain("a DNS-1035 label must consist of");
  expect(errorsOf({ finalizers: ["plain"] }, { group: "example.com", namespaced: true })).toEqual([]);
});

test("identity and times cannot be updated", () => {
  expect(updateErrors({ labels: { a: "b" } }, { labels: {} })).toEqual([]);
  expect(updateErrors({ name: "b", uid: "2" }, { uid: "1" })).toEqual([
    'metadata.name: Invalid value: "b": field is immutable',
    'metadata.uid: Invalid value: "2": field is immutable',
  ]);
  expect(updateErrors({ generation: 1 }, { generation: 2 })).toEqual(["metadata.generation: Invalid value: 1: must not be decremented"]);
  expect(updateErrors({ deletionTimestamp: "2026-01-01T00:00:00Z" }, {})).toEqual([
    'metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is immutable',
  ]);
});

test("what is being deleted takes no new finalizers", () => {
  const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a.io/x"] };
  expect(updateErrors({ ...deleted, finalizers: [] }, deleted)).toEqual([]);
  expect(updateErrors({ ...deleted, finalizers: ["a.io/x", "a.io/y"] }, deleted)).toEqual([
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.io/y"}',
  ]);
});

test("generated names fit a label", () => {
  const random = new SeededRandom(1);
  expect(generateName(random, "web-")).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(generateName(random, "x".repeat(80))).toHaveLength(63);
  expect(generateName(random, "web-")).not.toBe(generateName(random, "web-"));
});

test("a field manager is short and printable", () => {
  expect(validateFieldManager("kubectl-client-side-apply", "fieldManager")).toEqual([]);
  expect(validateFieldManager("a\nb", "fieldManager")).toHaveLength(1);
});
