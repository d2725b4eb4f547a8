// What the kubelet writes on every sandbox and container, so that a kubelet that starts anew finds out, from the runtime
// alone, whose they are and what it had decided about them. Names are those that the kubelet of Kubernetes uses, so that
// tools that read the runtime (crictl, log collectors) find what they expect; our own begin with "timonier.io/".

import type { Container as ApiContainer, Pod } from "../kinds/core/types.gen.ts";

export const podNameLabel = "io.kubernetes.pod.name";
export const podNamespaceLabel = "io.kubernetes.pod.namespace";
export const podUidLabel = "io.kubernetes.pod.uid";
export const containerNameLabel = "io.kubernetes.container.name";

const hashAnnotation = "io.kubernetes.container.hash";
const restartCountAnnotation = "io.kubernetes.container.restartCount";
const messagePathAnnotation = "io.kubernetes.container.terminationMessagePath";
const messagePolicyAnnotation = "io.kubernetes.container.terminationMessagePolicy";
const podGraceAnnotation = "io.kubernetes.pod.terminationGracePeriod";
/** How long the next restart of this container waits after its end, in milliseconds. */
const backoffAnnotation = "timonier.io/restart-backoff-ms";
/** Where the container's termination message lies on the node. */
const messageFileAnnotation = "timonier.io/termination-message-file";

/** What is remembered on a container beside its labels. */
export interface ContainerNotes {
  readonly hash: string;
  readonly restartCount: number;
  /** Path inside the container. */
  readonly terminationMessagePath: string;
  readonly terminationMessagePolicy: string;
  /** Path on the node; "" when there is no such file. */
  readonly terminationMessageFile: string;
  readonly podGraceSeconds?: number;
  /** 0: the next restart does not wait. */
  readonly backoffMs: number;
}

export function podLabels(pod: Pod): Record<string, string> {
  const metadata = pod.metadata!;
  return {
    ...metadata.labels,
    [podNameLabel]: metadata.name!,
    [podNamespaceLabel]: metadata.namespace!,
    [podUidLabel]: metadata.uid!,
  };
}

export function containerLabels(pod: Pod, container: ApiContainer): Record<string, string> {
  const metadata = pod.metadata!;
  return {
    [podNameLabel]: metadata.name!,
    [podNamespaceLabel]: metadata.namespace!,
    [podUidLabel]: metadata.uid!,
    [containerNameLabel]: container.name,
  };
}

export function writeNotes(notes: ContainerNotes): Record<string, string> {
  return {
    [hashAnnotation]: notes.hash,
    [restartCountAnnotation]: String(notes.restartCount),
    [messagePathAnnotation]: notes.terminationMessagePath,
    [messagePolicyAnnotation]: notes.terminationMessagePolicy,
    [messageFileAnnotation]: notes.terminationMessageFile,
    [backoffAnnotation]: String(notes.backoffMs),
    ...(notes.podGraceSeconds !== undefined && { [podGraceAnnotation]: String(notes.podGraceSeconds) }),
  };
}

export function readNotes(annotations: Readonly<Record<string, string>>): ContainerNotes {
  const number = (name: string): number | undefined => {
    const text = annotations[name];
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  };
  return {
    hash: annotations[hashAnnotation] ?? "",
    restartCount: number(restartCountAnnotation) ?? 0,
    terminationMessagePath: annotations[messagePathAnnotation] ?? "",
    terminationMessagePolicy: annotations[messagePolicyAnnotation] ?? "File",
    terminationMessageFile: annotations[messageFileAnnotation] ?? "",
    podGraceSeconds: number(podGraceAnnotation),
    backoffMs: number(backoffAnnotation) ?? 0,
  };
}

/**
 * A fingerprint of what cannot change in a running container. Kubernetes restarts a container in place when its name or
 * image changes and nothing else, so these two make the fingerprint (FNV-1a, 32 bits).
 */
export function containerHash(container: ApiContainer): string {
  const text = JSON.stringify([container.name, container.image ?? ""]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
