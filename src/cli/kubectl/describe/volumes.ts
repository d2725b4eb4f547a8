// Volumes of a pod or of a template, as `describe` shows them.

import type { Description } from "./description.ts";

type Fields = Readonly<Record<string, any>>;
type Lines = (source: Fields) => readonly string[];

const optional = (source: Fields): string => String(source["optional"] ?? "false");

/** A title and fields for each source of a volume. */
const sources: Readonly<Record<string, Lines>> = {
  hostPath: (source) => [
    "Type:\tHostPath (bare host directory volume)",
    `Path:\t${source["path"]}`,
    `HostPathType:\t${source["type"] ?? ""}`,
  ],
  emptyDir: (source) => [
    "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
    `Medium:\t${source["medium"] ?? ""}`,
    `SizeLimit:\t${source["sizeLimit"] ?? "<unset>"}`,
  ],
  secret: (source) => [
    "Type:\tSecret (a volume populated by a Secret)",
    `SecretName:\t${source["secretName"]}`,
    `Optional:\t${optional(source)}`,
  ],
  configMap: (source) => [
    "Type:\tConfigMap (a volume populated by a ConfigMap)",
    `Name:\t${source["name"]}`,
    `Optional:\t${optional(source)}`,
  ],
  persistentVolumeClaim: (source) => [
    "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
    `ClaimName:\t${source["claimName"]}`,
    `ReadOnly:\t${source["readOnly"] ?? false}`,
  ],
  downwardAPI: (source) => [
    "Type:\tDownwardAPI (a volume populated by information about the pod)",
    "Items:",
    ...(source["items"] ?? []).map(
      (item: Fields) => `  ${item["fieldRef"]?.fieldPath ?? item["resourceFieldRef"]?.resource} -> ${item["path"]}`,
    ),
  ],
  projected: (source) => [
    "Type:\tProjected (a volume that contains injected data from multiple sources)",
    ...(source["sources"] ?? []).flatMap(projection),
  ],
  nfs: (source) => [
    "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)",
    `Server:\t${source["server"]}`,
    `Path:\t${source["path"]}`,
    `ReadOnly:\t${source["readOnly"] ?? false}`,
  ],
  csi: (source) => [
    "Type:\tCSI (a Container Storage Interface (CSI) volume source)",
    `Driver:\t${source["driver"]}`,
    `FSType:\t${source["fsType"] ?? ""}`,
    `ReadOnly:\t${source["readOnly"] ?? false}`,
  ],
  image: (source) => [
    "Type:\tImage (a container image or OCI artifact)",
    `Reference:\t${source["reference"]}`,
    `PullPolicy:\t${source["pullPolicy"] ?? ""}`,
  ],
};

function projection({ secret, configMap, downwardAPI, serviceAccountToken }: Fields): string[] {
  if (secret) return [`SecretName:\t${secret.name}`, `SecretOptionalName:\t${secret.optional ?? "<nil>"}`];
  if (configMap) return [`ConfigMapName:\t${configMap.name}`, `Optional:\t${configMap.optional ?? false}`];
  if (downwardAPI) return ["DownwardAPI:\ttrue"];
  if (serviceAccountToken) return [`TokenExpirationSeconds:\t${serviceAccountToken.expirationSeconds ?? 3600}`];
  return [];
}

export function describeVolumes(text: Description, volumes: readonly Fields[], space: string): void {
  if (volumes.length === 0) {
    text.line(`${space}Volumes:\t<none>`);
    return;
  }
  text.line(`${space}Volumes:`);
  for (const volume of volumes) {
    text.line(`${space === "" ? "  " : `${space} `}${volume["name"]}:`);
    const type = Object.keys(volume).find((field) => field !== "name");
    const lines = type === undefined ? undefined : sources[type]?.(volume[type] ?? {});
    for (const line of lines ?? [`Type:\t${type ?? "<unknown>"}`]) text.line(`    ${line}`);
  }
}
