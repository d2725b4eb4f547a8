// The examples as they were first written, slips included, get the refusals that Kubernetes gives. kubectl asks for strict
// reading of fields, so the test does too.

import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { YamlSyntaxError } from "../wire/syntax-errors.ts";
import { parseYaml } from "../wire/yaml.ts";
import { TestServer } from "./testing.laws.ts";

const textOf = (name: string): string => readFileSync(new URL(`../../examples/unmended/${name}.yaml`, import.meta.url), "utf8");
const read = (name: string): any => parseYaml(textOf(name)).value;

describe("the unmended examples", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterEach(() => expect(server.errors).toEqual([]));
  afterAll(() => server[Symbol.asyncDispose]());

  /** As kubectl sends it: keys sorted, which is the order in which unknown ones are named. */
  const post = (resource: string, value: Readonly<Record<string, unknown>>) =>
    server.ask(
      "POST",
      `/api/v1/namespaces/default/${resource}?fieldManager=kubectl-create&fieldValidation=Strict`,
      Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      { bytes: true },
    );

  const unknownFields = (...names: readonly string[]) => ({
    code: 400,
    reason: "BadRequest",
    message: `Service in version "v1" cannot be handled as a Service: strict decoding error: ${names.map((name) => `unknown field "${name}"`).join(", ")}`,
  });

  it("refuses text that is no YAML, before anybody looks at its fields", async () => {
    // A list's element goes on in its parent's column.
    expect(() => read("service-nodeport")).toThrow(YamlSyntaxError);
    expect(() => read("service-nodeport")).toThrow(/^yaml: line \d+: /);
    const { status, body } = await server.ask("POST", "/api/v1/namespaces/default/services", textOf("service-nodeport"), {
      bytes: true,
      type: "application/yaml",
    });
    expect([status, body.reason, body.message]).toEqual([400, "BadRequest", expect.stringMatching(/yaml: line \d+: /)]);
  });

  it("refuses fields that a lost indentation left at the top", async () => {
    const indented = textOf("service-nodeport").replaceAll(/^ {4}(targetPort|nodePort)/gm, "      $1");
    const nodePort = await post("services", parseYaml(indented).value as Record<string, unknown>);
    expect(nodePort.body).toMatchObject(unknownFields("name", "ports", "selector", "type"));
    const externalName = await post("services", read("service-externalname"));
    expect(externalName.body).toMatchObject(unknownFields("externalName", "name", "namespace", "type"));
  });

  it("refuses a number where a ConfigMap has text", async () => {
    const { body } = await post("configmaps", read("configmap"));
    expect(body).toMatchObject({
      code: 400,
      reason: "BadRequest",
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    });
  });

  it("refuses an address outside the cluster's range", async () => {
    const { body } = await post("services", read("service-loadbalancer"));
    expect(body).toMatchObject({
      code: 422,
      reason: "Invalid",
      message:
        'Service "my-service" is invalid: spec.clusterIPs: Invalid value: ["10.0.171.239"]: failed to allocate IP 10.0.171.239: the provided IP (10.0.171.239) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
      details: { name: "my-service", kind: "Service", causes: [{ reason: "FieldValueInvalid", field: "spec.clusterIPs" }] },
    });
  });

  it("takes the same texts once they are mended", async () => {
    const map = read("configmap");
    map.data["player_initial_lives"] = "3";
    expect((await post("configmaps", map)).status).toBe(201);
    const balancer = read("service-loadbalancer");
    delete balancer.spec.clusterIP;
    expect((await post("services", balancer)).status).toBe(201);
  });
});
