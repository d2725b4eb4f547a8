// Who may do what: the whole way through authentication, impersonation, RBAC, the node authorizer and NodeRestriction.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { UserInfo } from "../../wire/exchange.ts";
import { serviceAccountGroups, serviceAccountUser } from "../authn/users.ts";
import type { AskOptions } from "../testing.laws.ts";
import { TestServer } from "../testing.laws.ts";

const jane: UserInfo = { name: "jane", groups: ["devs"] };
const node = (name: string): UserInfo => ({ name: `system:node:${name}`, groups: ["system:nodes"] });
const account = (namespace: string, name: string): UserInfo => ({
  name: serviceAccountUser(namespace, name),
  groups: serviceAccountGroups(namespace),
});
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const rbacRef = (kind: string, name: string): object => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
const apply = { type: "application/strategic-merge-patch+json" };

describe("access", () => {
  let server: TestServer;
  const status = async (as: UserInfo | undefined, method: string, target: string, body?: unknown, more: AskOptions = {}): Promise<number> =>
    (await server.ask(method, target, body, as ? { as, ...more } : { peer: { address: "1.2.3.4" }, ...more })).status;
  const ensure = async (target: string, body: object): Promise<any> => {
    const answer = await server.ask("POST", target, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body;
  };

  beforeAll(async () => {
    server = await TestServer.start();
    await ensure("/api/v1/namespaces", { metadata: { name: "work" } });
    for (const name of ["default", "robot"]) await ensure("/api/v1/namespaces/work/serviceaccounts", { metadata: { name } });
    for (const name of ["n1", "n2"]) await ensure("/api/v1/nodes", { metadata: { name } });
    for (const name of ["mine", "other"]) await ensure("/api/v1/namespaces/work/secrets", { metadata: { name } });
    await ensure("/api/v1/namespaces/work/configmaps", { metadata: { name: "conf" } });
    await ensure("/api/v1/namespaces/work/pods", {
      metadata: { name: "p1" },
      spec: {
        nodeName: "n1",
        serviceAccountName: "robot",
        containers: [{ name: "c", image: "i", envFrom: [{ configMapRef: { name: "conf" } }] }],
        volumes: [{ name: "s", secret: { secretName: "mine" } }],
      },
    });
    await ensure("/api/v1/namespaces/work/pods", {
      metadata: { name: "p2" },
      spec: { nodeName: "n2", containers: [{ name: "c", image: "i" }] },
    });
    await ensure(`${rbac}/namespaces/work/roles`, {
      metadata: { name: "reader" },
      rules: [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list", "watch"] }],
    });
    await ensure(`${rbac}/namespaces/work/rolebindings`, {
      metadata: { name: "reader" },
      roleRef: rbacRef("Role", "reader"),
      subjects: [{ kind: "Group", name: "devs", apiGroup: "rbac.authorization.k8s.io" }],
    });
    await ensure(`${rbac}/clusterroles`, {
      metadata: { name: "one-secret" },
      rules: [{ apiGroups: [""], resources: ["secrets"], resourceNames: ["mine"], verbs: ["get"] }],
    });
    await ensure(`${rbac}/clusterrolebindings`, {
      metadata: { name: "one-secret" },
      roleRef: rbacRef("ClusterRole", "one-secret"),
      subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "work" }],
    });
  });
  afterEach(() => expect(server.errors).toEqual([]));
  afterAll(() => server[Symbol.asyncDispose]());

  it("lets everybody see health and version, and nobody unknown see more", async () => {
    for (const path of ["/healthz", "/livez", "/readyz", "/version"])
      expect(await status(undefined, "GET", path, undefined, { bytes: true })).toBe(200);
    const refused = await server.ask("GET", "/api/v1/pods", undefined, { peer: { address: "1.2.3.4" } });
    expect(refused.body).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message: 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    });
    expect((await server.ask("GET", "/api", undefined, { peer: { address: "1.2.3.4" } })).body.message).toBe(
      'forbidden: User "system:anonymous" cannot get path "/api"',
    );
    expect(await status(jane, "GET", "/api")).toBe(200);
  });

  it("refuses bad tokens, takes certificates", async () => {
    const bad = await server.ask("GET", "/version", undefined, {
      peer: { address: "1.2.3.4" },
      headers: { authorization: "Bearer nonsense" },
    });
    expect(bad.body).toMatchObject({ code: 401, reason: "Unauthorized", message: "Unauthorized" });
    expect(await status(undefined, "GET", "/version", undefined, { headers: { authorization: "Basic eDp5" } })).toBe(401);
    const certificate = { commonName: "kim", organizations: ["system:masters"], fingerprint: "00" };
    const me = await server.ask(
      "POST",
      "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      {},
      { peer: { address: "1.2.3.4", certificate } },
    );
    expect(me.body.status.userInfo).toMatchObject({ username: "kim", groups: ["system:masters", "system:authenticated"] });
  });

  it("follows roles, names, subresources and namespaces", async () => {
    expect(await status(jane, "GET", "/api/v1/namespaces/work/pods")).toBe(200);
    expect(await status(jane, "GET", "/api/v1/namespaces/work/pods/p1")).toBe(200);
    const refused = await server.ask("GET", "/api/v1/namespaces/default/pods", undefined, { as: jane });
    expect(refused.body.message).toBe(
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    expect((await server.ask("DELETE", "/api/v1/namespaces/work/pods/p1", undefined, { as: jane })).body.message).toBe(
      'pods "p1" is forbidden: User "jane" cannot delete resource "pods" in API group "" in the namespace "work"',
    );
    expect((await server.ask("POST", "/api/v1/namespaces/work/pods/p1/exec?command=ls", undefined, { as: jane })).body.message).toContain(
      'cannot create resource "pods/exec"',
    );
    const robot = account("work", "robot");
    expect(await status(robot, "GET", "/api/v1/namespaces/work/secrets/mine")).toBe(200);
    expect(await status(robot, "GET", "/api/v1/namespaces/work/secrets/other")).toBe(403);
    expect(await status(robot, "GET", "/api/v1/namespaces/work/secrets")).toBe(403);
    expect(await status(robot, "GET", "/api/v1/namespaces/work/secrets?fieldSelector=metadata.name%3Dmine")).toBe(403);
  });

  it("takes aggregated cluster roles in", async () => {
    await ensure(`${rbac}/namespaces/work/rolebindings`, {
      metadata: { name: "viewers" },
      roleRef: rbacRef("ClusterRole", "view"),
      subjects: [{ kind: "User", name: "vera", apiGroup: "rbac.authorization.k8s.io" }],
    });
    const vera: UserInfo = { name: "vera", groups: [] };
    expect(await status(vera, "GET", "/api/v1/namespaces/work/configmaps")).toBe(200);
    expect(await status(vera, "GET", "/api/v1/namespaces/work/secrets")).toBe(403);
    await ensure(`${rbac}/clusterroles`, {
      metadata: { name: "more-view", labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }],
    });
    expect(await status(vera, "GET", "/api/v1/namespaces/work/secrets")).toBe(200);
    await server.ask("DELETE", `${rbac}/clusterroles/more-view`);
    expect(await status(vera, "GET", "/api/v1/namespaces/work/secrets")).toBe(403);
  });

  it("lets nobody give away more than they have", async () => {
    const boss: UserInfo = { name: "boss", groups: [] };
    await ensure(`${rbac}/namespaces/work/rolebindings`, {
      metadata: { name: "boss" },
      roleRef: rbacRef("ClusterRole", "admin"),
      subjects: [{ kind: "User", name: "boss", apiGroup: "rbac.authorization.k8s.io" }],
    });
    const roles = `${rbac}/namespaces/work/roles`;
    expect(
      await status(boss, "POST", roles, { metadata: { name: "ok" }, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }),
    ).toBe(201);
    const refused = await server.ask(
      "POST",
      roles,
      { metadata: { name: "no" }, rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }] },
      { as: boss },
    );
    expect(refused.body.message).toContain(
      'is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
    );
    const bind = (name: string): Promise<number> =>
      status(boss, "POST", `${rbac}/namespaces/work/rolebindings`, {
        metadata: { name: `to-${name}` },
        roleRef: rbacRef("ClusterRole", name),
        subjects: [{ kind: "User", name: "x", apiGroup: "rbac.authorization.k8s.io" }],
      });
    expect(await bind("edit")).toBe(201);
    expect(await bind("cluster-admin")).toBe(403);
  });

  it("impersonates whom one may", async () => {
    const as = (headers: Record<string, string>, user?: UserInfo): Promise<any> =>
      server.ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, { headers, ...(user && { as: user }) });
    expect((await as({ "impersonate-user": "jane", "impersonate-group": "devs, ops" })).body.status.userInfo).toMatchObject({
      username: "jane",
      groups: ["devs", "ops", "system:authenticated"],
    });
    expect((await as({ "impersonate-user": "system:serviceaccount:work:robot" })).body.status.userInfo.groups).toEqual([
      "system:serviceaccounts",
      "system:serviceaccounts:work",
      "system:authenticated",
    ]);
    expect((await as({ "impersonate-user": "jane" }, jane)).body.message).toContain('cannot impersonate resource "users"');
    expect((await as({ "impersonate-group": "x" })).status).toBe(400);
  });

  it("answers reviews as the requests would be answered", async () => {
    const ask = async (user: string, verb: string, resource: string): Promise<boolean> => {
      const body = { spec: { user, groups: user === "jane" ? ["devs"] : [], resourceAttributes: { namespace: "work", verb, resource } } };
      return (await server.ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)).body.status.allowed;
    };
    expect(await ask("jane", "list", "pods")).toBe(true);
    expect(await ask("jane", "list", "secrets")).toBe(false);
    expect(await ask("mallory", "list", "pods")).toBe(false);
    const self = await server.ask(
      "POST",
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      { spec: { resourceAttributes: { namespace: "work", verb: "get", resource: "pods" } } },
      { as: jane },
    );
    expect(self.body.status.allowed).toBe(true);
    expect(self.body.status.reason).toContain('RBAC: allowed by RoleBinding "reader/work" of Role "reader" to Group "devs"');
    const rules = await server.ask(
      "POST",
      "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
      { spec: { namespace: "work" } },
      { as: jane },
    );
    expect(rules.body.status.resourceRules).toContainEqual({
      verbs: ["get", "list", "watch"],
      apiGroups: [""],
      resources: ["pods", "pods/log"],
    });
    const neither = await server.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { spec: {} }, { as: jane });
    expect(neither.status).toBe(422);
  });

  it("shows nodes only what their pods mention", async () => {
    const reads: [user: string, target: string, code: number][] = [
      ["n1", "/api/v1/namespaces/work/secrets/mine", 200],
      ["n2", "/api/v1/namespaces/work/secrets/mine", 403],
      ["n1", "/api/v1/namespaces/work/secrets/other", 403],
      ["n1", "/api/v1/namespaces/work/secrets", 403],
      ["n1", "/api/v1/namespaces/work/configmaps/conf", 200],
      ["n2", "/api/v1/namespaces/work/configmaps/conf", 403],
      ["n1", "/api/v1/namespaces/work/configmaps?fieldSelector=metadata.name%3Dconf", 200],
      ["n1", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1", 200],
      ["n1", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn2", 403],
      ["n1", "/api/v1/pods", 403],
      ["n1", "/api/v1/namespaces/work/pods/p1", 200],
      ["n1", "/api/v1/namespaces/work/pods/p2", 403],
      ["n1", "/api/v1/nodes/n1", 200],
      ["n1", "/api/v1/nodes/n2", 403],
      ["n1", "/api/v1/services", 200],
    ];
    for (const [user, target, code] of reads) expect([user, target, await status(node(user), "GET", target)]).toEqual([user, target, code]);
  });

  it("lets nodes write only their own", async () => {
    const patch = (user: string, target: string, body: object): Promise<number> =>
      status(node(user), "PATCH", target, JSON.stringify(body), apply);
    expect(await patch("n1", "/api/v1/nodes/n1/status", { status: { phase: "Running" } })).toBe(200);
    expect(await patch("n1", "/api/v1/nodes/n2/status", { status: { phase: "Running" } })).toBe(403);
    expect(await patch("n1", "/api/v1/nodes/n1", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } })).toBe(403);
    expect(await patch("n1", "/api/v1/nodes/n1", { metadata: { labels: { "kubernetes.io/os": "linux" } } })).toBe(200);
    expect(await patch("n1", "/api/v1/nodes/n1", { metadata: { labels: { "node-role.kubernetes.io/control-plane": "" } } })).toBe(403);
    expect(await patch("n1", "/api/v1/namespaces/work/pods/p1/status", { status: { phase: "Running" } })).toBe(200);
    expect(await patch("n2", "/api/v1/namespaces/work/pods/p1/status", { status: { phase: "Running" } })).toBe(403);
    const lease = (name: string): object => ({ metadata: { name }, spec: { holderIdentity: name } });
    const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    expect(await status(node("n1"), "POST", leases, lease("n1"))).toBe(201);
    expect(await status(node("n1"), "POST", leases, lease("n2"))).toBe(403);
    expect(await status(node("n1"), "GET", `${leases}/n1`)).toBe(200);
    expect(await status(node("n1"), "GET", `${leases}/n2`)).toBe(403);
    expect(
      await status(node("n1"), "POST", "/api/v1/namespaces/work/pods", {
        metadata: { name: "x" },
        spec: { nodeName: "n1", containers: [{ name: "c", image: "i" }] },
      }),
    ).toBe(403);
    expect(await status(node("n2"), "DELETE", "/api/v1/namespaces/work/pods/p1")).toBe(403);
  });

  it("issues tokens that end with what they are bound to", async () => {
    const path = "/api/v1/namespaces/work/serviceaccounts/robot/token";
    const pod = (await server.ask("GET", "/api/v1/namespaces/work/pods/p1")).body;
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name: "p1", uid: pod.metadata.uid };
    expect(await status(node("n2"), "POST", path, { spec: { boundObjectRef } })).toBe(403);
    expect(await status(node("n1"), "POST", path, { spec: {} })).toBe(403);
    const made = await server.ask("POST", path, { spec: { boundObjectRef, expirationSeconds: 3607 } }, { as: node("n1") });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const { token, expirationTimestamp } = made.body.status;
    expect(expirationTimestamp).toBe("2026-01-01T01:00:07Z");
    const me = (): Promise<any> =>
      server.ask(
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        {},
        { peer: { address: "1.2.3.4" }, headers: { authorization: `Bearer ${token}` } },
      );
    expect((await me()).body.status.userInfo).toMatchObject({
      username: "system:serviceaccount:work:robot",
      groups: ["system:serviceaccounts", "system:serviceaccounts:work", "system:authenticated"],
      extra: { "authentication.kubernetes.io/pod-name": ["p1"], "authentication.kubernetes.io/node-name": ["n1"] },
    });
    const review = await server.ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token } });
    expect(review.body.status).toMatchObject({ authenticated: true, user: { username: "system:serviceaccount:work:robot" } });
    const elsewhere = await server.ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token, audiences: ["vault"] } });
    expect(elsewhere.body.status.authenticated).toBe(false);
    expect(
      await status(
        undefined,
        "POST",
        path,
        { spec: { expirationSeconds: 60 } },
        { peer: { address: "", user: { name: "admin", groups: ["system:masters"] } } },
      ),
    ).toBe(422);
    await server.ask("DELETE", "/api/v1/namespaces/work/pods/p1?gracePeriodSeconds=0");
    expect((await me()).status).toBe(401);
  });
});
