import { describe, it } from "vitest";
import { podKind } from "./pod.ts";
import type { Row } from "../validation.laws.ts";
import { checkRow, noLabel, noSubdomain } from "../validation.laws.ts";

const base = {
  metadata: { name: "p", namespace: "default" },
  spec: { serviceAccountName: "default", containers: [{ name: "web", image: "nginx" }] },
};
const v = "spec.volumes[0]";
const volume = (source: object) => ({ "spec.volumes": [{ name: "v", ...source }] });
const mode = "must be a number between 0 and 0777 (octal), both inclusive";

const common: readonly Row[] = [
  ["no name", { "spec.volumes": [{ emptyDir: {} }] }, `${v}.name: Required value`],
  ["a bad name", { "spec.volumes": [{ name: "V", emptyDir: {} }] }, `${v}.name: Invalid value: "V": ${noLabel}`],
  ["a name twice", { "spec.volumes": [{ name: "v" }, { name: "v" }] }, 'spec.volumes[1].name: Duplicate value: "v"'],
  [
    "two sources",
    volume({ emptyDir: {}, secret: { secretName: "s" }, configMap: { name: "c" } }),
    `${v}.secret: Forbidden: may not specify more than 1 volume type`,
    `${v}.configMap: Forbidden: may not specify more than 1 volume type`,
  ],
  [
    "a source whose path is spelled otherwise",
    volume({ emptyDir: {}, downwardAPI: { items: [] }, cephfs: { monitors: ["m"] } }),
    `${v}.cephFS: Forbidden: may not specify more than 1 volume type`,
    `${v}.downwarAPI: Forbidden: may not specify more than 1 volume type`,
  ],
  [
    "less than nothing",
    volume({ emptyDir: { sizeLimit: "-1" } }),
    `${v}.emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity`,
  ],
  ["no path of the node", volume({ hostPath: {} }), `${v}.hostPath.path: Required value`],
  [
    "a path of the node with a way up, to what nobody knows",
    volume({ hostPath: { path: "/a/../b", type: "Door" } }),
    `${v}.hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
    `${v}.hostPath.type: Unsupported value: "Door": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"`,
  ],
  [
    "a secret without name, with strange bits",
    volume({ secret: { defaultMode: 512, items: [{ key: "", path: "/a", mode: -1 }] } }),
    `${v}.secret.secretName: Required value`,
    `${v}.secret.defaultMode: Invalid value: 512: ${mode}`,
    `${v}.secret.items[0].key: Required value`,
    `${v}.secret.items[0].path: Invalid value: "/a": must be a relative path`,
    `${v}.secret.items[0].mode: Invalid value: -1: ${mode}`,
  ],
  [
    "a ConfigMap without name, files with reserved names",
    volume({
      configMap: {
        items: [
          { key: "a", path: "..a" },
          { key: "b", path: "" },
        ],
      },
    }),
    `${v}.configMap.name: Required value`,
    `${v}.configMap.items[0].path: Invalid value: "..a": must not start with '..'`,
    `${v}.configMap.items[1].path: Required value`,
  ],
  ["no claim", volume({ persistentVolumeClaim: {} }), `${v}.persistentVolumeClaim.claimName: Required value`],
  [
    "an export without server and root",
    volume({ nfs: { path: "a" } }),
    `${v}.nfs.server: Required value`,
    `${v}.nfs.path: Invalid value: "a": must be an absolute path`,
  ],
  [
    "no driver, a secret without name",
    volume({ csi: { nodePublishSecretRef: {} } }),
    `${v}.csi.driver: Required value`,
    `${v}.csi.driver: Invalid value: "": ${noSubdomain}`,
    `${v}.csi.nodePublishSecretRef.name: Required value`,
  ],
  ["a driver with a long name", volume({ csi: { driver: "d".repeat(64) } }), `${v}.csi.driver: Too long: may not be more than 63 bytes`],
  ["an image without reference", volume({ image: {} }), `${v}.image.reference: Required value`],
  [
    "an image that is pulled sometimes",
    volume({ image: { reference: "a:1", pullPolicy: "Sometimes" } }),
    `${v}.image.pullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`,
  ],
  [
    "a field and a resource in one file, another file of neither",
    volume({
      downwardAPI: {
        items: [
          { path: "a", fieldRef: { fieldPath: "status.podIP" }, resourceFieldRef: { containerName: "web", resource: "limits.cpu" } },
          { path: "b" },
          { path: "", resourceFieldRef: { resource: "limits.cpu" } },
        ],
      },
    }),
    `${v}.downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"`,
    `${v}.downwardAPI: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously`,
    `${v}.downwardAPI: Required value: one of fieldRef and resourceFieldRef is required`,
    `${v}.downwardAPI.path: Required value`,
    `${v}.downwardAPI.resourceFieldRef.containerName: Required value`,
  ],
];

const p = `${v}.projected`;
const projected = (...sources: readonly object[]) => volume({ projected: { sources } });
const longToken = { path: "t", expirationSeconds: 2 ** 32 + 1 };
const certificate = { signerName: "example.com/s", keyType: "ED25519", keyPath: "k" };

const sources: readonly Row[] = [
  [
    "two kinds of source in one",
    projected({ secret: { name: "s" }, configMap: { name: "c" } }),
    `${p}.sources[0]: Forbidden: may not specify more than 1 volume type per source`,
  ],
  [
    "one file twice",
    projected(
      { secret: { name: "s", items: [{ key: "a", path: "f" }] } },
      { configMap: { name: "c", items: [{ key: "a", path: "f" }] } },
      { downwardAPI: { items: [{ path: "f", fieldRef: { fieldPath: "metadata.name" } }] } },
    ),
    `${p}: Invalid value: "c": conflicting duplicate paths`,
    `${p}: Invalid value: "f": conflicting duplicate paths`,
  ],
  [
    "sources without names",
    projected({ secret: {} }, { configMap: {} }),
    `${p}.sources[0].secret.name: Required value`,
    `${p}.sources[1].configMap.name: Required value`,
  ],
  [
    "a token that ends at once, without a place",
    projected({ serviceAccountToken: { expirationSeconds: 599 } }),
    `${p}.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`,
    `${p}.path: Required value`,
  ],
  [
    "a token that never ends, outside the volume",
    projected({ serviceAccountToken: { ...longToken, path: "../t" } }),
    `${p}.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
    `${p}.path: Invalid value: "../t": must not contain '..'`,
  ],
  [
    "trust in nobody",
    projected({ clusterTrustBundle: { path: "a" } }),
    `${p}.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified`,
  ],
  [
    "trust in two ways",
    projected({ clusterTrustBundle: { path: "a", name: "n", signerName: "example.com/s" } }),
    `${p}.sources[0].clusterTrustBundle: Invalid value: {"name":"n","signerName":"example.com/s","path":"a"}: only one of name and signerName may be used`,
  ],
  [
    "trust in one bundle, by labels",
    projected({ clusterTrustBundle: { path: "a", name: "n", labelSelector: {} } }),
    `${p}.sources[0].clusterTrustBundle.labelSelector: Invalid value: {}: labelSelector must be unset if name is specified`,
  ],
  [
    "a certificate of an unknown sort, for a moment, nowhere",
    projected({ podCertificate: { signerName: "example.com/s", keyType: "DSA", maxExpirationSeconds: 60 } }),
    `${p}.sources[0].podCertificate.keyType: Unsupported value: "DSA": supported values: "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"`,
    `${p}.sources[0].podCertificate.maxExpirationSeconds: Invalid value: 60: if provided, maxExpirationSeconds must be >= 3600`,
    `${p}.sources[0].podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath`,
  ],
  [
    "a certificate for longer than the cluster's own signers give",
    projected({ podCertificate: { ...certificate, signerName: "kubernetes.io/s", maxExpirationSeconds: 90_000 } }),
    `${p}.sources[0].podCertificate.maxExpirationSeconds: Invalid value: 90000: if provided, maxExpirationSeconds must be <= 86400`,
  ],
  [
    "a token of nobody's",
    { ...projected({ serviceAccountToken: { path: "t" } }), "spec.serviceAccountName": undefined },
    `${p}.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set`,
  ],
];

const t = `${v}.ephemeral.volumeClaimTemplate`;
const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const ephemeral = (spec: object, metadata?: object) =>
  volume({ ephemeral: { volumeClaimTemplate: { ...(metadata && { metadata }), spec } } });

const claims: readonly Row[] = [
  ["no template", volume({ ephemeral: {} }), `${t}: Required value`],
  [
    "a template that wants nothing",
    ephemeral({}),
    `${t}.spec.accessModes: Required value: at least 1 access mode is required`,
    `${t}.spec.resources[storage]: Required value`,
  ],
  ["a template with a name", ephemeral(claim, { name: "c" }), `${t}.metadata.name: Forbidden: cannot be set`],
  [
    "access that nobody knows, and access for one with others",
    ephemeral({ ...claim, accessModes: ["ReadWriteOncePod", "ReadWriteMany", "Write"] }),
    `${t}.spec.accessModes: Unsupported value: "Write": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"`,
    `${t}.spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes`,
  ],
  [
    "no room, in no class",
    ephemeral({ ...claim, resources: { requests: { storage: "0" } }, storageClassName: "A", volumeMode: "Air" }),
    `${t}.spec.resources[storage]: Invalid value: "0": must be greater than zero`,
    `${t}.spec.storageClassName: Invalid value: "A": ${noSubdomain}`,
    `${t}.spec.volumeMode: Unsupported value: "Air": supported values: "Block", "Filesystem"`,
  ],
  [
    "two different origins",
    ephemeral({
      ...claim,
      dataSource: { kind: "PersistentVolumeClaim", name: "a" },
      dataSourceRef: { kind: "PersistentVolumeClaim", name: "b" },
    }),
    `${t}.spec: Invalid value: "${t}.spec.dataSource": must match dataSourceRef`,
  ],
  [
    "the claim of another volume",
    {
      "spec.volumes": [
        { name: "v", persistentVolumeClaim: { claimName: "p-w" } },
        { name: "w", ephemeral: { volumeClaimTemplate: { spec: claim } } },
      ],
    },
    `${v}.persistentVolumeClaim.claimName: Invalid value: "p-w": must not reference a PVC that gets created for an ephemeral volume`,
  ],
];

const iqn = { targetPortal: "10.0.0.1", iqn: "iqn.2001-04.com.example:storage.a" };

const legacy: readonly Row[] = [
  [
    "gitRepo",
    volume({ gitRepo: { directory: "/a" } }),
    `${v}.gitRepo.repository: Required value`,
    `${v}.gitRepo.directory: Invalid value: "/a": must be a relative path`,
  ],
  [
    "gcePersistentDisk",
    volume({ gcePersistentDisk: { partition: 256 } }),
    `${v}.persistentDisk.pdName: Required value`,
    `${v}.persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive`,
  ],
  [
    "awsElasticBlockStore",
    volume({ awsElasticBlockStore: { partition: -1 } }),
    `${v}.awsElasticBlockStore.volumeID: Required value`,
    `${v}.awsElasticBlockStore.partition: Invalid value: -1: must be between 1 and 255, inclusive`,
  ],
  ["iscsi without address", volume({ iscsi: {} }), `${v}.iscsi.targetPortal: Required value`, `${v}.iscsi.iqn: Required value`],
  [
    "iscsi with a bad name and number",
    volume({ iscsi: { targetPortal: "a", iqn: "xyz", lun: 256 } }),
    `${v}.iscsi.iqn: Invalid value: "xyz": must be valid format starting with iqn, eui, or naa`,
    `${v}.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive`,
  ],
  [
    "iscsi with a secret handshake",
    volume({ iscsi: { ...iqn, chapAuthSession: true, initiatorName: "eui.1" } }),
    `${v}.iscsi.secretRef: Required value`,
    `${v}.iscsi.initiatorname: Invalid value: "eui.1": must be valid format`,
  ],
  ["glusterfs", volume({ glusterfs: {} }), `${v}.glusterfs.endpoints: Required value`, `${v}.glusterfs.path: Required value`],
  ["flocker", volume({ flocker: {} }), `${v}.flocker: Required value: one of datasetName and datasetUUID is required`],
  [
    "flocker twice",
    volume({ flocker: { datasetName: "a/b", datasetUUID: "u" } }),
    `${v}.flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously`,
    `${v}.flocker.datasetName: Invalid value: "a/b": must not contain '/'`,
  ],
  ["rbd", volume({ rbd: {} }), `${v}.rbd.monitors: Required value`, `${v}.rbd.image: Required value`],
  ["cinder", volume({ cinder: { secretRef: {} } }), `${v}.cinder.volumeID: Required value`, `${v}.cinder.secretRef.name: Required value`],
  ["cephfs", volume({ cephfs: {} }), `${v}.cephfs.monitors: Required value`],
  [
    "quobyte",
    volume({ quobyte: { registry: "a" } }),
    `${v}.quobyte.registry: Invalid value: "a": must be a host:port pair or multiple pairs separated by commas`,
    `${v}.quobyte.volume: Required value`,
  ],
  [
    "quobyte without registry",
    volume({ quobyte: { volume: "v" } }),
    `${v}.quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas`,
  ],
  ["fc", volume({ fc: {} }), `${v}.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both`],
  [
    "fc twice",
    volume({ fc: { targetWWNs: ["a"], wwids: ["b"] } }),
    `${v}.fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously`,
    `${v}.fc.lun: Required value: lun is required if targetWWNs is specified`,
  ],
  [
    "flexVolume",
    volume({ flexVolume: { options: { "kubernetes.io/a": "1" } } }),
    `${v}.flexVolume.driver: Required value`,
    `${v}.flexVolume.options[kubernetes.io/a]: Invalid value: "kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved`,
  ],
  ["azureFile", volume({ azureFile: {} }), `${v}.azureFile.secretName: Required value`, `${v}.azureFile.shareName: Required value`],
  ["vsphereVolume", volume({ vsphereVolume: {} }), `${v}.vsphereVolume.volumePath: Required value`],
  ["photonPersistentDisk", volume({ photonPersistentDisk: {} }), `${v}.photonPersistentDisk.pdID: Required value`],
  ["portworxVolume", volume({ portworxVolume: {} }), `${v}.portworxVolume.volumeID: Required value`],
  [
    "azureDisk",
    volume({ azureDisk: { diskName: "d", diskURI: "u", kind: "Managed", cachingMode: "Some" } }),
    `${v}.azureDisk.cachingMode: Unsupported value: "Some": supported values: "None", "ReadOnly", "ReadWrite"`,
    `${v}.azureDisk.diskURI: Unsupported value: "u": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"`,
  ],
  [
    "storageos",
    volume({ storageos: { volumeNamespace: "N" } }),
    `${v}.storageos.volumeName: Required value`,
    `${v}.storageos.volumeNamespace: Invalid value: "N": ${noLabel}`,
  ],
  [
    "scaleIO",
    volume({ scaleIO: { secretRef: { name: "s" } } }),
    `${v}.scaleIO.gateway: Required value`,
    `${v}.scaleIO.system: Required value`,
    `${v}.scaleIO.volumeName: Required value`,
  ],
];

describe("volumes", () => {
  it.each(common)("%s", (...row) => checkRow(podKind, base, row));
  it.each(sources)("projected: %s", (...row) => checkRow(podKind, base, row));
  it.each(claims)("ephemeral: %s", (...row) => checkRow(podKind, base, row));
  it.each(legacy)("of one vendor: %s", (...row) => checkRow(podKind, base, row));
});
