// Whatever is sent, the answer is the Status that Kubernetes gives; never a 500, never a crash.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestServer } from "./testing.laws.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";
const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data: { a: "1" } };
const merge = { type: "application/merge-patch+json" };
const json = { type: "application/json-patch+json" };
const strategic = { type: "application/strategic-merge-patch+json" };

describe("bad input", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
    expect((await server.ask("POST", maps, map)).status).toBe(201);
  });
  afterEach(() => expect(server.errors).toEqual([]));
  afterAll(() => server[Symbol.asyncDispose]());

  const deep = (depth: number): string => `{"a":`.repeat(depth) + "1" + "}".repeat(depth);

  const cases: [what: string, method: string, target: string, body: unknown, code: number, message: string | RegExp, type?: object][] = [
    ["no body", "POST", maps, undefined, 400, ""],
    ["broken JSON", "POST", maps, "{nope", 400, ""],
    ["an array", "POST", maps, "[]", 400, ""],
    ["a string", "POST", maps, '"x"', 400, ""],
    ["null", "POST", maps, "null", 400, ""],
    ["another kind", "POST", maps, JSON.stringify({ ...map, kind: "Secret" }), 400, "cannot be handled as a ConfigMap"],
    ["another version", "POST", maps, JSON.stringify({ ...map, apiVersion: "v2" }), 400, "does not match the expected API version (v1)"],
    [
      "a number in a ConfigMap",
      "POST",
      maps,
      JSON.stringify({ ...map, data: { a: 1 } }),
      400,
      "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
    ],
    [
      "no name",
      "POST",
      maps,
      JSON.stringify({ ...map, metadata: {} }),
      422,
      "metadata.name: Required value: name or generateName is required",
    ],
    [
      "a bad name",
      "POST",
      maps,
      JSON.stringify({ ...map, metadata: { name: "A_b" } }),
      422,
      "a lowercase RFC 1123 subdomain must consist of",
    ],
    [
      "a bad label",
      "POST",
      maps,
      JSON.stringify({ ...map, metadata: { name: "l", labels: { a: "-" } } }),
      422,
      "metadata.labels: Invalid value",
    ],
    [
      "another namespace",
      "POST",
      maps,
      JSON.stringify({ ...map, metadata: { name: "n", namespace: "other" } }),
      400,
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [
      "a namespace that is not there",
      "POST",
      "/api/v1/namespaces/void/configmaps",
      JSON.stringify({ ...map, metadata: { name: "n" } }),
      404,
      'namespaces "void" not found',
    ],
    ["too deep", "POST", maps, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"data":${deep(600)}}`, 400, ""],
    [
      "too large",
      "POST",
      maps,
      JSON.stringify({ ...map, metadata: { name: "big" }, data: { a: "x".repeat(3 * 1024 * 1024) } }),
      413,
      "Request entity too large: limit is 3145728",
    ],
    ["a bad media type", "POST", maps, "x", 415, "the body of the request was in an unknown format", { type: "text/csv" }],
    [
      "an unacceptable answer",
      "GET",
      `${maps}/m`,
      undefined,
      406,
      "only the following media types are accepted",
      { headers: { accept: "image/png" } },
    ],
    [
      "another name",
      "PUT",
      `${maps}/m`,
      JSON.stringify({ ...map, metadata: { name: "other" } }),
      400,
      "the name of the object (other) does not match the name on the URL (m)",
    ],
    [
      "PUT of nothing",
      "PUT",
      `${maps}/nobody`,
      JSON.stringify({ ...map, metadata: { name: "nobody" } }),
      404,
      'configmaps "nobody" not found',
    ],
    [
      "a revision that is no number",
      "PUT",
      `${maps}/m`,
      JSON.stringify({ ...map, metadata: { name: "m", resourceVersion: "abc" } }),
      422,
      "metadata.resourceVersion",
    ],
    ["a bad label selector", "GET", `${maps}?labelSelector=a+in`, undefined, 400, "unable to parse requirement"],
    [
      "a bad field selector",
      "GET",
      `${maps}?fieldSelector=spec.nonsense%3D1`,
      undefined,
      400,
      /^"spec.nonsense" is not a known field selector: only "metadata.name", "metadata.namespace"$/,
    ],
    [
      "a watch without a number of seconds",
      "GET",
      `${maps}?watch=1&timeoutSeconds=x`,
      undefined,
      400,
      /^strconv.ParseInt: parsing "x": invalid syntax$/,
    ],
    [
      "initial events of a list",
      "GET",
      `${maps}?sendInitialEvents=true`,
      undefined,
      422,
      "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
    ],
    [
      "a bad field of a pod",
      "GET",
      `${pods}?fieldSelector=spec.nonsense%3D1`,
      undefined,
      400,
      /^field label not supported: spec.nonsense$/,
    ],
    ["a field selector without a value", "GET", `${maps}?fieldSelector=abc`, undefined, 400, "invalid selector"],
    ["a bad limit", "GET", `${maps}?limit=many`, undefined, 400, ""],
    ["a bad continue token", "GET", `${maps}?continue=%21%21`, undefined, 400, "continue key is not valid"],
    ["a bad resourceVersion", "GET", `${maps}?resourceVersion=x`, undefined, 400, "invalid resource version"],
    [
      "a match without a revision",
      "GET",
      `${maps}?resourceVersionMatch=Exact`,
      undefined,
      422,
      "resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    [
      "an unknown match",
      "GET",
      `${maps}?resourceVersionMatch=About&resourceVersion=1`,
      undefined,
      422,
      "resourceVersionMatch: Unsupported value",
    ],
    [
      "initial events without a match",
      "GET",
      `${maps}?watch=1&sendInitialEvents=true`,
      undefined,
      422,
      "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    ],
    ["an unknown dry run", "POST", `${maps}?dryRun=Some`, JSON.stringify(map), 422, "dryRun: Unsupported value"],
    [
      "an unknown field validation",
      "POST",
      `${maps}?fieldValidation=Maybe`,
      JSON.stringify(map),
      422,
      "fieldValidation: Unsupported value",
    ],
    [
      "a patch of an unknown language",
      "PATCH",
      `${maps}/m`,
      "{}",
      415,
      "the body of the request was in an unknown format",
      { type: "application/json" },
    ],
    ["a JSON patch that is no list", "PATCH", `${maps}/m`, "{}", 400, "", json],
    [
      "a JSON patch of a missing path",
      "PATCH",
      `${maps}/m`,
      '[{"op":"remove","path":"/data/void"}]',
      422,
      "the server rejected our request due to an error in our request",
      json,
    ],
    [
      "a JSON patch with a failing test",
      "PATCH",
      `${maps}/m`,
      '[{"op":"test","path":"/data/a","value":"2"}]',
      422,
      "the server rejected our request due to an error in our request",
      json,
    ],
    ["a JSON patch into the prototype", "PATCH", `${maps}/m`, '[{"op":"add","path":"/__proto__/polluted","value":"1"}]', 422, "", json],
    ["a merge patch that is a list", "PATCH", `${maps}/m`, "[]", 400, "", merge],
    [
      "a merge patch of a wrong type",
      "PATCH",
      `${maps}/m`,
      '{"data":{"a":{}}}',
      400,
      "json: cannot unmarshal object into Go struct field ConfigMap.data of type string",
      merge,
    ],
    ["a rename by patch", "PATCH", `${maps}/m`, '{"metadata":{"name":"n"}}', 400, "does not match the name on the URL", merge],
    ["a stale patch", "PATCH", `${maps}/m`, '{"metadata":{"resourceVersion":"1"}}', 409, "the object has been modified", merge],
    [
      "a strategic patch with an unknown directive",
      "PATCH",
      `${maps}/m`,
      '{"data":{"$patch":"explode"}}',
      422,
      "the server rejected our request due to an error in our request",
      strategic,
    ],
    [
      "an apply without a manager",
      "PATCH",
      `${maps}/m`,
      JSON.stringify(map),
      422,
      "fieldManager: Required value: is required for apply patch",
      { type: "application/apply-patch+yaml" },
    ],
    [
      "an apply of an unknown field",
      "PATCH",
      `${maps}/m?fieldManager=x`,
      JSON.stringify({ ...map, oops: 1 }),
      400,
      ".oops: field not declared in schema",
      { type: "application/apply-patch+yaml" },
    ],
    ["an apply that is no YAML", "PATCH", `${maps}/m?fieldManager=x`, "a: [", 400, "", { type: "application/apply-patch+yaml" }],
    [
      "an apply with managedFields",
      "PATCH",
      `${maps}/m?fieldManager=x`,
      JSON.stringify({ ...map, metadata: { name: "m", managedFields: [{}] } }),
      400,
      "metadata.managedFields must be nil",
      { type: "application/apply-patch+yaml" },
    ],
    ["force without apply", "PATCH", `${maps}/m?force=true`, "{}", 422, "may not be specified for non-apply patch", merge],
    [
      "an unknown propagation policy",
      "DELETE",
      `${maps}/m`,
      '{"propagationPolicy":"Sideways"}',
      422,
      "propagationPolicy: Unsupported value",
    ],
    ["a grace period that is no number", "DELETE", `${maps}/m?gracePeriodSeconds=soon`, undefined, 400, ""],
    ["an unknown resource", "GET", "/api/v1/nonsense", undefined, 404, "the server could not find the requested resource"],
    ["an unknown group", "GET", "/apis/nonsense.io/v1/things", undefined, 404, "the server could not find the requested resource"],
    ["an unknown subresource", "GET", `${maps}/m/scale`, undefined, 404, "the server could not find the requested resource"],
    ["a namespaced kind without a namespace", "POST", "/api/v1/configmaps", JSON.stringify(map), 404, ""],
    [
      "a method that is not allowed",
      "POST",
      `${maps}/m`,
      JSON.stringify(map),
      405,
      "the server does not allow this method on the requested resource",
    ],
    [
      "a list of reviews",
      "GET",
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      undefined,
      405,
      "the server does not allow this method",
    ],
    ["an unbound name in a path", "GET", "/api/v1/namespaces/%zz/configmaps/m", undefined, 404, ""],
    [
      "a resourceVersion from the future",
      "GET",
      `${maps}?resourceVersion=999999&resourceVersionMatch=Exact`,
      undefined,
      504,
      "Too large resource version: 999999",
    ],
    [
      "a pod without containers",
      "POST",
      pods,
      JSON.stringify({ metadata: { name: "p" }, spec: { containers: "many" } }),
      400,
      "cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
  ];

  for (const [what, method, target, body, code, message, more] of cases)
    it(`${what}: ${code}`, async () => {
      const answer = await server.ask(method, target, body, { bytes: true, ...more });
      expect(answer.body, JSON.stringify(answer)).toMatchObject({ kind: "Status", status: "Failure", code });
      expect(answer.status).toBe(code);
      if (typeof message === "string") expect(answer.body.message).toContain(message);
      else expect(answer.body.message).toMatch(message);
    });

  it("drops __proto__ and pollutes nothing", async () => {
    const made = await server.ask(
      "POST",
      maps,
      '{"metadata":{"name":"proto"},"data":{"__proto__":"x","ok":"y"},"__proto__":{"polluted":1}}',
      { bytes: true },
    );
    if (made.status === 201) expect(Object.keys(made.body.data)).toEqual(["ok"]);
    else expect(made.status).toBe(400);
    await server.ask("PATCH", `${maps}/m`, '{"__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1}}}', { bytes: true, ...merge });
    expect(({} as any).polluted).toBeUndefined();
  });

  it("answers unknown paths as a web server does", async () => {
    const answer = await server.ask("GET", "/nonsense", undefined, { bytes: true });
    expect([answer.status, answer.body]).toEqual([404, "404 page not found\n"]);
  });

  it("takes YAML and gives YAML", async () => {
    const made = await server.ask("POST", maps, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: b\n", {
      bytes: true,
      type: "application/yaml",
      headers: { accept: "application/yaml" },
    });
    expect(made.status).toBe(201);
    expect(made.body).toContain("name: yaml");
  });

  it("takes and gives protobuf", async () => {
    const accept = { accept: "application/vnd.kubernetes.protobuf" };
    const got = await server.send("GET", `${maps}/m`, undefined, { bytes: true, headers: accept });
    expect(got.headers["content-type"]).toBe("application/vnd.kubernetes.protobuf");
    await server.ask("DELETE", `${maps}/m`);
    const again = await server.ask("POST", maps, got.body as Uint8Array, { bytes: true, type: "application/vnd.kubernetes.protobuf" });
    expect(again.status, JSON.stringify(again.body)).toBe(201);
    expect(again.body.data).toEqual({ a: "1" });
    const list = await server.send("GET", maps, undefined, { bytes: true, headers: accept });
    expect((list.body as Uint8Array).subarray(0, 4)).toEqual(Uint8Array.of(0x6b, 0x38, 0x73, 0));
    const none = await server.send("GET", `${maps}/void`, undefined, { bytes: true, headers: accept });
    expect(none.status).toBe(404);
    expect((none.body as Uint8Array).subarray(0, 4)).toEqual(Uint8Array.of(0x6b, 0x38, 0x73, 0));
  });
});
