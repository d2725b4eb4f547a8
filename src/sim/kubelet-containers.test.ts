import { describe, expect, test } from "vitest";
import { configMapKind } from "../kinds/core/config-map.ts";
import { podKind } from "../kinds/core/pod.ts";
import { secretKind } from "../kinds/core/secret.ts";
import { serviceKind } from "../kinds/core/service.ts";
import type { ContainerStatus, Pod } from "../kinds/core/types.gen.ts";
import type { ContainerConfig, SandboxConfig } from "../kubelet/container-runtime.ts";
import { KubeletBed } from "./kubelet-bed.laws.ts";

const app = (pod: Pod, name = "app"): ContainerStatus | undefined => pod.status?.containerStatuses?.find((status) => status.name === name);
const running = (pod: Pod): boolean => pod.status?.phase === "Running" && app(pod)?.state?.running !== undefined;
const waitingFor = (reason: string) => (pod: Pod) => app(pod)?.state?.waiting?.reason === reason;
const script = (behaviour: object, name = "app") => ({ annotations: { [`simulation.timonier.io/${name}`]: JSON.stringify(behaviour) } });
const nginx = { name: "app", image: "nginx:1.14.2" };
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

/** A bed that keeps the last configuration given to the runtime. */
async function recording(options: Parameters<typeof KubeletBed.start>[0] = {}) {
  const seen: { container?: ContainerConfig; sandbox?: SandboxConfig } = {};
  const bed = await KubeletBed.start({
    ...options,
    script: (container, sandbox) => {
      seen.container = container;
      seen.sandbox = sandbox;
      return undefined;
    },
  });
  return { bed, seen, env: () => Object.fromEntries(seen.container!.env.map((entry) => [entry.name, entry.value])) };
}

describe("images", () => {
  test("ErrImagePull, then ImagePullBackOff, then it works", async () => {
    let broken = true;
    await using bed = await KubeletBed.start({ failPull: () => (broken ? "dial tcp: connection refused" : undefined) });
    await bed.create({ containers: [nginx] });
    const first = await bed.until(waitingFor("ErrImagePull"));
    expect(app(first)!.state!.waiting!.message).toBe("dial tcp: connection refused");
    expect(first.status!.phase).toBe("Pending");
    const second = await bed.until(waitingFor("ImagePullBackOff"));
    expect(app(second)!.state!.waiting!.message).toBe(`Back-off pulling image "nginx:1.14.2": ErrImagePull: dial tcp: connection refused`);
    broken = false;
    await bed.until(running);
    expect(bed.clock.monotonicMs()).toBe(10_000);
    expect(await bed.eventTexts()).toEqual(
      expect.arrayContaining([
        `Warning Failed: Failed to pull image "nginx:1.14.2": dial tcp: connection refused`,
        "Warning Failed: Error: ErrImagePull",
        `Normal BackOff: Back-off pulling image "nginx:1.14.2"`,
        "Warning Failed: Error: ImagePullBackOff",
      ]),
    );
  });

  test("Never, a name that is none, a present image", async () => {
    await using bed = await KubeletBed.start({ images: ["nginx:1.14.2"] });
    await bed.create({ containers: [{ name: "app", image: "absent:1", imagePullPolicy: "Never" }] }, { name: "never" });
    await bed.create({ containers: [{ name: "app", image: "Not Valid" }] }, { name: "bad" });
    await bed.create({ containers: [nginx] });
    expect(app(await bed.until(waitingFor("ErrImageNeverPull"), 1000, "never"))!.state!.waiting!.message).toBe(
      `Container image "absent:1" is not present with pull policy of Never`,
    );
    await bed.until(waitingFor("InvalidImageName"), 1000, "bad");
    await bed.until(running);
    expect(await bed.eventTexts()).toContain(`Normal Pulled: Container image "nginx:1.14.2" already present on machine`);
    expect(bed.node.runtime.calls.filter((call) => call.startsWith("pullImage"))).toEqual([]);
  });

  test("pull secrets are matched by registry and sent without the server's address", async () => {
    const auths: unknown[] = [];
    await using bed = await KubeletBed.start({ failPull: (_, auth) => void auths.push(auth) as undefined });
    const config = JSON.stringify({ auths: { "registry.example": { auth: btoa("me:secret") }, "other.example": { auth: btoa("x:y") } } });
    await bed.client
      .of(secretKind, "default")
      .create({ metadata: { name: "pull" }, type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": btoa(config) } });
    await bed.create({ imagePullSecrets: [{ name: "pull" }], containers: [{ name: "app", image: "registry.example/team/app:1" }] });
    await bed.until(running);
    expect(auths).toEqual([{ username: "me", password: "secret" }]);
  });
});

describe("environment", () => {
  test("values, references, fields, ConfigMaps, Secrets and Services, expanded in order", async () => {
    const { bed, seen, env } = await recording();
    await using _ = bed;
    await bed.client.of(configMapKind, "default").create({ metadata: { name: "config" }, data: { COLOUR: "blue", size: "9" } });
    await bed.client.of(secretKind, "default").create({ metadata: { name: "secret" }, data: { word: btoa("sesame") } });
    await bed.client
      .of(serviceKind, "default")
      .create({ metadata: { name: "data-base" }, spec: { ports: [{ name: "sql", port: 5432 }] } } as never);
    await bed.clock.advance(100);
    await bed.create(
      {
        containers: [
          {
            ...nginx,
            command: ["serve", "$(COLOUR)", "$(ABSENT)", "$$(COLOUR)"],
            envFrom: [
              { prefix: "CM_", configMapRef: { name: "config" } },
              { configMapRef: { name: "config" } },
              { secretRef: { name: "absent", optional: true } },
            ],
            env: [
              { name: "A", value: "$(COLOUR)-$(B)" },
              { name: "B", value: "b" },
              { name: "C", value: "$(A)/$(B)/$(DATA_BASE_SERVICE_PORT)" },
              { name: "WORD", valueFrom: { secretKeyRef: { name: "secret", key: "word" } } },
              { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
              { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } },
              { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
              { name: "MEM", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } } },
            ],
            resources: { limits: { memory: "64Mi" } },
          },
        ],
      },
      { labels: { tier: "front" } },
    );
    await bed.until(running);
    expect(env()).toMatchObject({
      CM_COLOUR: "blue",
      CM_size: "9",
      COLOUR: "blue",
      A: "blue-$(B)",
      B: "b",
      WORD: "sesame",
      IP: "10.244.1.2",
      LABEL: "front",
      CPU: "4",
      MEM: "64",
      DATA_BASE_SERVICE_PORT_SQL: "5432",
    });
    expect(env()["C"]).toBe("blue-$(B)/b/5432");
    expect(env()["DATA_BASE_PORT_5432_TCP"]).toMatch(/^tcp:\/\/10\.96\.\d+\.\d+:5432$/);
    expect(seen.container!.command).toEqual(["serve", "blue", "$(ABSENT)", "$(COLOUR)"]);
  });

  test("a missing reference is CreateContainerConfigError until it is there", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [{ ...nginx, env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "late", key: "x" } } }] }] });
    expect(app(await bed.until(waitingFor("CreateContainerConfigError")))!.state!.waiting!.message).toBe(`configmap "late" not found`);
    await bed.client.of(configMapKind, "default").create({ metadata: { name: "late" }, data: { y: "1" } });
    await bed.until((pod) => app(pod)?.state?.waiting?.message === "couldn't find key x in ConfigMap default/late");
    await bed.client.of(configMapKind, "default").patch("late", "merge", { data: { x: "2" } });
    await bed.until(running);
  });
});

describe("volumes", () => {
  test("configMap and secret files follow their objects by one swap", async () => {
    await using bed = await KubeletBed.start();
    await bed.client.of(configMapKind, "default").create({ metadata: { name: "config" }, data: { a: "1", b: "2" } });
    await bed.client.of(secretKind, "default").create({ metadata: { name: "secret" }, data: { word: btoa("sesame") } });
    await bed.create({
      volumes: [
        { name: "c", configMap: { name: "config" } },
        { name: "s", secret: { secretName: "secret", items: [{ key: "word", path: "deep/word", mode: 0o400 }] } },
      ],
      containers: [
        {
          ...nginx,
          volumeMounts: [
            { name: "c", mountPath: "/c" },
            { name: "s", mountPath: "/s" },
          ],
        },
      ],
    });
    const pod = await bed.until(running);
    const { files } = bed.node;
    const volumes = `/var/lib/kubelet/pods/${pod.metadata!.uid}/volumes`;
    const config = `${volumes}/kubernetes.io~configmap/c`;
    expect(text(await files.readFile(`${config}/a`))).toBe("1");
    expect(await files.readLink(`${config}/a`)).toBe("..data/a");
    expect((await files.stat(`${volumes}/kubernetes.io~secret/s/deep/word`))!.mode).toBe(0o400);
    expect(await files.isMountPoint(`${volumes}/kubernetes.io~secret/s`)).toBe(true);
    const version = await files.readLink(`${config}/..data`);
    await bed.client.of(configMapKind, "default").patch("config", "merge", { data: { a: "one", b: null } });
    await bed.clock.advance(120_000);
    expect(text(await files.readFile(`${config}/a`))).toBe("one");
    expect(await files.list(config)).toEqual([expect.stringMatching(/^\.\.2026_01_01/), "..data", "a"]);
    expect(await files.readLink(`${config}/..data`)).not.toBe(version);
  });

  test("a missing source is told and awaited", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({
      volumes: [{ name: "c", configMap: { name: "late" } }],
      containers: [{ ...nginx, volumeMounts: [{ name: "c", mountPath: "/c" }] }],
    });
    const pod = await bed.until(waitingFor("ContainerCreating"));
    await bed.clock.advance(1000);
    expect(pod.status!.phase).toBe("Pending");
    expect(await bed.eventTexts()).toContain(`Warning FailedMount: MountVolume.SetUp failed for volume "c" : configmap "late" not found`);
    await bed.client.of(configMapKind, "default").create({ metadata: { name: "late" }, data: { x: "1" } });
    await bed.until(running);
  });

  test("hostPath types are checked", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ volumes: [{ name: "h", hostPath: { path: "/srv/absent", type: "Directory" } }], containers: [nginx] });
    await bed.clock.advance(1000);
    expect(await bed.eventTexts()).toContain(
      `Warning FailedMount: MountVolume.SetUp failed for volume "h" : hostPath type check failed: /srv/absent is not a directory`,
    );
    await bed.node.files.mkdir("/srv/absent", 0o755);
    await bed.until(running, 300_000);
  });

  test("projected tokens are renewed before they end; downward files and the account's certificate lie beside them", async () => {
    await using bed = await KubeletBed.start();
    await bed.client.of(configMapKind, "default").create({ metadata: { name: "ca" }, data: { "ca.crt": "PEM" } });
    await bed.create({
      serviceAccountName: "default",
      volumes: [
        {
          name: "t",
          projected: {
            sources: [
              { serviceAccountToken: { path: "token", expirationSeconds: 600 } },
              { configMap: { name: "ca", items: [{ key: "ca.crt", path: "ca.crt" }] } },
              { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
            ],
          },
        },
      ],
      containers: [{ ...nginx, volumeMounts: [{ name: "t", mountPath: "/t" }] }],
    });
    const pod = await bed.until(running);
    const read = async (name: string) =>
      text(await bed.node.files.readFile(`/var/lib/kubelet/pods/${pod.metadata!.uid}/volumes/kubernetes.io~projected/t/${name}`));
    expect([await read("ca.crt"), await read("namespace")]).toEqual(["PEM", "default"]);
    const token = await read("token");
    expect(token).toMatch(/./);
    await bed.clock.advance(400_000);
    expect(await read("token")).toBe(token);
    await bed.clock.advance(200_000);
    expect(await read("token")).not.toBe(token);
  });

  test("an emptyDir over its limit evicts the pod", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({
      volumes: [{ name: "e", emptyDir: { sizeLimit: "10" } }],
      containers: [{ ...nginx, volumeMounts: [{ name: "e", mountPath: "/e" }] }],
    });
    const pod = await bed.until(running);
    bed.node.files.append(`/var/lib/kubelet/pods/${pod.metadata!.uid}/volumes/kubernetes.io~empty-dir/e/big`, new Uint8Array(11));
    const failed = await bed.until((one) => one.status?.phase === "Failed", 120_000);
    expect(failed.status).toMatchObject({ reason: "Evicted", message: `Usage of EmptyDir volume "e" exceeds the limit "10". ` });
  });
});

describe("what the runtime is told", () => {
  test("resources, security, mounts, hosts file, resolvers, hostname", async () => {
    const { bed, seen } = await recording();
    await using _ = bed;
    await bed.create({
      hostname: "alpha",
      subdomain: "set",
      hostAliases: [{ ip: "192.0.2.99", hostnames: ["old", "older"] }],
      securityContext: { fsGroup: 2000, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          ...nginx,
          resources: { requests: { cpu: "250m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
            readOnlyRootFilesystem: true,
          },
          ports: [{ containerPort: 80, hostPort: 8080 }],
        },
      ],
    });
    const pod = await bed.until(running);
    expect(pod.status!.qosClass).toBe("Burstable");
    expect(seen.container!.resources).toMatchObject({
      cpuShares: 256,
      cpuQuota: 50_000,
      cpuPeriod: 100_000,
      memoryLimitBytes: 128 * 2 ** 20,
    });
    expect(seen.container!.resources.oomScoreAdj).toBe(997);
    expect(seen.container!.security).toMatchObject({
      runAsUser: 1000,
      supplementalGroups: [2000],
      readonlyRootfs: true,
      noNewPrivileges: true,
      capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
      seccomp: { type: "runtime-default" },
    });
    expect(seen.sandbox).toMatchObject({
      hostname: "alpha",
      dns: { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"], options: ["ndots:5"] },
      portMappings: [{ protocol: "TCP", containerPort: 80, hostPort: 8080 }],
      cgroupParent: `/kubepods/burstable/pod${pod.metadata!.uid}`,
    });
    expect(bed.node.cgroups.groups.get(`/kubepods/burstable/pod${pod.metadata!.uid}`)).toEqual({
      cpuShares: 256,
      cpuQuota: 50_000,
      cpuPeriod: 100_000,
      memoryBytes: 128 * 2 ** 20,
    });
    const hosts = seen.container!.mounts.find((mount) => mount.containerPath === "/etc/hosts")!;
    const lines = text(await bed.node.files.readFile(hosts.hostPath))!.split("\n");
    expect(lines).toContain("10.244.1.2\talpha.set.default.svc.cluster.local\talpha");
    expect(lines).toContain("192.0.2.99\told\tolder");
  });

  test("a container that must not run as root, and would", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ securityContext: { runAsNonRoot: true }, containers: [nginx] });
    const pod = await bed.until(waitingFor("CreateContainerConfigError"));
    expect(app(pod)!.state!.waiting!.message).toMatch(
      /^container has runAsNonRoot and image will run as root \(pod: "web_default\(.*\)", container: app\)$/,
    );
  });

  test("RunContainerError, then back-off as for a crash", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ startError: `exec: "x": executable file not found in $PATH` }));
    const pod = await bed.until((one) => app(one)?.state?.waiting?.reason === "RunContainerError");
    expect(app(pod)!.state!.waiting!.message).toBe(`exec: "x": executable file not found in $PATH`);
    await bed.until(
      (one) => app(one)?.state?.waiting?.reason === "CrashLoopBackOff" && app(one)?.lastState?.terminated?.reason === "StartError",
    );
  });
});

describe("probes", () => {
  test("readiness by HTTP makes ready and unready", async () => {
    let status = 503;
    await using bed = await KubeletBed.start({
      script: () => ({
        http: {
          get "80/ready"() {
            return status;
          },
        },
      }),
    });
    await bed.create({
      containers: [{ ...nginx, readinessProbe: { httpGet: { path: "/ready", port: 80 }, periodSeconds: 5, failureThreshold: 2 } }],
    });
    const unready = await bed.until(running);
    expect(app(unready)).toMatchObject({ ready: false, started: true });
    await bed.clock.advance(1000);
    expect(await bed.eventTexts()).toContain("Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503");
    status = 200;
    await bed.until((pod) => app(pod)?.ready);
    expect(bed.clock.monotonicMs()).toBe(5000);
    status = 500;
    await bed.until((pod) => app(pod)?.ready === false);
    expect(bed.clock.monotonicMs()).toBe(15_000);
  });

  test("liveness by exec kills and restarts; startup holds it back", async () => {
    await using bed = await KubeletBed.start();
    await bed.create(
      {
        containers: [
          {
            ...nginx,
            startupProbe: { exec: { command: ["up"] }, periodSeconds: 2, failureThreshold: 10 },
            livenessProbe: { exec: { command: ["alive"] }, periodSeconds: 10, failureThreshold: 3 },
          },
        ],
      },
      script({ exec: { up: { exitCode: 0 }, alive: { exitCode: 1, stdout: "not well" } } }),
    );
    await bed.until((pod) => app(pod)?.started);
    await bed.until((pod) => app(pod)?.restartCount === 1, 120_000);
    expect(bed.clock.monotonicMs()).toBe(20_000);
    const texts = await bed.eventTexts();
    expect(texts).toContain("Warning Unhealthy: Liveness probe failed: not well");
    expect(texts).toContain("Normal Killing: Container app failed liveness probe, will be restarted");
  });

  test("a startup probe that never passes kills; tcp refused", async () => {
    await using bed = await KubeletBed.start();
    await bed.create(
      { containers: [{ ...nginx, startupProbe: { tcpSocket: { port: 99 }, periodSeconds: 1, failureThreshold: 3 } }] },
      script({ closedPorts: [99] }),
    );
    const pod = await bed.until((one) => app(one)?.restartCount === 1);
    expect(app(pod)!.started).toBe(false);
    expect(bed.clock.monotonicMs()).toBe(2000);
    expect(await bed.eventTexts()).toContain(
      "Warning Unhealthy: Startup probe failed: dial tcp 10.244.1.2:99: connect: connection refused",
    );
  });

  test("readiness gates hold the pod back", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ readinessGates: [{ conditionType: "example.com/lb" }], containers: [nginx] });
    const pod = await bed.until(running);
    expect(pod.status!.conditions!.find((one) => one.type === "Ready")).toMatchObject({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: `corresponding condition of pod readiness gate "example.com/lb" does not exist.`,
    });
    await bed.client
      .of(podKind, "default")
      .patch("web", "strategic", { status: { conditions: [{ type: "example.com/lb", status: "True" }] } }, { subresource: "status" });
    const ready = await bed.until((one) => one.status?.conditions?.find((condition) => condition.type === "Ready")?.status === "True");
    expect(ready.status!.conditions!.some((one) => one.type === "example.com/lb")).toBe(true);
  });
});

describe("admission by the node", () => {
  test("a pod that does not fit, and one for another node", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [{ ...nginx, resources: { requests: { cpu: "3" } } }] }, { name: "first" });
    await bed.until(running, 1000, "first");
    await bed.create({ containers: [{ ...nginx, resources: { requests: { cpu: "2" } } }] }, { name: "second" });
    const second = await bed.until((pod) => pod.status?.phase === "Failed", 1000, "second");
    expect(second.status).toMatchObject({
      reason: "OutOfcpu",
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    });
    await bed.create({ nodeSelector: { disk: "ssd" }, containers: [nginx] }, { name: "third" });
    expect((await bed.until((pod) => pod.status?.phase === "Failed", 1000, "third")).status!.reason).toBe("NodeAffinity");
  });
});
