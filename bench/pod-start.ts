// What we add to a pod's start: from creating it to a watch showing it Running, against the same calls to the runtime by hand,
// pod network included, turn by turn on the same containerd.

import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "../src/host/clock.ts";
import { CriRuntime } from "../src/host/cri/cri-runtime.ts";
import { silentLog } from "../src/base/log.ts";
import type { ContainerConfig, SandboxConfig } from "../src/kubelet/container-runtime.ts";
import { podKind } from "../src/kinds/core/pod.ts";
import type { Pod } from "../src/kinds/core/types.gen.ts";
import { type Figure, median, milliseconds } from "./figure.ts";
import type { RealCluster } from "./real-cluster.ts";

const turns = 15;
const warmUp = 3;
const barMs = 60;
const image = "busybox:1.28";
const command = ["sleep", "3600"];

export async function podStart(cluster: RealCluster): Promise<Figure> {
  using runtime = new CriRuntime({ endpoint: cluster.layout.names.containerdSocket, clock: realClock(), log: silentLog });
  await runtime.pullImage(`docker.io/library/${image}`, undefined, undefined);
  const ours: number[] = [];
  const byHand: number[] = [];
  for (let turn = -warmUp; turn < turns; turn++) {
    const hand = await startByHand(runtime, turn);
    const api = await startByApi(cluster, `bench-${turn + warmUp}`);
    if (turn < 0) continue;
    byHand.push(hand);
    ours.push(api);
  }
  const [hand, api] = [median(byHand), median(ours)];
  return {
    what: "pod create to Running seen by a watch, above the same CRI calls by hand",
    measured: `+ ${milliseconds(api - hand)}`,
    bar: `+ ${milliseconds(barMs)}`,
    met: api - hand <= barMs,
    detail: `${milliseconds(api)} against ${milliseconds(hand)}, medians of ${turns}, alternating`,
  };
}

async function startByHand(runtime: CriRuntime, turn: number): Promise<number> {
  const uid = `by-hand-${turn}`;
  const sandboxConfig: SandboxConfig = {
    metadata: { name: uid, uid, namespace: "by-hand", attempt: 0 },
    hostname: uid,
    logDirectory: join(tmpdir(), `timonier-${uid}`),
    portMappings: [],
    labels: {},
    annotations: {},
    cgroupParent: "",
    sysctls: {},
    security: {
      namespaces: { network: "pod", pid: "container", ipc: "pod" },
      privileged: false,
      readonlyRootfs: false,
      supplementalGroups: [],
    },
  };
  const containerConfig: ContainerConfig = {
    metadata: { name: "main", attempt: 0 },
    image: { image, userSpecifiedImage: image },
    command,
    args: [],
    workingDir: "",
    env: [],
    mounts: [],
    devices: [],
    labels: {},
    annotations: {},
    logPath: "main.log",
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: {},
    security: {
      namespaces: { network: "pod", pid: "container", ipc: "pod" },
      privileged: false,
      capabilities: { add: [], drop: [] },
      readonlyRootfs: false,
      noNewPrivileges: false,
      supplementalGroups: [],
      maskedPaths: [],
      readonlyPaths: [],
    },
  };
  const startedAt = performance.now();
  const sandbox = await runtime.runSandbox(sandboxConfig, "");
  await runtime.startContainer(await runtime.createContainer(sandbox, containerConfig, sandboxConfig));
  const took = performance.now() - startedAt;
  await runtime.stopSandbox(sandbox);
  await runtime.removeSandbox(sandbox);
  await rm(sandboxConfig.logDirectory, { recursive: true, force: true });
  return took;
}

async function startByApi({ client }: RealCluster, name: string): Promise<number> {
  const pods = client.of(podKind, "default");
  const pod: Pod = { metadata: { name }, spec: { containers: [{ name: "main", image, command }] } };
  const watching = new AbortController();
  const { resourceVersion } = await pods.list({ fieldSelector: `metadata.name=${name}` });
  const events = pods.watch({ fieldSelector: `metadata.name=${name}`, resourceVersion }, watching.signal);
  const running = (async () => {
    for await (const event of events) if (event.object.status?.phase === "Running") return performance.now();
    throw new Error("the watch ended before the pod ran");
  })();
  const startedAt = performance.now();
  await pods.create(pod);
  const took = (await running) - startedAt;
  watching.abort();
  await pods.delete(name, { gracePeriodSeconds: 0 });
  return took;
}
