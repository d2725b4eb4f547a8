// Which secrets, config maps, claims and accounts does a pod mention? Whoever runs the pod needs to read them.

import type { ApiObject } from "../../object/kind.ts";

interface Named {
  readonly name?: string;
}
interface EnvironmentSource {
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: Named; readonly configMapKeyRef?: Named } }[];
  readonly envFrom?: readonly { readonly secretRef?: Named; readonly configMapRef?: Named }[];
}
interface Projection {
  readonly secret?: Named;
  readonly configMap?: Named;
}
interface Volume {
  readonly secret?: { readonly secretName?: string };
  readonly configMap?: Named;
  readonly persistentVolumeClaim?: { readonly claimName?: string };
  readonly ephemeral?: object;
  readonly name?: string;
  readonly projected?: { readonly sources?: readonly Projection[] };
  readonly csi?: { readonly nodePublishSecretRef?: Named };
  readonly cephfs?: { readonly secretRef?: Named };
  readonly flexVolume?: { readonly secretRef?: Named };
  readonly rbd?: { readonly secretRef?: Named };
  readonly scaleIO?: { readonly secretRef?: Named };
  readonly iscsi?: { readonly secretRef?: Named };
  readonly storageos?: { readonly secretRef?: Named };
  readonly azureFile?: { readonly secretName?: string };
}
export interface ReferencingPod extends ApiObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly serviceAccountName?: string;
    readonly imagePullSecrets?: readonly Named[];
    readonly containers?: readonly EnvironmentSource[];
    readonly initContainers?: readonly EnvironmentSource[];
    readonly ephemeralContainers?: readonly EnvironmentSource[];
    readonly volumes?: readonly Volume[];
  };
}

/** `resource` is the plural: "secrets", "configmaps", "persistentvolumeclaims", "serviceaccounts". */
export function podMentions(pod: ReferencingPod, resource: string, name: string): boolean {
  switch (resource) {
    case "secrets":
      return contains(secretsOf(pod), name);
    case "configmaps":
      return contains(configMapsOf(pod), name);
    case "persistentvolumeclaims":
      return contains(claimsOf(pod), name);
    case "serviceaccounts":
      return (pod.spec?.serviceAccountName ?? "default") === name;
    default:
      return false;
  }
}

function contains(names: Iterable<string | undefined>, wanted: string): boolean {
  for (const name of names) if (name === wanted) return true;
  return false;
}

function* containersOf(pod: ReferencingPod): Iterable<EnvironmentSource> {
  yield* pod.spec?.initContainers ?? [];
  yield* pod.spec?.containers ?? [];
  yield* pod.spec?.ephemeralContainers ?? [];
}

export function* secretsOf(pod: ReferencingPod): Iterable<string | undefined> {
  for (const secret of pod.spec?.imagePullSecrets ?? []) yield secret.name;
  for (const container of containersOf(pod)) {
    for (const entry of container.env ?? []) yield entry.valueFrom?.secretKeyRef?.name;
    for (const source of container.envFrom ?? []) yield source.secretRef?.name;
  }
  for (const volume of pod.spec?.volumes ?? []) {
    yield volume.secret?.secretName;
    yield volume.azureFile?.secretName;
    yield volume.csi?.nodePublishSecretRef?.name;
    for (const driver of [volume.cephfs, volume.flexVolume, volume.rbd, volume.scaleIO, volume.iscsi, volume.storageos])
      yield driver?.secretRef?.name;
    for (const source of volume.projected?.sources ?? []) yield source.secret?.name;
  }
}

export function* configMapsOf(pod: ReferencingPod): Iterable<string | undefined> {
  for (const container of containersOf(pod)) {
    for (const entry of container.env ?? []) yield entry.valueFrom?.configMapKeyRef?.name;
    for (const source of container.envFrom ?? []) yield source.configMapRef?.name;
  }
  for (const volume of pod.spec?.volumes ?? []) {
    yield volume.configMap?.name;
    for (const source of volume.projected?.sources ?? []) yield source.configMap?.name;
  }
}

function* claimsOf(pod: ReferencingPod): Iterable<string | undefined> {
  for (const volume of pod.spec?.volumes ?? []) {
    yield volume.persistentVolumeClaim?.claimName;
    if (volume.ephemeral) yield `${pod.metadata?.name}-${volume.name}`;
  }
}
