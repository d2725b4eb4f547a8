// Small pure parts: names of images, credentials, resolvers, resources, Service variables, log records.

import { describe, expect, test } from "vitest";
import type { Container as ApiContainer, Pod, Secret, Service } from "../kinds/core/types.gen.ts";
import { containerResources, milliCpuToQuota, milliCpuToShares, podCgroupLimits } from "./containers/resources.ts";
import { serviceVariables } from "./containers/service-variables.ts";
import { matchingCredentials, registryMatches } from "./images/credentials.ts";
import { parseImage, withDefaultTag } from "./images/reference.ts";
import { initialProbeState, stepProbe } from "./probes/probe-state.ts";
import { podDns } from "./sandbox/dns.ts";
import { parseLogLine } from "./server/cri-log.ts";

describe("names of images", () => {
  test.each([
    ["nginx", "docker.io", "library/nginx", "nginx:latest"],
    ["nginx:1.14.2", "docker.io", "library/nginx", "nginx:1.14.2"],
    ["me/app", "docker.io", "me/app", "me/app:latest"],
    ["gcr.io/a/b:v3", "gcr.io", "a/b", "gcr.io/a/b:v3"],
    ["localhost/pause:1", "localhost", "pause", "localhost/pause:1"],
    ["127.0.0.1:5077/x", "127.0.0.1:5077", "x", "127.0.0.1:5077/x:latest"],
    [`a@sha256:${"0".repeat(64)}`, "docker.io", "library/a", `a@sha256:${"0".repeat(64)}`],
  ])("%s", (text, domain, path, tagged) => {
    expect(parseImage(text)).toMatchObject({ domain, path });
    expect(withDefaultTag(text)).toBe(tagged);
  });
  test.each(["", "Nginx", "a b", "a:", "a/", "/a", "a@sha256:12", "a:tag:tag", "a//b", `${"x".repeat(300)}`])("%j is none", (text) => {
    expect(withDefaultTag(text)).toBeUndefined();
  });
});

describe("credentials", () => {
  test.each([
    ["gcr.io", "gcr.io/a/b", true],
    ["https://gcr.io/v1/", "gcr.io/a/b", true],
    ["gcr.io/a", "gcr.io/a/b", true],
    ["gcr.io/a", "gcr.io/ab/c", false],
    ["*.example.com", "x.example.com/a", true],
    ["*.example.com", "x.y.example.com/a", false],
    ["example.com", "example.com:5000/a", false],
    ["example.com:5000", "example.com:5000/a", true],
    ["https://index.docker.io/v1/", "nginx", true],
  ])("%s for %s: %s", (key, image, matches) => {
    expect(registryMatches(key, parseImage(image)!)).toBe(matches);
  });
  test("the longest match first, never with the server's address; a broken secret counts for nothing", () => {
    const secret = (type: string, key: string, value: string): Secret => ({ type, data: { [key]: btoa(value) } });
    const secrets = [
      secret(
        "kubernetes.io/dockerconfigjson",
        ".dockerconfigjson",
        JSON.stringify({ auths: { "gcr.io": { username: "a", password: "1" } } }),
      ),
      secret("kubernetes.io/dockercfg", ".dockercfg", JSON.stringify({ "gcr.io/team": { auth: btoa("b:2:x") } })),
      secret("kubernetes.io/dockerconfigjson", ".dockerconfigjson", "{"),
    ];
    expect(matchingCredentials(secrets, parseImage("gcr.io/team/app")!)).toEqual([
      { username: "b", password: "2:x" },
      { username: "a", password: "1" },
    ]);
  });
});

describe("resolvers", () => {
  const host = { servers: ["192.0.2.1"], searches: ["corp.example"], options: ["timeout:2"] };
  const cluster = { servers: ["10.96.0.10"], domain: "cluster.local" };
  const pod = (spec: object): Pod => ({ metadata: { namespace: "shop" }, spec }) as unknown as Pod;
  test("ClusterFirst asks the cluster first, and knows its own namespace", () => {
    expect(podDns(pod({ dnsPolicy: "ClusterFirst" }), cluster, host).config).toEqual({
      servers: ["10.96.0.10"],
      searches: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example"],
      options: ["ndots:5"],
    });
  });
  test("ClusterFirst on the host's network means the host's; ClusterFirstWithHostNet does not", () => {
    expect(podDns(pod({ dnsPolicy: "ClusterFirst", hostNetwork: true }), cluster, host).config).toEqual(host);
    expect(podDns(pod({ dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true }), cluster, host).config.servers).toEqual(["10.96.0.10"]);
  });
  test("None is the pod's own; options replace by name", () => {
    const dnsConfig = { nameservers: ["1.1.1.1"], searches: ["x."], options: [{ name: "ndots", value: "2" }, { name: "edns0" }] };
    expect(podDns(pod({ dnsPolicy: "None", dnsConfig }), cluster, host).config).toEqual({
      servers: ["1.1.1.1"],
      searches: ["x"],
      options: ["ndots:2", "edns0"],
    });
    expect(podDns(pod({ dnsPolicy: "ClusterFirst", dnsConfig }), cluster, host).config.options).toEqual(["ndots:2", "edns0"]);
  });
  test("without cluster DNS the host's are used, and it is said", () => {
    const result = podDns(pod({ dnsPolicy: "ClusterFirst" }), { servers: [], domain: "" }, host);
    expect(result.config).toEqual(host);
    expect(result.warnings[0]!.reason).toBe("MissingClusterDNS");
  });
  test("at most three servers", () => {
    const result = podDns(
      pod({ dnsPolicy: "None", dnsConfig: { nameservers: ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"] } }),
      cluster,
      host,
    );
    expect(result.config.servers).toEqual(["1.1.1.1", "2.2.2.2", "3.3.3.3"]);
    expect(result.warnings[0]!.message).toMatch(/^Nameserver limits were exceeded/);
  });
});

describe("resources", () => {
  test.each([
    [0, 2],
    [1, 2],
    [250, 256],
    [1000, 1024],
    [1_000_000, 262_144],
  ])("%i m of CPU are %i shares", (milli, shares) => {
    expect(milliCpuToShares(milli)).toBe(shares);
  });
  test.each([
    [0, 0],
    [1, 1000],
    [200, 20_000],
    [1500, 150_000],
  ])("%i m of CPU are a quota of %i", (milli, quota) => {
    expect(milliCpuToQuota(milli)).toBe(quota);
  });
  test("the out-of-memory score is by quality of service and share of the node", () => {
    const container = { name: "a", resources: { requests: { memory: "1Gi" } } } as unknown as ApiContainer;
    const pod = { spec: { containers: [container] } } as unknown as Pod;
    const score = (qos: "Guaranteed" | "Burstable" | "BestEffort", node = 4 * 2 ** 30) =>
      containerResources(container, pod, qos, node).oomScoreAdj;
    expect([
      score("Guaranteed"),
      score("BestEffort"),
      score("Burstable"),
      score("Burstable", 2 ** 30),
      score("Burstable", 2 ** 42),
    ]).toEqual([-997, 1000, 750, 3, 999]);
  });
  test("a pod is limited as a whole only when every container is", () => {
    const pod = (...limits: (object | undefined)[]): Pod =>
      ({ spec: { containers: limits.map((limit, index) => ({ name: `${index}`, resources: { limits: limit } })) } }) as unknown as Pod;
    expect(podCgroupLimits(pod({ cpu: "1", memory: "1Mi" }, { cpu: "500m", memory: "2Mi" }))).toEqual({
      cpuShares: 1536,
      cpuQuota: 150_000,
      cpuPeriod: 100_000,
      memoryBytes: 3 * 2 ** 20,
    });
    expect(podCgroupLimits(pod({ cpu: "1", memory: "1Mi" }, undefined))).toEqual({
      cpuShares: 1024,
      cpuQuota: -1,
      cpuPeriod: 100_000,
      memoryBytes: -1,
    });
  });
});

test("Service variables: own namespace by choice, kubernetes always, headless never", () => {
  const service = (namespace: string, name: string, clusterIP: string, port = 80): Service =>
    ({ metadata: { namespace, name }, spec: { clusterIP, ports: [{ name: "http", port, protocol: "TCP" }] } }) as unknown as Service;
  const services = [
    service("default", "kubernetes", "10.96.0.1", 443),
    service("shop", "my-db", "10.96.0.5"),
    service("shop", "head", "None"),
    service("other", "x", "10.96.0.9"),
  ];
  expect(Object.fromEntries(serviceVariables(services, "shop", true))).toMatchObject({
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    MY_DB_SERVICE_HOST: "10.96.0.5",
    MY_DB_SERVICE_PORT: "80",
    MY_DB_SERVICE_PORT_HTTP: "80",
    MY_DB_PORT: "tcp://10.96.0.5:80",
    MY_DB_PORT_80_TCP_ADDR: "10.96.0.5",
  });
  expect([...serviceVariables(services, "shop", false).keys()].every((name) => name.startsWith("KUBERNETES_"))).toBe(true);
  expect(serviceVariables(services, "shop", true).has("HEAD_SERVICE_HOST")).toBe(false);
});

test("probe thresholds count in a row", () => {
  const probe = { failureThreshold: 3, successThreshold: 2 };
  let state = initialProbeState("readiness", false);
  const results = [true, true, false, false, true, false, false, false].map(
    (passed) => (state = stepProbe(state, "readiness", probe, passed)).result,
  );
  expect(results).toEqual(["failure", "success", "success", "success", "success", "success", "success", "failure"]);
});

test("log records", () => {
  expect(parseLogLine("2026-01-02T03:04:05.123456789Z stderr P half a line")).toEqual({
    time: "2026-01-02T03:04:05.123456789Z",
    stream: "stderr",
    partial: true,
    text: "half a line",
  });
  expect(parseLogLine("2026-01-02T03:04:05Z stdout F ")).toMatchObject({ partial: false, text: "" });
  expect(parseLogLine("nonsense")).toBeUndefined();
  expect(parseLogLine("a b c d")).toBeUndefined();
});
