// The cluster as one scheduling decision sees it. The cache keeps it current from watches; a pod whose binding is under way
// is assumed to be where it goes, so that the next decision counts it.

import type { Node, Pod } from "../kinds/core/types.gen.ts";
import { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import { podInfo } from "./pod-info.ts";
import type { LabelSelector } from "../lang/label-selector.ts";

export interface Snapshot {
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  /** The selector of the Services and the controller that a pod belongs to; undefined when it belongs to none. */
  groupSelector(pod: Pod): LabelSelector | undefined;
  /** Pods that were promised a node by preemption and are not bound yet, by node. */
  nominated(node: string): readonly PodInfo[];
}

/** The same cluster with one node exchanged, to try something. */
export function withNode(snapshot: Snapshot, changed: NodeInfo): Snapshot {
  return {
    nodes: snapshot.nodes.map((node) => (node.name === changed.name ? changed : node)),
    node: (name) => (name === changed.name ? changed : snapshot.node(name)),
    namespaceLabels: (namespace) => snapshot.namespaceLabels(namespace),
    groupSelector: (pod) => snapshot.groupSelector(pod),
    nominated: (node) => snapshot.nominated(node),
  };
}

export interface SnapshotSources {
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>>;
  readonly groupSelector: (pod: Pod) => LabelSelector | undefined;
}

export class ClusterCache implements Snapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  #list: readonly NodeInfo[] | undefined;
  /** Where each counted pod is, by uid. */
  readonly #placed = new Map<string, string>();
  readonly #assumed = new Set<string>();
  /** Pods on nodes that we have not seen. */
  readonly #homeless = new Map<string, Map<string, PodInfo>>();
  readonly #nominations = new Map<string, { readonly node: string; readonly pod: PodInfo }>();
  readonly #sources: SnapshotSources;

  constructor(sources: SnapshotSources) {
    this.#sources = sources;
  }

  get nodes(): readonly NodeInfo[] {
    return (this.#list ??= [...this.#nodes.values()]);
  }
  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }
  namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return this.#sources.namespaceLabels(namespace);
  }
  groupSelector(pod: Pod): LabelSelector | undefined {
    return this.#sources.groupSelector(pod);
  }
  nominated(node: string): readonly PodInfo[] {
    return [...this.#nominations.values()].filter((nomination) => nomination.node === node).map(({ pod }) => pod);
  }

  setNode(node: Node): void {
    const name = node.metadata?.name ?? "";
    const present = this.#nodes.get(name);
    const next = present?.copy(node) ?? new NodeInfo(node);
    for (const pod of this.#homeless.get(name)?.values() ?? []) next.add(pod);
    this.#homeless.delete(name);
    this.#nodes.set(name, next);
    this.#list = undefined;
  }

  deleteNode(name: string): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    this.#nodes.delete(name);
    this.#list = undefined;
    if (node.pods.size > 0) this.#homeless.set(name, new Map(node.pods));
  }

  /** A bound pod as the watch shows it: it takes the place of the assumed one. */
  setPod(pod: Pod): void {
    const info = podInfo(pod);
    this.#unplace(info.uid);
    this.#assumed.delete(info.uid);
    this.#nominations.delete(info.uid);
    this.#place(info, pod.spec?.nodeName ?? "");
  }

  /** A pod that is gone, has finished, or is not bound. */
  deletePod(uid: string): void {
    this.#unplace(uid);
    this.#assumed.delete(uid);
    this.#nominations.delete(uid);
  }

  /** Counts the pod on the node while its binding is under way. */
  assume(pod: PodInfo, node: string): void {
    this.#unplace(pod.uid);
    this.#nominations.delete(pod.uid);
    this.#assumed.add(pod.uid);
    this.#place(pod, node);
  }

  /** The binding failed. */
  forget(uid: string): void {
    if (this.#assumed.delete(uid)) this.#unplace(uid);
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  nominate(pod: PodInfo, node: string): void {
    if (node === "") this.#nominations.delete(pod.uid);
    else this.#nominations.set(pod.uid, { node, pod });
  }

  #place(pod: PodInfo, name: string): void {
    this.#placed.set(pod.uid, name);
    const node = this.#nodes.get(name);
    if (node !== undefined) {
      node.add(pod);
      return;
    }
    const waiting = this.#homeless.get(name) ?? new Map<string, PodInfo>();
    waiting.set(pod.uid, pod);
    this.#homeless.set(name, waiting);
  }

  #unplace(uid: string): void {
    const name = this.#placed.get(uid);
    if (name === undefined) return;
    this.#placed.delete(uid);
    this.#nodes.get(name)?.remove(uid);
    this.#homeless.get(name)?.delete(uid);
  }
}
