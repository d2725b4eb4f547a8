// The kubelet on real containers: what Kubernetes says of a pod must be what the machine does.

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../src/host/node/packages.ts";
import type { Event, Pod } from "../../src/kinds/core/types.gen.ts";
import { type Door, openDoor } from "../registry/door.ts";
import { pushLayout } from "../registry/push-layout.ts";
import { layoutOf, type TestRegistry } from "../registry/registry.ts";
import { containerOf, isReady, isRunning, launcher, outputOf, podOf, RealCluster, run, until } from "./real-cluster.ts";

let cluster: RealCluster;
let door: Door;
beforeAll(async () => {
  door = await openDoor();
  const registries = (registry: TestRegistry): string => {
    door.leadTo(registry.address);
    return `${registry.registriesYaml}  "${door.address}":\n    endpoint: ["http://${door.address}"]\n`;
  };
  cluster = await RealCluster.start("e2e-pods", { recipes: ["busybox", "whoami", "nginx"], registries });
});
afterAll(async () => {
  await door?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

const shell = (script: string): { command: string[] } => ({ command: ["sh", "-c", script] });
const waitingReason = (pod: Pod): string | undefined => containerOf(pod)?.state?.waiting?.reason;
const restarts = (pod: Pod): number => containerOf(pod)?.restartCount ?? 0;
const inspect = async (path: string): Promise<string> => (await readFile(path, "utf8")).trim();

async function eventsOf(pod: string): Promise<readonly Event[]> {
  const list = await (
    await cluster.client()
  ).request<{ items: Event[] }>("GET", `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D${pod}`);
  return list.items;
}
const eventReasons = async (pod: string): Promise<readonly (string | undefined)[]> => (await eventsOf(pod)).map(({ reason }) => reason);

describe.concurrent("probes", () => {
  test("a failing liveness probe restarts the container, by exec, http and tcp", async () => {
    const probe = { periodSeconds: 1, failureThreshold: 1 };
    await Promise.all([
      cluster.create(
        podOf("live-exec", {
          ...shell("touch /tmp/a; exec sleep 3600"),
          livenessProbe: { ...probe, exec: { command: ["cat", "/tmp/a"] } },
        }),
      ),
      cluster.create(
        podOf("live-http", {
          image: "test.example/whoami:1",
          command: undefined,
          livenessProbe: { ...probe, initialDelaySeconds: 1, httpGet: { path: "/missing", port: 8080 } },
        }),
      ),
      cluster.create(
        podOf("live-tcp", {
          image: "test.example/whoami:1",
          command: undefined,
          livenessProbe: { ...probe, initialDelaySeconds: 1, tcpSocket: { port: 8080 } },
        }),
      ),
    ]);
    // The two servers answer 404 and take connections: the first fails at once, the second only when it stops listening.
    await cluster.untilPod("live-exec", isReady);
    await cluster.sh("live-exec", "rm /tmp/a");
    const restarted = await cluster.untilPod("live-exec", (pod) => restarts(pod) >= 1);
    expect(containerOf(restarted)?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
    await cluster.untilPod("live-http", (pod) => restarts(pod) >= 1);
    const tcp = await cluster.untilPod("live-tcp", isReady);
    expect(restarts(tcp)).toBe(0);
    await cluster.sh("live-tcp", "killall httpd || true").catch(() => undefined);
    await cluster.untilPod("live-tcp", (pod) => restarts(pod) >= 1 && isReady(pod));
    await until(
      async () => (await eventReasons("live-exec")).includes("Unhealthy") && (await eventReasons("live-exec")).includes("Killing"),
    );
  });

  test("a readiness probe takes the pod out of its Service and puts it back", async () => {
    await cluster.create({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "readiness" },
      spec: { selector: { app: "readiness" }, ports: [{ port: 80 }] },
    } as never);
    await cluster.startPod("readiness", {
      ...shell("touch /tmp/ready; exec sleep 3600"),
      readinessProbe: { exec: { command: ["cat", "/tmp/ready"] }, periodSeconds: 1, failureThreshold: 1 },
    });
    const ready = async (): Promise<boolean | undefined> => {
      const client = await cluster.client();
      const { items } = await client.request<{ items: { endpoints?: { conditions?: { ready?: boolean } }[] }[] }>(
        "GET",
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dreadiness",
      );
      return items[0]?.endpoints?.[0]?.conditions?.ready;
    };
    await until(ready);
    await cluster.sh("readiness", "rm /tmp/ready");
    await cluster.untilPod("readiness", (pod) => !isReady(pod));
    await until(async () => (await ready()) === false);
    await cluster.sh("readiness", "touch /tmp/ready");
    const again = await cluster.untilPod("readiness", isReady);
    await until(ready);
    expect(restarts(again)).toBe(0);
  });

  test("a startup probe holds the others back", async () => {
    await cluster.create(
      podOf("startup", {
        ...shell("sleep 2; touch /tmp/up; exec sleep 3600"),
        startupProbe: { exec: { command: ["cat", "/tmp/up"] }, periodSeconds: 1, failureThreshold: 30 },
        livenessProbe: { exec: { command: ["cat", "/tmp/up"] }, periodSeconds: 1, failureThreshold: 1 },
      }),
    );
    const running = await cluster.untilPod("startup", isRunning);
    expect(containerOf(running)).toMatchObject({ started: false, ready: false });
    const up = await cluster.untilPod("startup", isReady);
    expect(containerOf(up)).toMatchObject({ started: true, restartCount: 0 });
  });
});

describe.concurrent("ends and failures", () => {
  test("exit codes, termination messages and phases", async () => {
    await Promise.all([
      cluster.create(podOf("done", shell("echo fine >/dev/termination-log"), { restartPolicy: "Never" })),
      cluster.create(
        podOf(
          "failed",
          { ...shell("echo last words; exit 7"), terminationMessagePolicy: "FallbackToLogsOnError" },
          { restartPolicy: "Never" },
        ),
      ),
      cluster.create(
        podOf("onfailure", shell("[ -e /data/x ] || { touch /data/x; exit 1; }"), {
          restartPolicy: "OnFailure",
          volumes: [{ name: "data", emptyDir: {} }],
          containers: [
            {
              name: "main",
              image: "busybox:1.28",
              ...shell("[ -e /data/x ] || { touch /data/x; exit 1; }"),
              volumeMounts: [{ name: "data", mountPath: "/data" }],
            },
          ],
        }),
      ),
    ]);
    const done = await cluster.untilPod("done", (pod) => pod.status?.phase === "Succeeded");
    expect(containerOf(done)?.state?.terminated).toMatchObject({ exitCode: 0, reason: "Completed", message: "fine\n" });
    const failed = await cluster.untilPod("failed", (pod) => pod.status?.phase === "Failed");
    expect(containerOf(failed)?.state?.terminated).toMatchObject({ exitCode: 7, reason: "Error", message: "last words\n" });
    const retried = await cluster.untilPod("onfailure", (pod) => pod.status?.phase === "Succeeded");
    expect(restarts(retried)).toBe(1);
  });

  test("a container that keeps failing waits in CrashLoopBackOff", async () => {
    await cluster.create(podOf("crashing", shell("echo run; exit 3")));
    const waiting = await cluster.untilPod("crashing", (pod) => waitingReason(pod) === "CrashLoopBackOff");
    expect(containerOf(waiting)).toMatchObject({
      lastState: { terminated: { exitCode: 3, reason: "Error" } },
      state: { waiting: { message: expect.stringMatching(/^back-off \d+s restarting failed container=main pod=crashing_default\(/) } },
    });
    await until(async () => (await eventReasons("crashing")).includes("BackOff"));
    expect((await cluster.kubectl(["logs", "crashing", "--previous"])).out).toBe("run\n");
  });

  test("an image that is missing is pulled once it appears", async () => {
    await cluster.create(podOf("unpulled", { image: "test.example/late:1" }));
    const failing = await cluster.untilPod("unpulled", (pod) => ["ErrImagePull", "ImagePullBackOff"].includes(waitingReason(pod) ?? ""));
    expect(containerOf(failing)?.state?.waiting?.message).toContain("test.example/late:1");
    await cluster.untilPod("unpulled", (pod) => waitingReason(pod) === "ImagePullBackOff");
    await pushLayout(layoutOf("busybox"), `http://${cluster.registry.address}`, "test.example/late", "1");
    await cluster.untilPod("unpulled", isReady, 60_000);
  });

  test("an image behind a password is pulled with the pod's secret only", async () => {
    const auths = { [door.address]: { username: "me", password: "se:cret" } };
    await cluster.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "door" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
    } as never);
    const image = `${door.address}/test.example/whoami:1`;
    await cluster.create(podOf("without-secret", { image, command: undefined }));
    const refused = await cluster.untilPod(
      "without-secret",
      (pod) => waitingReason(pod) === "ErrImagePull" || waitingReason(pod) === "ImagePullBackOff",
    );
    expect(isReady(refused)).toBe(false);
    await cluster.create(podOf("with-secret", { image, command: undefined }, { imagePullSecrets: [{ name: "door" }] }));
    await cluster.untilPod("with-secret", isReady);
    // The image is on the node now; a pod without the secret still may not have it when it must ask the registry.
    await cluster.create(podOf("asks-again", { image, command: undefined, imagePullPolicy: "Always" }));
    await cluster.untilPod("asks-again", (pod) => ["ErrImagePull", "ImagePullBackOff"].includes(waitingReason(pod) ?? ""));
  });

  test("a missing ConfigMap holds a container in CreateContainerConfigError until it is there", async () => {
    await cluster.create(podOf("config-less", { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "late", key: "a" } } }] }));
    const waiting = await cluster.untilPod("config-less", (pod) => waitingReason(pod) === "CreateContainerConfigError");
    expect(containerOf(waiting)?.state?.waiting?.message).toBe('configmap "late" not found');
    await cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "late" }, data: { a: "here" } } as never);
    await cluster.untilPod("config-less", isReady, 90_000);
    expect(await cluster.sh("config-less", "echo $A")).toBe("here\n");
  });

  test("a container that takes more memory than its limit is OOMKilled", async () => {
    await cluster.create(
      podOf("hungry", { ...shell("tail /dev/zero"), resources: { limits: { memory: "16Mi" } } }, { restartPolicy: "Never" }),
    );
    const dead = await cluster.untilPod("hungry", (pod) => pod.status?.phase === "Failed");
    expect(containerOf(dead)?.state?.terminated).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
  });

  test("preStop runs before the signal, the grace ends in a kill, and --force does not wait", async () => {
    const directory = await mkdtemp(join(tmpdir(), "timonier-prestop-"));
    const volumes = [{ name: "out", hostPath: { path: directory, type: "Directory" } }];
    const volumeMounts = [{ name: "out", mountPath: "/out" }];
    await cluster.startPod(
      "polite",
      {
        ...shell("trap 'echo term >>/out/log; exit 0' TERM; while :; do sleep 0.1; done"),
        lifecycle: { preStop: { exec: { command: ["sh", "-c", "echo prestop >>/out/log"] } } },
        volumeMounts,
      },
      { terminationGracePeriodSeconds: 20, volumes },
    );
    await cluster.startPod("stubborn", shell("trap '' TERM; while :; do sleep 0.1; done"), { terminationGracePeriodSeconds: 2 });
    const startedAt = performance.now();
    outputOf(await cluster.kubectl(["delete", "pod", "polite"]));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await readFile(join(directory, "log"), "utf8")).toBe("prestop\nterm\n");
    const beganAt = performance.now();
    outputOf(await cluster.kubectl(["delete", "pod", "stubborn"]));
    expect(performance.now() - beganAt).toBeGreaterThan(1_900);
    expect(performance.now() - beganAt).toBeLessThan(8_000);
    await rm(directory, { recursive: true });
  });
});

describe.concurrent("what a container sees", () => {
  test("the downward API, expanded variables and service variables", async () => {
    await cluster.create({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "seen-service" },
      spec: { selector: { app: "none" }, ports: [{ name: "web", port: 80 }] },
    } as never);
    const pod = podOf(
      "downward",
      {
        env: [
          { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "HOST", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
          { name: "LIMIT", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } } },
          { name: "GREETING", value: "hello $(NAME) $$(NAME) $(NONE)" },
        ],
        resources: { limits: { memory: "32Mi", cpu: "200m" }, requests: { cpu: "100m" } },
        volumeMounts: [{ name: "info", mountPath: "/info" }],
      },
      { volumes: [{ name: "info", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } }] },
    );
    await cluster.create(pod);
    const ready = await cluster.untilPod("downward", isReady);
    const { nodeAddress } = await cluster.config();
    expect(await cluster.sh("downward", 'echo "$NAME $IP $HOST $LIMIT"; echo "$GREETING"; cat /info/labels')).toBe(
      `downward ${ready.status!.podIP} ${nodeAddress} 32\nhello downward $(NAME) $(NONE)\napp="downward"`,
    );
    const client = await cluster.client();
    const service = await client.request<{ spec: { clusterIP: string } }>("GET", "/api/v1/namespaces/default/services/seen-service");
    const environment = await cluster.sh("downward", "env");
    expect(environment).toContain(`SEEN_SERVICE_SERVICE_HOST=${service.spec.clusterIP}\n`);
    expect(environment).toContain("SEEN_SERVICE_SERVICE_PORT_WEB=80\n");
    expect(environment).toContain("KUBERNETES_SERVICE_PORT_HTTPS=443\n");
    await client.request(
      "PATCH",
      "/api/v1/namespaces/default/pods/downward",
      { metadata: { labels: { colour: "red" } } },
      { contentType: "application/merge-patch+json" },
    );
    await until(async () => (await cluster.sh("downward", "cat /info/labels")).includes('colour="red"'), 20_000, 200);
  });

  test("limits as control groups", async () => {
    const pod = await cluster.startPod("limited", {
      resources: { limits: { memory: "48Mi", cpu: "250m" }, requests: { memory: "24Mi", cpu: "100m" } },
    });
    const { cgroupRoot } = (await cluster.layout()).names;
    const id = containerOf(pod)!.containerID!.replace("containerd://", "");
    const group = (controller: string): string => `/sys/fs/cgroup/${controller}${cgroupRoot}/burstable/pod${pod.metadata!.uid}`;
    const isV1 = await stat("/sys/fs/cgroup/memory").then(
      () => true,
      () => false,
    );
    if (isV1) {
      expect(await inspect(`${group("memory")}/memory.limit_in_bytes`)).toBe(String(48 << 20));
      expect(await inspect(`${group("memory")}/${id}/memory.limit_in_bytes`)).toBe(String(48 << 20));
      expect(await inspect(`${group("cpu")}/${id}/cpu.cfs_quota_us`)).toBe("25000");
      expect(await inspect(`${group("cpu")}/${id}/cpu.shares`)).toBe("102");
    } else {
      const unified = `/sys/fs/cgroup${cgroupRoot}/burstable/pod${pod.metadata!.uid}`;
      expect(await inspect(`${unified}/${id}/memory.max`)).toBe(String(48 << 20));
      expect(await inspect(`${unified}/${id}/cpu.max`)).toBe("25000 100000");
    }
    expect(pod.status?.qosClass).toBe("Burstable");
  });

  test("a token of its own that the API server knows, and the authority's certificate", async () => {
    await cluster.startPod("tokened", {});
    const place = "/var/run/secrets/kubernetes.io/serviceaccount";
    expect(await cluster.sh("tokened", `cat ${place}/namespace`)).toBe("default");
    const token = await cluster.sh("tokened", `cat ${place}/token`);
    const client = await cluster.client();
    const review = await client.request<{
      status: { authenticated: boolean; user: { username: string; extra: Record<string, string[]> } };
    }>("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token },
    });
    expect(review.status).toMatchObject({
      authenticated: true,
      user: {
        username: "system:serviceaccount:default:default",
        extra: { "authentication.kubernetes.io/pod-name": ["tokened"] },
      },
    });
    const ca = await cluster.sh("tokened", `cat ${place}/ca.crt`);
    const { dataDir } = (await cluster.layout()).names;
    expect(ca).toBe(await readFile(join(dataDir, "pki/ca.crt"), "utf8"));
    await cluster.startPod("untokened", {}, { automountServiceAccountToken: false });
    expect(await cluster.sh("untokened", `ls ${place} || true`)).toContain("No such file");
    // The Service `kubernetes` leads to the API server, also from inside.
    expect(await cluster.sh("tokened", "echo | nc -w 3 kubernetes.default 443 >/dev/null && echo reached")).toBe("reached\n");
  });

  test("volumes: emptyDir in memory with a limit, hostPath, subPath, a live ConfigMap", async () => {
    const directory = await mkdtemp(join(tmpdir(), "timonier-hostpath-"));
    await writeFile(join(directory, "note"), "from the host");
    await cluster.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "live" }, data: { key: "one" } } as never);
    await cluster.startPod(
      "volumes",
      {
        volumeMounts: [
          { name: "memory", mountPath: "/memory" },
          { name: "host", mountPath: "/host", readOnly: true },
          { name: "live", mountPath: "/live" },
          { name: "memory", mountPath: "/sub", subPath: "inner" },
        ],
      },
      {
        volumes: [
          { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
          { name: "host", hostPath: { path: directory, type: "Directory" } },
          { name: "live", configMap: { name: "live" } },
        ],
      },
    );
    expect(await cluster.sh("volumes", "cat /host/note; touch /host/x || true")).toMatch(/^from the host.*Read-only file system/s);
    expect(await cluster.sh("volumes", "head -c 3000000 /dev/zero >/memory/big || wc -c </memory/big")).toContain("1048576");
    expect(await cluster.sh("volumes", "rm /memory/big; echo x >/sub/file; cat /memory/inner/file; cat /live/key")).toBe("x\none");
    const client = await cluster.client();
    await client.request(
      "PATCH",
      "/api/v1/namespaces/default/configmaps/live",
      { data: { key: "two" } },
      { contentType: "application/merge-patch+json" },
    );
    // Files follow within about a minute; a change of the pod itself, if only an annotation, makes its kubelet look at once.
    const look = async (turn: number): Promise<string> => {
      const hurry = { metadata: { annotations: { hurry: String(turn) } } };
      await client.request("PATCH", "/api/v1/namespaces/default/pods/volumes", hurry, { contentType: "application/merge-patch+json" });
      return await cluster.sh("volumes", "cat /live/key");
    };
    let turn = 0;
    await until(async () => (await look(turn++)) === "two", 20_000, 500);
    await rm(directory, { recursive: true });
  });

  test("the node's network with hostNetwork, a port of the node with hostPort", async () => {
    const { nodeAddress } = await cluster.config();
    const pod = await cluster.startPod("hostnet", {}, { hostNetwork: true });
    expect(pod.status).toMatchObject({ podIP: nodeAddress, hostIP: nodeAddress });
    expect(await cluster.sh("hostnet", "ip addr")).toContain((await cluster.layout()).names.bridge);
    await cluster.startPod("hostport", {
      image: "test.example/whoami:1",
      command: undefined,
      ports: [{ containerPort: 8080, hostPort: 18_089 }],
    });
    const answer = await until(async () => (await fetch(`http://${nodeAddress}:18089/cgi-bin/index.cgi`)).text());
    expect(answer).toContain("hostname: hostport");
  });

  test("resolv.conf by dnsPolicy", async () => {
    const { dnsAddress } = await cluster.layout();
    await Promise.all([
      cluster.startPod("dns-first", {}),
      cluster.startPod("dns-default", {}, { dnsPolicy: "Default" }),
      cluster.startPod(
        "dns-none",
        {},
        { dnsPolicy: "None", dnsConfig: { nameservers: ["192.0.2.7"], searches: ["a.example"], options: [{ name: "ndots", value: "2" }] } },
      ),
      cluster.startPod("dns-hostnet", {}, { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }),
    ]);
    const own = `search default.svc.cluster.local svc.cluster.local cluster.local`;
    for (const name of ["dns-first", "dns-hostnet"]) {
      const text = await cluster.sh(name, "cat /etc/resolv.conf");
      expect(text).toContain(`nameserver ${dnsAddress}\n`);
      expect(text).toContain(own);
      expect(text).toContain("options ndots:5");
    }
    expect(await cluster.sh("dns-default", "cat /etc/resolv.conf")).not.toContain(dnsAddress);
    expect(await cluster.sh("dns-none", "cat /etc/resolv.conf")).toBe("search a.example\nnameserver 192.0.2.7\noptions ndots:2\n");
  });
});

describe.concurrent("logs and streams", () => {
  test("logs: tail, since, follow, timestamps", async () => {
    await cluster.startPod("talker", shell("for i in 1 2 3; do echo line $i; done; sleep 4; echo late; exec sleep 3600"));
    const following = await cluster.startKubectl(["logs", "-f", "talker"]);
    expect(outputOf(await cluster.kubectl(["logs", "talker", "--tail", "2"]))).toBe("line 2\nline 3\n");
    expect(outputOf(await cluster.kubectl(["logs", "talker", "--timestamps", "--tail=1"]))).toMatch(/^\d{4}-\d\d-\d\dT\S+Z line 3\n$/);
    await until(async () => following.said().includes("late"));
    expect(following.said()).toBe("line 1\nline 2\nline 3\nlate\n");
    following.child.kill("SIGTERM");
    expect(outputOf(await cluster.kubectl(["logs", "talker", "--since=2s"]))).not.toContain("line 1");
    const none = await cluster.kubectl(["logs", "talker", "--previous"]);
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('previous terminated container "main" in pod "talker" not found')]);
  });

  test("exec: exit code, standard input to its end, a terminal", async () => {
    await cluster.startPod("executed", {});
    const failed = await cluster.kubectl(["exec", "executed", "--", "sh", "-c", "echo out; echo err >&2; exit 42"]);
    expect([failed.code, failed.out]).toEqual([42, "out\n"]);
    expect(failed.err).toContain("err\n");
    const counted = await cluster.kubectl(["exec", "-i", "executed", "--", "wc", "-c"], { input: "x".repeat(300_000) });
    expect(outputOf(counted).trim()).toBe("300000");
    const missing = await cluster.kubectl(["exec", "executed", "--", "no-such-program"]);
    expect(missing.code).not.toBe(0);
    expect(missing.err).toContain("executable file not found");
    // script(1) gives a kubectl a terminal of its own; the container then has one too, of the same size.
    for (const kubectl of [await findProgram("kubectl"), `${launcher} kubectl`]) {
      if (kubectl === undefined) continue;
      const line = `stty rows 31 cols 87; ${kubectl} exec -it executed -- sh -c 'tty; sleep 0.5; stty size; exit 5'`;
      const terminal = await run(["script", "-qec", line, "/dev/null"], { environment: { KUBECONFIG: cluster.kubeconfig } });
      expect([terminal.code, terminal.out.replaceAll(/\r|\^@/g, "")], kubectl).toEqual([
        5,
        expect.stringMatching(/^\/dev\/pts\/\d+\n[^\n]*31 87\n/),
      ]);
    }
  });

  test("attach and port-forward", async () => {
    await cluster.startPod("attached", { ...shell("while read line; do echo got $line; done; exec sleep 3600"), stdin: true });
    const attached = await cluster.startKubectl(["attach", "-i", "attached"]);
    await until(
      async () => {
        attached.child.stdin!.write("ping\n");
        return attached.said().includes("got ping");
      },
      15_000,
      300,
    );
    attached.child.kill("SIGTERM");
    await cluster.startPod("forwarded", { image: "test.example/whoami:1", command: undefined });
    const forward = await cluster.startKubectl(["port-forward", "pod/forwarded", ":8080"]);
    const port = await until(async () => /127\.0\.0\.1:(\d+) ->/.exec(forward.said())?.[1]);
    for (let turn = 0; turn < 3; turn++) {
      expect(await (await fetch(`http://127.0.0.1:${port}/cgi-bin/index.cgi`)).text()).toContain("hostname: forwarded");
    }
    forward.child.kill("SIGTERM");
  });
});

test("a pod leaves nothing on its node", async () => {
  const pod = await cluster.startPod(
    "leaver",
    { volumeMounts: [{ name: "memory", mountPath: "/memory" }] },
    { volumes: [{ name: "memory", emptyDir: { medium: "Memory" } }] },
  );
  const { names } = await cluster.layout();
  const directory = join(names.kubeletDir, "pods", pod.metadata!.uid!);
  await stat(directory);
  outputOf(await cluster.kubectl(["delete", "pod", "leaver"]));
  await until(async () =>
    stat(directory).then(
      () => false,
      () => true,
    ),
  );
  expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(pod.metadata!.uid);
});
