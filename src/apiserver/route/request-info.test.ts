import { describe, expect, it } from "vitest";
import { requestInfo } from "./request-info.ts";

describe("requestInfo", () => {
  const cases: [
    method: string,
    target: string,
    verb: string,
    group: string,
    namespace: string,
    resource: string,
    subresource: string,
    name: string,
  ][] = [
    ["GET", "/api/v1/pods", "list", "", "", "pods", "", ""],
    ["GET", "/api/v1/pods?watch=true", "watch", "", "", "pods", "", ""],
    ["GET", "/api/v1/pods?watch=false", "list", "", "", "pods", "", ""],
    ["GET", "/api/v1/watch/namespaces/a/pods/p", "watch", "", "a", "pods", "", "p"],
    ["GET", "/api/v1/namespaces", "list", "", "", "namespaces", "", ""],
    ["GET", "/api/v1/namespaces/a", "get", "", "a", "namespaces", "", "a"],
    ["PUT", "/api/v1/namespaces/a/finalize", "update", "", "a", "namespaces", "finalize", "a"],
    ["GET", "/api/v1/namespaces/a/pods", "list", "", "a", "pods", "", ""],
    ["GET", "/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dp", "list", "", "a", "pods", "", "p"],
    ["GET", "/api/v1/namespaces/a/pods/p", "get", "", "a", "pods", "", "p"],
    ["HEAD", "/api/v1/namespaces/a/pods/p", "get", "", "a", "pods", "", "p"],
    ["GET", "/api/v1/namespaces/a/pods/p/log", "get", "", "a", "pods", "log", "p"],
    ["POST", "/api/v1/namespaces/a/pods/p/binding", "create", "", "a", "pods", "binding", "p"],
    ["DELETE", "/apis/apps/v1/namespaces/a/deployments", "deletecollection", "apps", "a", "deployments", "", ""],
    ["PATCH", "/apis/apps/v1/namespaces/a/deployments/d/scale", "patch", "apps", "a", "deployments", "scale", "d"],
    [
      "GET",
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
      "get",
      "rbac.authorization.k8s.io",
      "",
      "clusterroles",
      "",
      "system:node",
    ],
  ];
  for (const [method, target, verb, group, namespace, resource, subresource, name] of cases)
    it(`${method} ${target}`, () =>
      expect(requestInfo(method, target)).toMatchObject({ isResource: true, verb, group, namespace, resource, subresource, name }));

  for (const target of ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/version", "/openapi/v2"])
    it(`${target} is no resource`, () => expect(requestInfo("GET", target)).toMatchObject({ isResource: false, verb: "get" }));

  it("keeps what follows proxy", () => {
    expect(requestInfo("GET", "/api/v1/namespaces/a/services/s:http/proxy/x/y/?z=1").rest).toBe("x/y/");
    expect(requestInfo("GET", "/api/v1/namespaces/a/services/s/proxy").rest).toBe("");
  });
});
