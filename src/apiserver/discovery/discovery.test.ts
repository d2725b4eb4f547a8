import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configMap, configMapKind } from "../../kinds/core/config-map.ts";
import type { Kind } from "../../object/kind.ts";
import { TestServer } from "../testing.laws.ts";

describe("discovery and documents", () => {
  let server: TestServer;
  const get = (target: string, accept = "application/json"): Promise<any> =>
    server.ask("GET", target, undefined, { bytes: true, headers: { accept } });
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(async () => {
    expect(server.errors).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it("lists groups, versions and resources", async () => {
    expect((await get("/api")).body).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
    const groups = (await get("/apis")).body.groups;
    expect(groups.map((group: any) => group.name)).toContain("apps");
    expect((await get("/apis/apps")).body).toMatchObject({
      kind: "APIGroup",
      name: "apps",
      preferredVersion: { groupVersion: "apps/v1", version: "v1" },
    });
    const core = (await get("/api/v1")).body;
    const names = core.resources.map((resource: any) => resource.name);
    for (const name of [
      "pods",
      "pods/log",
      "pods/exec",
      "pods/binding",
      "pods/eviction",
      "services",
      "serviceaccounts/token",
      "namespaces/finalize",
    ])
      expect(names).toContain(name);
    expect(core.resources.find((resource: any) => resource.name === "pods/eviction")).toMatchObject({
      group: "policy",
      version: "v1",
      kind: "Eviction",
      verbs: ["create"],
    });
    expect((await get("/apis/apps/v1")).body.resources.find((resource: any) => resource.name === "deployments/scale")).toMatchObject({
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    });
  });

  it("names the stable and newest version of a group first", async () => {
    const versions = ["v1beta1", "v1", "v2"].map((name) => ({ name, schema: configMap, served: true }));
    const kind = { ...configMapKind, group: "example.test", versions } as unknown as Kind;
    await using own = await TestServer.start({ extraKinds: [kind] });
    const { body } = await own.ask("GET", "/apis/example.test");
    expect(body.versions.map(({ version }: { version: string }) => version)).toEqual(["v2", "v1", "v1beta1"]);
    expect(body.preferredVersion.version).toBe("v2");
  });

  it("aggregates both roots when asked to", async () => {
    const accept =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
    for (const root of ["/api", "/apis"]) {
      const answer = await get(root, accept);
      expect(answer.headers["content-type"]).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
      expect(answer.body).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
      for (const group of answer.body.items) {
        const path = group.metadata.name === undefined ? "/api" : `/apis/${group.metadata.name}`;
        for (const version of group.versions) {
          // Both documents say the same.
          const old = (await get(`${path}/${version.version}`)).body.resources;
          const main = old.filter((resource: any) => !resource.name.includes("/"));
          expect(version.resources.map((resource: any) => [resource.resource, resource.verbs])).toEqual(
            main.map((resource: any) => [resource.name, resource.verbs]),
          );
        }
      }
    }
  });

  it("serves version, OpenAPI and OpenID documents", async () => {
    expect((await get("/version")).body).toMatchObject({
      major: "1",
      minor: "36",
      gitVersion: expect.stringMatching(/^v1\.36\..*\+timonier$/),
    });
    const v3 = (await get("/openapi/v3")).body;
    const { serverRelativeURL } = v3.paths["apis/apps/v1"];
    const apps = await get(serverRelativeURL);
    expect(apps.body.openapi).toMatch(/^3\./);
    expect(apps.headers["cache-control"]).toContain("immutable");
    expect(Object.keys(apps.body.paths)).toContain("/apis/apps/v1/namespaces/{namespace}/deployments");
    expect((await get("/openapi/v2")).body.swagger).toBe("2.0");
    expect((await get("/openapi/v3/apis/void/v1")).status).toBe(404);
    expect((await get("/.well-known/openid-configuration")).body.issuer).toBe("https://kubernetes.default.svc.cluster.local");
    expect((await get("/openid/v1/jwks")).body).toEqual({ keys: [] });
    expect((await get("/")).body.paths).toContain("/apis/apps/v1");
  });
});
