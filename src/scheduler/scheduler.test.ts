import { describe, expect, it } from "vitest";
import { ControlPlane } from "../controllers/control-plane.laws.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { podKind } from "../kinds/core/pod.ts";
import type { Pod } from "../kinds/core/types.gen.ts";

const pod = (name: string, cpu = "100m", spec: object = {}) =>
  ({
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "app:1", resources: { requests: { cpu } } }], terminationGracePeriodSeconds: 1, ...spec },
  }) as unknown as Pod;

describe("the scheduler", () => {
  it("says why a pod waits, and binds it when a node comes", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(podKind, "default");
    await api.create(pod("big", "3"));
    await plane.settled();
    await api.create(pod("late", "3"));
    await plane.settled();
    const waiting = await api.get("late");
    expect(waiting.status?.conditions?.find((condition) => condition.type === "PodScheduled")).toMatchObject({
      status: "False",
      reason: "Unschedulable",
      message:
        "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
    });
    const events = await plane.client.request<any>("GET", "/api/v1/namespaces/default/events");
    expect(events.items.map((event: any) => `${event.involvedObject.name} ${event.reason} ${event.source.component}`)).toEqual(
      expect.arrayContaining(["big Scheduled default-scheduler", "late FailedScheduling default-scheduler"]),
    );
    await plane.addNodes("n2");
    await plane.advance(2_000);
    expect((await api.get("late")).spec?.nodeName).toBe("n2");
    expect(plane.warnings).toEqual([]);
  });

  it("tries again when a pod leaves, and when a cordon ends", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(podKind, "default");
    await api.create(pod("first", "3"));
    await plane.settled();
    await api.create(pod("second", "3"));
    await plane.settled();
    await api.delete("first");
    await plane.advance(3_000);
    expect((await api.get("second")).spec?.nodeName).toBe("n1");
    await plane.client.of(nodeKind).patch("n1", "merge", { spec: { unschedulable: true } });
    await plane.settled();
    await api.create(pod("third"));
    await plane.settled();
    expect((await api.get("third")).spec?.nodeName).toBeUndefined();
    await plane.client.of(nodeKind).patch("n1", "merge", { spec: { unschedulable: null } });
    await plane.advance(5_000);
    expect((await api.get("third")).spec?.nodeName).toBe("n1");
  });

  it("leaves gated pods and other schedulers' pods alone", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(podKind, "default");
    await api.create(pod("gated", "1m", { schedulingGates: [{ name: "example.com/wait" }] }));
    await api.create(pod("theirs", "1m", { schedulerName: "another" }));
    await plane.settled();
    expect((await api.get("gated")).spec?.nodeName).toBeUndefined();
    expect((await api.get("theirs")).spec?.nodeName).toBeUndefined();
    await api.patch("gated", "merge", { spec: { schedulingGates: null } });
    await plane.settled();
    expect((await api.get("gated")).spec?.nodeName).toBe("n1");
  });

  it("makes room for a more important pod", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(podKind, "default");
    await api.create(pod("humble", "3"));
    await plane.settled();
    await api.create(pod("critical", "3", { priorityClassName: "system-node-critical" }));
    await plane.advance(5_000);
    expect((await api.get("critical")).spec?.nodeName).toBe("n1");
    await expect(api.get("humble")).rejects.toMatchObject({ reason: "NotFound" });
    expect(plane.warnings).toEqual([]);
  });
});
