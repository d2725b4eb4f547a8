import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cause, UserInfo } from "../../wire/exchange.ts";
import { causeHeaders } from "../../wire/cause.ts";
import { TestServer } from "../testing.laws.ts";

const admin: UserInfo = { name: "jane", groups: ["system:masters", "system:authenticated"] };
const node: UserInfo = { name: "system:node:a", groups: ["system:masters", "system:nodes", "system:authenticated"] };
const cause: Cause = { actor: "kubelet", object: "Pod default/web", revision: "3", rule: "status" };

let server: TestServer;
beforeEach(async () => (server = await TestServer.start()));
afterEach(() => server[Symbol.asyncDispose]());

async function causeOfWrite(
  user: UserInfo,
  extra: { readonly cause?: Cause; readonly headers?: Readonly<Record<string, string>> },
): Promise<unknown> {
  const { status } = await server.exchange(
    {
      method: "POST",
      target: "/api/v1/namespaces/default/configmaps",
      headers: { "content-type": "application/json", ...extra.headers },
      body: new TextEncoder().encode(JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "why" } })),
      peer: { address: "", user },
      ...(extra.cause && { cause: extra.cause }),
    },
    new AbortController().signal,
  );
  expect(status).toBe(201);
  const { entries } = await server.store.range("");
  return JSON.parse(entries.find(({ key }) => key.endsWith("/why"))!.cause!);
}

describe("the cause of a write", () => {
  it("is what a component in this process says, kept beside the object and not in it", async () => {
    expect(await causeOfWrite(admin, { cause })).toEqual(cause);
    const { body } = await server.ask("GET", "/api/v1/namespaces/default/configmaps/why");
    expect(JSON.stringify(body)).not.toContain("kubelet");
  });

  it("is what a node says from its own process", async () => {
    expect(await causeOfWrite(node, { headers: causeHeaders(cause) })).toEqual(cause);
  });

  it("is who asked for what, whatever anybody else claims", async () => {
    expect(await causeOfWrite(admin, { headers: causeHeaders(cause) })).toEqual({ actor: "jane", rule: "create" });
  });
});
