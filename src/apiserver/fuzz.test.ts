// Whatever arrives, the answer is a proper one: never a 5xx, never an error in the log. Random bodies, selectors, queries, patches
// and headers through the whole pipeline.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, TestServer } from "./testing.laws.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const seed = 20_260_101;

const name = fc.constantFrom(
  "metadata",
  "name",
  "labels",
  "data",
  "spec",
  "containers",
  "kind",
  "apiVersion",
  "__proto__",
  "constructor",
  "toString",
  "$patch",
  "$retainKeys",
  "x",
);
const scalar = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom("v1", "ConfigMap", "Pod", "a", "1Gi"),
);
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5, withCrossShrink: true }, scalar, fc.array(tie("value"), { maxLength: 3 }), tie("object")),
  // By hand, because an object literal cannot have an own member called __proto__.
  object: fc.array(fc.tuple(name, tie("value")), { maxLength: 5 }).map((members) => {
    const object = Object.create(null) as Record<string, unknown>;
    for (const [key, value] of members) object[key] = value;
    return object;
  }),
}));
const garbage = fc.oneof(
  { weight: 4, arbitrary: json.map((value) => new TextEncoder().encode(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.of(0x6b, 0x38, 0x73, 0, ...bytes)) },
);
const selectorPart = fc.constantFrom(
  "a",
  "b/c",
  "=",
  "==",
  "!=",
  "!",
  ",",
  " in ",
  " notin ",
  "(",
  ")",
  " ",
  ">",
  "<",
  "metadata.name",
  "status.phase",
  "\\",
  "1",
  "-",
  "é",
);
const selector = fc.oneof(
  fc.array(selectorPart, { maxLength: 8 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 12 }),
);

describe("random input", () => {
  let server: TestServer;
  let before: string[];
  beforeAll(async () => {
    server = await TestServer.start();
    await server.ask("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
    await server.ask("POST", maps, { metadata: { name: "m" }, data: { a: "1" } });
    await server.ask("POST", pods, { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } });
    before = Object.getOwnPropertyNames(Object.prototype);
  });
  afterAll(async () => {
    expect(server.errors).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    await server[Symbol.asyncDispose]();
  });

  async function proper(method: string, target: string, headers: Record<string, string>, body?: Uint8Array): Promise<void> {
    const stop = new AbortController();
    const response = await server.send(method, target, body, { bytes: true, headers }, stop.signal);
    if (response.status >= 500) {
      const bytes = await bytesOf(response.body);
      throw new Error(`${method} ${target} answered ${response.status} ${new TextDecoder().decode(bytes)}`);
    }
    if (!(response.body instanceof Uint8Array)) stop.abort(new Error("enough"));
  }

  it("reads any body as an object or refuses it", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(maps, pods),
        fc.constantFrom("application/json", "application/yaml", "application/vnd.kubernetes.protobuf"),
        garbage,
        (target, type, body) => proper("POST", `${target}?dryRun=All`, { "content-type": type }, body),
      ),
      { numRuns: 4000, seed },
    ));

  it("reads any patch", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(`${maps}/m`, `${pods}/p`, `${pods}/p/status`),
        fc.constantFrom("json-patch+json", "merge-patch+json", "strategic-merge-patch+json", "apply-patch+yaml"),
        fc.oneof(
          garbage,
          fc
            .array(
              fc.record(
                {
                  op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"),
                  path: fc.constantFrom("", "/", "/data/a", "/spec/containers/0", "/spec/containers/-", "/__proto__/x"),
                  from: fc.constantFrom("", "/data"),
                  value: json,
                },
                { requiredKeys: ["op"] },
              ),
              { maxLength: 3 },
            )
            .map((operations) => new TextEncoder().encode(JSON.stringify(operations))),
        ),
        (target, type, body) =>
          proper(
            "PATCH",
            `${target}?dryRun=All&fieldManager=f&force=${type.startsWith("apply") ? "true" : ""}`.replace(/&force=$/, ""),
            { "content-type": `application/${type}` },
            body,
          ),
      ),
      { numRuns: 3000, seed },
    ));

  it("reads any selector and any query", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(maps, pods, "/api/v1/nodes"),
        fc.constantFrom(
          "labelSelector",
          "fieldSelector",
          "limit",
          "continue",
          "resourceVersion",
          "resourceVersionMatch",
          "sendInitialEvents",
          "watch",
          "timeoutSeconds",
        ),
        selector,
        fc.constantFrom("", "&watch=1", "&limit=1"),
        (target, parameter, value, more) => proper("GET", `${target}?${parameter}=${encodeURIComponent(value)}${more}`, {}),
      ),
      { numRuns: 2500, seed },
    ));

  it("reads any path, method and Accept header", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"),
        fc.array(
          fc.constantFrom(
            "api",
            "apis",
            "v1",
            "apps",
            "namespaces",
            "default",
            "pods",
            "p",
            "log",
            "status",
            "watch",
            "",
            "%",
            "%2e%2e",
            "..",
            "nodes",
            "proxy",
          ),
          { maxLength: 7 },
        ),
        fc.array(
          fc.constantFrom("application/json", ";", "as=Table", "v=v1", "g=meta.k8s.io", ",", "q=0", "q=x", "*/*", "text/html", "="),
          { maxLength: 6 },
        ),
        (method, path, accept) => proper(method, `/${path.join("/")}`, { accept: accept.join("") }),
      ),
      { numRuns: 1500, seed },
    ));
});
