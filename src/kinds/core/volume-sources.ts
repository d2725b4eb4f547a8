// The volumes of today: files from the API, scratch space, the host, claims and CSI.

import { objectFieldSelector, resourceFieldSelector } from "./environment.ts";
import { defaultImageVolume } from "./pod-defaults.ts";
import { localObjectReference, typedLocalObjectReference, typedObjectReference } from "./references.ts";
import { labelSelector, objectMeta } from "../../object/meta.ts";
import {
  atomicList,
  boolean,
  embedded,
  field,
  int32,
  int64,
  map,
  pointer,
  quantity,
  requiredField,
  string,
  struct,
} from "../../object/schema.ts";

export const keyToPath = struct("core.v1.KeyToPath", "Maps a key to a file.", {
  key: requiredField(1, string, "The key."),
  path: requiredField(2, string, 'Relative path of the file, without "..".'),
  mode: pointer(3, int32, "Permission bits of the file; the volume's default when absent."),
});

export const configMapVolumeSource = struct("core.v1.ConfigMapVolumeSource", "Files from a ConfigMap's keys.", {
  ...embedded(1, localObjectReference.fields),
  items: field(2, atomicList(keyToPath), "Keys to show and where; all keys by their own names when empty."),
  defaultMode: pointer(3, int32, "Permission bits of the files.", { default: 420 }),
  optional: pointer(4, boolean, "Whether the ConfigMap or its keys may be missing."),
});

export const secretVolumeSource = struct("core.v1.SecretVolumeSource", "Files from a Secret's keys.", {
  secretName: field(1, string, "Name of the Secret."),
  items: field(2, atomicList(keyToPath), "Keys to show and where; all keys by their own names when empty."),
  defaultMode: pointer(3, int32, "Permission bits of the files.", { default: 420 }),
  optional: pointer(4, boolean, "Whether the Secret or its keys may be missing."),
});

export const downwardAPIVolumeFile = struct("core.v1.DownwardAPIVolumeFile", "A file with information about the pod.", {
  path: requiredField(1, string, 'Relative path of the file, without "..".'),
  fieldRef: pointer(2, objectFieldSelector, "Field of the pod: annotations, labels, name, namespace or uid."),
  resourceFieldRef: pointer(3, resourceFieldSelector, "Request or limit of a container."),
  mode: pointer(4, int32, "Permission bits of the file; the volume's default when absent."),
});

export const downwardAPIVolumeSource = struct("core.v1.DownwardAPIVolumeSource", "Files with information about the pod.", {
  items: field(1, atomicList(downwardAPIVolumeFile), "The files."),
  defaultMode: pointer(2, int32, "Permission bits of the files.", { default: 420 }),
});

export const emptyDirVolumeSource = struct("core.v1.EmptyDirVolumeSource", "An empty directory that lives as long as the pod.", {
  medium: field(1, string, "Where it is kept: the node's disk when empty, Memory, or HugePages."),
  sizeLimit: pointer(2, quantity, "The most it may hold."),
});

export const hostPathVolumeSource = struct("core.v1.HostPathVolumeSource", "A file or directory of the node.", {
  path: requiredField(1, string, "Path on the node."),
  type: pointer(
    2,
    string,
    "What must be there, or is made: DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice; no check when empty.",
    { default: "" },
  ),
});

export const nfsVolumeSource = struct("core.v1.NFSVolumeSource", "An NFS export.", {
  server: requiredField(1, string, "Host name or address of the server."),
  path: requiredField(2, string, "Exported path."),
  readOnly: field(3, boolean, "Mount read-only."),
});

export const persistentVolumeClaimVolumeSource = struct("core.v1.PersistentVolumeClaimVolumeSource", "A claim on storage.", {
  claimName: requiredField(1, string, "Claim in the pod's namespace."),
  readOnly: field(2, boolean, "Mount read-only."),
});

export const csiVolumeSource = struct("core.v1.CSIVolumeSource", "Storage of a CSI driver that lives as long as the pod.", {
  driver: requiredField(1, string, "Name of the driver."),
  readOnly: pointer(2, boolean, "Mount read-only."),
  fsType: pointer(3, string, "File system to mount; the driver's choice when empty."),
  volumeAttributes: field(4, map(string), "Properties for the driver."),
  nodePublishSecretRef: pointer(5, localObjectReference, "Secret for the driver."),
});

export const volumeResourceRequirements = struct("core.v1.VolumeResourceRequirements", "How much storage is needed.", {
  limits: field(1, map(quantity), "The most that may be given."),
  requests: field(2, map(quantity), "The least that must be given."),
});

export const persistentVolumeClaimSpec = struct("core.v1.PersistentVolumeClaimSpec", "What storage is claimed.", {
  accessModes: field(1, atomicList(string), "Ways in which the volume is to be mounted."),
  resources: field(2, volumeResourceRequirements, "How much storage."),
  volumeName: field(3, string, "Volume that is bound."),
  selector: pointer(4, labelSelector, "Which volumes come into question."),
  storageClassName: pointer(5, string, "Class of storage; the cluster's default when absent."),
  volumeMode: pointer(6, string, "File system or raw block device.", { default: "Filesystem", enum: ["Filesystem", "Block"] }),
  dataSource: pointer(7, typedLocalObjectReference, "Snapshot or claim to start from."),
  dataSourceRef: pointer(8, typedObjectReference, "Object of any kind to start from."),
  volumeAttributesClassName: pointer(9, string, "Class of changeable attributes."),
});

export const persistentVolumeClaimTemplate = struct("core.v1.PersistentVolumeClaimTemplate", "A claim to make for a pod.", {
  metadata: field(1, objectMeta, "Labels and annotations of the claim."),
  spec: requiredField(2, persistentVolumeClaimSpec, "What to claim."),
});

export const ephemeralVolumeSource = struct("core.v1.EphemeralVolumeSource", "A claim that is made for the pod and goes with it.", {
  volumeClaimTemplate: pointer(1, persistentVolumeClaimTemplate, "The claim to make, named after pod and volume."),
});

export const imageVolumeSource = struct(
  "core.v1.ImageVolumeSource",
  "Content of an OCI image or artifact.",
  {
    reference: field(1, string, "Image or artifact to mount."),
    pullPolicy: field(2, string, "When to pull; Always for the tag latest or none, else IfNotPresent.", {
      enum: ["Always", "IfNotPresent", "Never"],
    }),
  },
  { defaults: defaultImageVolume },
);

export const configMapProjection = struct("core.v1.ConfigMapProjection", "Files from a ConfigMap's keys, in a projected volume.", {
  ...embedded(1, localObjectReference.fields),
  items: field(2, atomicList(keyToPath), "Keys to show and where; all keys by their own names when empty."),
  optional: pointer(4, boolean, "Whether the ConfigMap or its keys may be missing."),
});

export const secretProjection = struct("core.v1.SecretProjection", "Files from a Secret's keys, in a projected volume.", {
  ...embedded(1, localObjectReference.fields),
  items: field(2, atomicList(keyToPath), "Keys to show and where; all keys by their own names when empty."),
  optional: pointer(4, boolean, "Whether the Secret or its keys may be missing."),
});

export const downwardAPIProjection = struct(
  "core.v1.DownwardAPIProjection",
  "Files with information about the pod, in a projected volume.",
  {
    items: field(1, atomicList(downwardAPIVolumeFile), "The files."),
  },
);

export const serviceAccountTokenProjection = struct(
  "core.v1.ServiceAccountTokenProjection",
  "A token of the pod's service account, renewed before it ends.",
  {
    audience: field(1, string, "Whom the token is for; the API server when empty."),
    expirationSeconds: pointer(2, int64, "How long a token is valid, at least 600.", { default: 3600 }),
    path: requiredField(3, string, "Relative path of the file."),
  },
);

export const clusterTrustBundleProjection = struct("core.v1.ClusterTrustBundleProjection", "Trust anchors from ClusterTrustBundles.", {
  name: pointer(1, string, "The one bundle to show, instead of signerName."),
  signerName: pointer(2, string, "All bundles of this signer that labelSelector matches."),
  labelSelector: pointer(3, labelSelector, "Which bundles of the signer; none when absent, all when empty."),
  path: requiredField(4, string, "Relative path of the file."),
  optional: pointer(5, boolean, "Whether the bundle may be missing."),
});

export const podCertificateProjection = struct(
  "core.v1.PodCertificateProjection",
  "A key and a certificate for the pod, renewed before it ends.",
  {
    signerName: requiredField(1, string, "Who signs."),
    keyType: requiredField(2, string, "Sort of key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519."),
    maxExpirationSeconds: pointer(3, int32, "The longest that a certificate may be valid."),
    credentialBundlePath: field(4, string, "File with key and certificates together."),
    keyPath: field(5, string, "File with the key alone."),
    certificateChainPath: field(6, string, "File with the certificates alone."),
    userAnnotations: field(7, map(string), "Further data for the signer."),
  },
);

export const volumeProjection = struct("core.v1.VolumeProjection", "One source of a projected volume.", {
  secret: pointer(1, secretProjection, "Keys of a Secret."),
  downwardAPI: pointer(2, downwardAPIProjection, "Information about the pod."),
  configMap: pointer(3, configMapProjection, "Keys of a ConfigMap."),
  serviceAccountToken: pointer(4, serviceAccountTokenProjection, "A token of the pod's service account."),
  clusterTrustBundle: pointer(5, clusterTrustBundleProjection, "Trust anchors."),
  podCertificate: pointer(6, podCertificateProjection, "A key and a certificate for the pod."),
});

export const projectedVolumeSource = struct("core.v1.ProjectedVolumeSource", "Several sources in one directory.", {
  sources: field(1, atomicList(volumeProjection), "The sources.", { always: true }),
  defaultMode: pointer(2, int32, "Permission bits of the files.", { default: 420 }),
});
