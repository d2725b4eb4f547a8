// Crash-anywhere: the kubelet dies at any call to its runtime, before or after the call took effect; another one takes over.
// The end is the same as without a death, and nothing is left over.

import { describe, expect, test } from "vitest";
import { podKind } from "../kinds/core/pod.ts";
import type { ContainerRuntime } from "../kubelet/container-runtime.ts";
import { KubeletBed } from "./kubelet-bed.laws.ts";

/** A runtime whose caller dies at its n-th call: nothing it does from then on arrives. */
function dyingAt(runtime: ContainerRuntime, n: number, when: "before" | "after"): { runtime: ContainerRuntime; dead: () => boolean } {
  let calls = 0;
  const changing = /^(run|stop|remove|create|start|pull)/;
  const silence = new Promise<never>(() => {});
  const proxy = new Proxy(runtime, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function") return member;
      const method = member.bind(target) as (...args: readonly unknown[]) => unknown;
      if (typeof name !== "string" || !changing.test(name))
        return (...args: readonly unknown[]) => (calls >= n ? silence : method(...args));
      return (...args: readonly unknown[]) => {
        calls++;
        if (calls > n || (calls === n && when === "before")) return silence;
        if (calls < n) return method(...args);
        return Promise.resolve(method(...args)).then(() => silence);
      };
    },
  });
  return { runtime: proxy, dead: () => calls >= n };
}

const spec = {
  nodeName: "node-1",
  automountServiceAccountToken: false,
  initContainers: [{ name: "init", image: "busybox:1.28", command: ["sleep", "2"] }],
  containers: [
    { name: "app", image: "nginx:1.14.2", readinessProbe: { httpGet: { port: 80 }, periodSeconds: 2 } },
    { name: "side", image: "redis:7" },
  ],
  volumes: [{ name: "e", emptyDir: { medium: "Memory" } }],
};

/** Until the old kubelet is dead, or there was no death to die. */
async function lives(bed: KubeletBed, dead: () => boolean): Promise<void> {
  for (let second = 0; second < 30 && !dead(); second++) await bed.clock.advance(1000);
}

describe.each(["before", "after"] as const)("the kubelet dies %s its n-th changing call", (when) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("n = %i", async (n) => {
    await using bed = await KubeletBed.start();
    await bed.kubelet[Symbol.asyncDispose]();
    const fault = dyingAt(bed.node.runtime, n, when);
    bed.wrapRuntime = () => fault.runtime;
    // The dying one is never waited for: a dead process finishes nothing.
    const dying = bed.newKubelet();
    await dying.start();
    await bed.client.of(podKind, "default").create({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec } as never);
    await lives(bed, fault.dead);
    expect(fault.dead()).toBe(true);
    void Promise.resolve(dying[Symbol.asyncDispose]()).catch(() => undefined);
    bed.wrapRuntime = (runtime) => runtime;
    bed.kubelet = bed.newKubelet();
    await bed.kubelet.start();
    const pod = await bed.until(
      (one) => one.status?.conditions?.find((condition) => condition.type === "Ready")?.status === "True",
      300_000,
    );
    expect(pod.status!.phase).toBe("Running");
    const { runtime } = bed.node;
    expect((await runtime.listSandboxes({ state: "ready" })).length).toBe(1);
    expect((await runtime.listContainers({ state: "running" })).map((container) => container.metadata.name).toSorted()).toEqual([
      "app",
      "side",
    ]);

    await bed.client.of(podKind, "default").delete("web");
    await bed.clock.until(async () => !(await bed.exists()), 120_000);
    await bed.clock.advance(1000);
    expect(await runtime.listSandboxes()).toEqual([]);
    expect(await runtime.listContainers()).toEqual([]);
    expect(await bed.node.files.list("/var/lib/kubelet/pods")).toEqual([]);
    expect(bed.node.cgroups.groups.size).toBe(0);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("n = %i, while the pod is being deleted", async (n) => {
    await using bed = await KubeletBed.start();
    await bed.client.of(podKind, "default").create({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec } as never);
    await bed.until((one) => one.status?.phase === "Running");
    await bed.kubelet[Symbol.asyncDispose]();
    const fault = dyingAt(bed.node.runtime, n, when);
    bed.wrapRuntime = () => fault.runtime;
    const dying = bed.newKubelet();
    await dying.start();
    await bed.client.of(podKind, "default").delete("web");
    await lives(bed, fault.dead);
    expect(fault.dead()).toBe(true);
    void Promise.resolve(dying[Symbol.asyncDispose]()).catch(() => undefined);
    bed.wrapRuntime = (runtime) => runtime;
    bed.kubelet = bed.newKubelet();
    await bed.kubelet.start();
    await bed.clock.until(async () => !(await bed.exists()), 120_000);
    await bed.clock.advance(61_000);
    expect(await bed.node.runtime.listSandboxes()).toEqual([]);
    expect(await bed.node.runtime.listContainers()).toEqual([]);
    expect(await bed.node.files.list("/var/lib/kubelet/pods")).toEqual([]);
    expect(await bed.node.files.list("/var/log/pods")).toEqual([]);
    expect(bed.node.cgroups.groups.size).toBe(0);
  });
});
