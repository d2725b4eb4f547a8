import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestServer } from "./testing.laws.ts";

describe("the API server", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    expect(server.clock.pending).toBe(0);
  });

  it("is ready after its start", async () => {
    expect(server.api.ready()).toBe(true);
    expect((await server.ask("GET", "/readyz", undefined, { bytes: true })).body).toBe("ok");
    expect((await server.ask("GET", "/readyz?verbose", undefined, { bytes: true })).body).toContain(
      "[+]poststarthook/rbac/bootstrap-roles ok",
    );
  });

  it("has the system namespaces", async () => {
    const { body } = await server.ask("GET", "/api/v1/namespaces");
    expect(body.items.map((item: any) => item.metadata.name)).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
  });

  it("creates, reads, lists, updates and deletes", async () => {
    const made = await server.ask(
      "POST",
      "/api/v1/namespaces/default/configmaps",
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1" } },
      { bytes: true },
    );
    expect(made.status).toBe(201);
    const got = await server.ask("GET", "/api/v1/namespaces/default/configmaps/a", undefined, { bytes: true });
    expect(got.body).toEqual(made.body);
    const list = await server.ask("GET", "/api/v1/configmaps", undefined, { bytes: true });
    expect(list.body.items).toHaveLength(1);
    const updated = await server.ask("PUT", "/api/v1/namespaces/default/configmaps/a", { ...got.body, data: { x: "2" } });
    expect(updated.status).toBe(200);
    expect(updated.body.data).toEqual({ x: "2" });
    expect(updated.body.metadata.resourceVersion).not.toBe(made.body.metadata.resourceVersion);
    const gone = await server.ask("DELETE", "/api/v1/namespaces/default/configmaps/a");
    expect(gone.body.status).toBe("Success");
    expect((await server.ask("GET", "/api/v1/namespaces/default/configmaps/a")).status).toBe(404);
    expect(server.errors).toEqual([]);
  });
});
