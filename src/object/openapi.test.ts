import { expect, test } from "vitest";
import type { Kind } from "./kind.ts";
import { KindRegistry } from "./kind-registry.ts";
import { objectMetadata } from "./meta.ts";
import { OpenApiV2 } from "./openapi-v2.ts";
import { OpenApiV3 } from "./openapi-v3.ts";
import { definitionNameOf } from "./openapi-schema.ts";
import {
  atomicMap,
  field,
  int32,
  intOrString,
  list,
  map,
  mapList,
  pointer,
  quantity,
  requiredField,
  setList,
  string,
  struct,
  time,
  type StructType,
} from "./schema.ts";

const node: StructType = struct("core.v1.Part", "A part.", () => ({
  name: requiredField(1, string, "Its name."),
  next: pointer(2, node, "The next one."),
}));
const pod = struct("core.v1.Pod", "Containers.", {
  metadata: objectMetadata,
  parts: requiredField(2, mapList(node, "name"), "All parts.", { patchStrategy: "merge,retainKeys", patchMergeKey: "name" }),
  names: field(3, setList(string), ""),
  plain: field(4, list(string), ""),
  selector: field(5, atomicMap(string), ""),
  amounts: field(6, map(quantity), ""),
  port: pointer(7, intOrString, "Number or name.", { default: 80 }),
  at: field(8, time, ""),
  mode: field(9, string, "How.", { enum: ["A", "B"], default: "A" }),
  count: pointer(10, int32, ""),
  ref: field(11, struct("core.v1.Ref", "", { name: field(1, string, "") }, { atomic: true }), "One owner."),
});
const scale = struct("autoscaling.v1.Scale", "Replicas.", { metadata: objectMetadata });
const podKind: Kind = {
  group: "",
  kind: "Pod",
  plural: "pods",
  singular: "pod",
  namespaced: true,
  versions: [{ name: "v1", schema: pod, served: true }],
  storageVersion: "v1",
  subresources: [
    { type: "view", name: "status", prepareUpdate: () => undefined },
    {
      type: "projection",
      name: "scale",
      represents: { group: "autoscaling", version: "v1", kind: "Scale" },
      read: () => ({}),
      write: () => undefined,
    },
    { type: "operation", name: "eviction", represents: { group: "policy", version: "v1", kind: "Eviction" }, operation: "evict" },
    {
      type: "connect",
      name: "exec",
      represents: { group: "", version: "v1", kind: "PodExecOptions" },
      verbs: ["get", "create"],
      operation: "exec",
    },
  ],
};
const role = struct("rbac.v1.ClusterRole", "", { metadata: objectMetadata });
const roleKind: Kind = {
  group: "rbac.authorization.k8s.io",
  kind: "ClusterRole",
  plural: "clusterroles",
  singular: "clusterrole",
  namespaced: false,
  versions: [{ name: "v1", schema: role, served: true }],
  storageVersion: "v1",
};
const review: Kind = {
  ...roleKind,
  kind: "Review",
  plural: "reviews",
  operation: "review",
  verbs: ["create"],
  versions: [{ name: "v1", schema: struct("rbac.v1.Review", "", {}), served: true }],
};

const read = (bytes: Uint8Array): any => JSON.parse(new TextDecoder().decode(bytes));
const registry = () => new KindRegistry([podKind, roleKind, review]);
const v3 = (path: string) => read(new OpenApiV3(registry(), "v1.36.0", [scale]).document(path)!.bytes);

test("definitions are named as Kubernetes names them", () => {
  expect(definitionNameOf(pod)).toBe("io.k8s.api.core.v1.Pod");
  expect(definitionNameOf(objectMetadata.type as StructType)).toBe("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
  expect(definitionNameOf(struct("com.example.v1.Widget", "", {}))).toBe("com.example.v1.Widget");
});

test("version 3: schemas carry what patches, validation and explain need", () => {
  const { schemas } = v3("api/v1").components;
  const { properties, ...rest } = schemas["io.k8s.api.core.v1.Pod"];
  expect(rest).toEqual({
    description: "Containers.",
    type: "object",
    required: ["parts"],
    "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Pod" }],
  });
  const part = "#/components/schemas/io.k8s.api.core.v1.Part";
  expect(properties.parts).toEqual({
    description: "All parts.",
    type: "array",
    items: { allOf: [{ $ref: part }], default: {} },
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "x-kubernetes-patch-merge-key": "name",
    "x-kubernetes-patch-strategy": "merge,retainKeys",
  });
  expect(properties.names).toEqual({ type: "array", items: { type: "string", default: "" }, "x-kubernetes-list-type": "set" });
  expect(properties.selector).toEqual({
    type: "object",
    additionalProperties: { type: "string", default: "" },
    "x-kubernetes-map-type": "atomic",
  });
  expect(properties.port.default).toBe(80);
  expect(properties.mode).toEqual({ description: "How.", type: "string", default: "A", enum: ["A", "B"] });
  expect(properties.count).toEqual({ type: "integer", format: "int32" });
  expect(properties.ref).toMatchObject({ description: "One owner.", default: {} });
  expect(properties.apiVersion.type).toBe("string");
  expect(schemas["io.k8s.api.core.v1.Ref"]["x-kubernetes-map-type"]).toBe("atomic");
  expect(schemas["io.k8s.api.core.v1.Part"].properties.next).toEqual({ description: "The next one.", allOf: [{ $ref: part }] });
  expect(schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"].format).toBe("int-or-string");
  expect(schemas["io.k8s.api.core.v1.PodList"].properties.items.items.allOf[0].$ref).toBe("#/components/schemas/io.k8s.api.core.v1.Pod");
  expect(schemas["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"]["x-kubernetes-group-version-kind"]).toContainEqual({
    group: "rbac.authorization.k8s.io",
    version: "v1",
    kind: "DeleteOptions",
  });
});

test("version 3: every path that is served, with the action and the kind", () => {
  const { paths } = v3("api/v1");
  const item = "/api/v1/namespaces/{namespace}/pods/{name}";
  expect(Object.keys(paths).toSorted()).toEqual(
    [
      "/api/v1/namespaces/{namespace}/pods",
      "/api/v1/pods",
      item,
      `${item}/eviction`,
      `${item}/exec`,
      `${item}/scale`,
      `${item}/status`,
    ].toSorted(),
  );
  expect(paths[item].patch).toMatchObject({
    operationId: "patchCoreV1NamespacedPod",
    tags: ["core_v1"],
    "x-kubernetes-action": "patch",
    "x-kubernetes-group-version-kind": { group: "", version: "v1", kind: "Pod" },
  });
  const names = paths[item].patch.parameters.map((parameter: { name: string }) => parameter.name);
  expect(names).toEqual(expect.arrayContaining(["dryRun", "fieldValidation", "fieldManager", "force"]));
  expect(Object.keys(paths[item].patch.requestBody.content)).toContain("application/apply-patch+yaml");
  expect(paths[item].parameters.map((parameter: { name: string }) => parameter.name)).toEqual(["namespace", "name"]);
  expect(paths["/api/v1/namespaces/{namespace}/pods"].delete.operationId).toBe("deleteCoreV1CollectionNamespacedPod");
  expect(paths["/api/v1/pods"].get.operationId).toBe("listCoreV1PodForAllNamespaces");
  expect(paths[`${item}/status`].put.operationId).toBe("replaceCoreV1NamespacedPodStatus");
  expect(paths[`${item}/scale`].get.responses["200"].content["application/json"].schema.$ref).toContain("autoscaling.v1.Scale");
  expect(paths[`${item}/exec`].post["x-kubernetes-action"]).toBe("connect");
  const reviews = v3("apis/rbac.authorization.k8s.io/v1").paths;
  expect(Object.keys(reviews["/apis/rbac.authorization.k8s.io/v1/reviews"])).toEqual(["post"]);
  expect(reviews["/apis/rbac.authorization.k8s.io/v1/clusterroles"].get.operationId).toBe("listRbacAuthorizationV1ClusterRole");
});

function references(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value !== "object" || value === null) return found;
  for (const [name, member] of Object.entries(value)) {
    if (name === "$ref") found.add(String(member));
    else references(member, found);
  }
  return found;
}

test("every reference leads somewhere, and operation ids are unique", () => {
  for (const [document, prefix, definitions] of [
    [v3("api/v1"), "#/components/schemas/", (from: any) => from.components.schemas],
    [read(new OpenApiV2(registry(), "v1.36.0", [scale]).document().bytes), "#/definitions/", (from: any) => from.definitions],
  ] as const) {
    for (const reference of references(document)) expect(definitions(document)).toHaveProperty([reference.slice(prefix.length)]);
    const ids = Object.values<any>(document.paths)
      .flatMap((path) => Object.values<any>(path).map((operation) => operation.operationId as string))
      .filter(Boolean);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("version 2: descriptions beside references, bodies as parameters", () => {
  const { definitions, paths, swagger } = read(new OpenApiV2(registry(), "v1.36.0", [scale]).document().bytes);
  expect(swagger).toBe("2.0");
  expect(definitions["io.k8s.api.core.v1.Part"].properties.next).toEqual({
    description: "The next one.",
    $ref: "#/definitions/io.k8s.api.core.v1.Part",
  });
  expect(definitions["io.k8s.apimachinery.pkg.apis.meta.v1.Time"]).toMatchObject({ type: "string", format: "date-time" });
  expect(paths["/api/v1/namespaces/{namespace}/pods"].post.parameters[0]).toEqual({
    name: "body",
    in: "body",
    required: true,
    schema: { $ref: "#/definitions/io.k8s.api.core.v1.Pod" },
  });
});

test("only what changed is built again", () => {
  const kinds = registry();
  const documents = new OpenApiV3(kinds, "v1.36.0", [scale]);
  const swagger = new OpenApiV2(kinds, "v1.36.0", [scale]);
  const core = documents.document("api/v1")!;
  const index = documents.index();
  expect(read(index).paths["api/v1"]).toEqual({ serverRelativeURL: `/openapi/v3/api/v1?hash=${core.hash}` });
  expect(documents.index()).toBe(index);
  expect(swagger.document()).toBe(swagger.document());
  const before = swagger.document();
  kinds.add({ ...roleKind, group: "example.com", versions: [{ name: "v1", schema: struct("com.example.v1.Role", "", {}), served: true }] });
  expect(documents.document("api/v1")!.hash).toBe(core.hash);
  expect(documents.document("apis/example.com/v1")).toBeDefined();
  expect(documents.document("apis/example.com/v2")).toBeUndefined();
  expect(Object.keys(read(documents.index()).paths)).toContain("apis/example.com/v1");
  expect(swagger.document()).not.toBe(before);
});
