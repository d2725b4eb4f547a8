// What embedded tests look at, in few words: `await eyes.pod("web")`, `await eyes.events("Deployment", "web")`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deploymentKind } from "../../src/kinds/apps/deployment.ts";
import { replicaSetKind } from "../../src/kinds/apps/replica-set.ts";
import type { Deployment, ReplicaSet } from "../../src/kinds/apps/types.gen.ts";
import { eventKind } from "../../src/kinds/core/event.ts";
import { nodeKind } from "../../src/kinds/core/node.ts";
import { podKind } from "../../src/kinds/core/pod.ts";
import type { ContainerStatus, Event, Node, Pod } from "../../src/kinds/core/types.gen.ts";
import type { Cluster } from "../../src/main/cluster.ts";

/** The text of a file in examples/. */
export const example = (name: string): string => readFileSync(join(import.meta.dirname, "../../examples", name), "utf8");

interface Conditioned {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** One condition as "Ready=True KubeletReady"; "" when there is none of this type. */
export function condition(object: Conditioned, type: string): string {
  const found = object.status?.conditions?.find((one) => one.type === type);
  return found ? `${type}=${found.status}${found.reason === undefined ? "" : ` ${found.reason}`}` : "";
}

/** A container's status, init containers included. */
export function containerOf(pod: Pod, name?: string): ContainerStatus {
  const all = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const found = name === undefined ? all[0] : all.find((status) => status.name === name);
  if (!found) throw new Error(`pod ${pod.metadata?.name} has no status of container ${name ?? "(any)"}`);
  return found;
}

export const isReady = (pod: Pod): boolean => condition(pod, "Ready").startsWith("Ready=True");

export class Eyes {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  constructor(cluster: Cluster, namespace = "default") {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  async pods(labelSelector?: string): Promise<readonly Pod[]> {
    return (await this.#cluster.client.of(podKind, this.#namespace).list(labelSelector === undefined ? {} : { labelSelector })).items;
  }
  pod(name: string): Promise<Pod> {
    return this.#cluster.client.of(podKind, this.#namespace).get(name);
  }
  async podExists(name: string): Promise<boolean> {
    return (await this.pods()).some((pod) => pod.metadata!.name === name);
  }
  deployment(name: string): Promise<Deployment> {
    return this.#cluster.client.of(deploymentKind, this.#namespace).get(name);
  }
  async replicaSets(): Promise<readonly ReplicaSet[]> {
    return (await this.#cluster.client.of(replicaSetKind, this.#namespace).list()).items;
  }
  node(name: string): Promise<Node> {
    return this.#cluster.client.of(nodeKind).get(name);
  }
  async eventsOf(kind: string, name?: string): Promise<readonly Event[]> {
    const { items } = await this.#cluster.client.of(eventKind, kind === "Node" ? "default" : this.#namespace).list();
    return items.filter(({ involvedObject }) => involvedObject.kind === kind && (name === undefined || involvedObject.name === name));
  }
  /** As "Warning BackOff: Back-off restarting ...". */
  async events(kind: string, name?: string): Promise<readonly string[]> {
    return (await this.eventsOf(kind, name)).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  }
  /** Moves time until the pod is so. */
  async untilPod(name: string, condition_: (pod: Pod) => boolean | undefined, within = 120_000): Promise<Pod> {
    await this.#cluster
      .until(async () => condition_(await this.pod(name)) === true, { within })
      .catch(async (error: unknown) => {
        throw new Error(`${String(error)}; the pod: ${JSON.stringify((await this.pod(name)).status)}`);
      });
    return await this.pod(name);
  }
}
