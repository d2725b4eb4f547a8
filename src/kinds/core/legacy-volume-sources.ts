// Volumes of storage systems from before CSI. Part of the API for ever; no part of this product mounts them.

import { localObjectReference } from "./references.ts";
import { atomicList, boolean, field, int32, map, pointer, requiredField, string, struct } from "../../object/schema.ts";

export const awsElasticBlockStoreVolumeSource = struct(
  "core.v1.AWSElasticBlockStoreVolumeSource",
  "A disk of Amazon's cloud; served by its CSI driver.",
  {
    volumeID: requiredField(1, string, "Id of the disk."),
    fsType: field(2, string, "File system to mount."),
    partition: field(3, int32, "Partition to mount; 0 for the whole disk."),
    readOnly: field(4, boolean, "Mount read-only."),
  },
);

export const azureDiskVolumeSource = struct("core.v1.AzureDiskVolumeSource", "A disk of Microsoft's cloud; served by its CSI driver.", {
  diskName: requiredField(1, string, "Name of the disk."),
  diskURI: requiredField(2, string, "Address of the disk."),
  cachingMode: pointer(3, string, "Caching on the host.", { default: "ReadWrite", enum: ["None", "ReadOnly", "ReadWrite"] }),
  fsType: pointer(4, string, "File system to mount.", { default: "ext4" }),
  readOnly: pointer(5, boolean, "Mount read-only.", { default: false }),
  kind: pointer(6, string, "Sort of disk.", { default: "Shared", enum: ["Shared", "Dedicated", "Managed"] }),
});

export const azureFileVolumeSource = struct("core.v1.AzureFileVolumeSource", "A share of Microsoft's cloud; served by its CSI driver.", {
  secretName: requiredField(1, string, "Secret with account name and key."),
  shareName: requiredField(2, string, "Name of the share."),
  readOnly: field(3, boolean, "Mount read-only."),
});

export const cephFSVolumeSource = struct("core.v1.CephFSVolumeSource", "A Ceph file system; no longer supported.", {
  monitors: requiredField(1, atomicList(string), "Ceph monitors."),
  path: field(2, string, "Directory to mount; the root when empty."),
  user: field(3, string, "User to connect as; admin when empty."),
  secretFile: field(4, string, "Key ring file on the node."),
  secretRef: pointer(5, localObjectReference, "Secret with the key, instead of the file."),
  readOnly: field(6, boolean, "Mount read-only."),
});

export const cinderVolumeSource = struct("core.v1.CinderVolumeSource", "A disk of OpenStack; served by its CSI driver.", {
  volumeID: requiredField(1, string, "Id of the volume."),
  fsType: field(2, string, "File system to mount."),
  readOnly: field(3, boolean, "Mount read-only."),
  secretRef: pointer(4, localObjectReference, "Secret with connection parameters."),
});

export const fcVolumeSource = struct("core.v1.FCVolumeSource", "A Fibre Channel disk.", {
  targetWWNs: field(1, atomicList(string), "World wide names of the target."),
  lun: pointer(2, int32, "Logical unit number."),
  fsType: field(3, string, "File system to mount."),
  readOnly: field(4, boolean, "Mount read-only."),
  wwids: field(5, atomicList(string), "World wide identifiers, instead of target and unit."),
});

export const flexVolumeSource = struct("core.v1.FlexVolumeSource", "Storage of an exec-based plugin; deprecated.", {
  driver: requiredField(1, string, "Name of the driver."),
  fsType: field(2, string, "File system to mount."),
  secretRef: pointer(3, localObjectReference, "Secret for the driver."),
  readOnly: field(4, boolean, "Mount read-only."),
  options: field(5, map(string), "Options for the driver."),
});

export const flockerVolumeSource = struct("core.v1.FlockerVolumeSource", "A Flocker dataset; no longer supported.", {
  datasetName: field(1, string, "Name of the dataset; deprecated."),
  datasetUUID: field(2, string, "UUID of the dataset."),
});

export const gcePersistentDiskVolumeSource = struct(
  "core.v1.GCEPersistentDiskVolumeSource",
  "A disk of Google's cloud; served by its CSI driver.",
  {
    pdName: requiredField(1, string, "Name of the disk."),
    fsType: field(2, string, "File system to mount."),
    partition: field(3, int32, "Partition to mount; 0 for the whole disk."),
    readOnly: field(4, boolean, "Mount read-only."),
  },
);

export const gitRepoVolumeSource = struct(
  "core.v1.GitRepoVolumeSource",
  "A checkout of a git repository; no longer supported, clone in an init container instead.",
  {
    repository: requiredField(1, string, "Address of the repository."),
    revision: field(2, string, "Commit to check out."),
    directory: field(3, string, 'Target directory; relative, without "..".'),
  },
);

export const glusterfsVolumeSource = struct("core.v1.GlusterfsVolumeSource", "A Gluster volume; no longer supported.", {
  endpoints: requiredField(1, string, "Endpoints object with the servers."),
  path: requiredField(2, string, "Name of the volume."),
  readOnly: field(3, boolean, "Mount read-only."),
});

export const iscsiVolumeSource = struct("core.v1.ISCSIVolumeSource", "An iSCSI disk.", {
  targetPortal: requiredField(1, string, "Address and port of the target."),
  iqn: requiredField(2, string, "Name of the target."),
  lun: requiredField(3, int32, "Logical unit number."),
  iscsiInterface: field(4, string, "Transport to use.", { default: "default" }),
  fsType: field(5, string, "File system to mount."),
  readOnly: field(6, boolean, "Mount read-only."),
  portals: field(7, atomicList(string), "Further addresses of the target."),
  chapAuthDiscovery: field(8, boolean, "Authenticate discovery with CHAP."),
  secretRef: pointer(10, localObjectReference, "Secret with the CHAP credentials."),
  chapAuthSession: field(11, boolean, "Authenticate sessions with CHAP."),
  initiatorName: pointer(12, string, "Name of the initiator."),
});

export const photonPersistentDiskVolumeSource = struct(
  "core.v1.PhotonPersistentDiskVolumeSource",
  "A disk of Photon Controller; no longer supported.",
  {
    pdID: requiredField(1, string, "Id of the disk."),
    fsType: field(2, string, "File system to mount."),
  },
);

export const portworxVolumeSource = struct("core.v1.PortworxVolumeSource", "A Portworx volume; served by its CSI driver.", {
  volumeID: requiredField(1, string, "Id of the volume."),
  fsType: field(2, string, "File system to mount."),
  readOnly: field(3, boolean, "Mount read-only."),
});

export const quobyteVolumeSource = struct("core.v1.QuobyteVolumeSource", "A Quobyte volume; no longer supported.", {
  registry: requiredField(1, string, "Addresses of the registry, comma separated."),
  volume: requiredField(2, string, "Name of the volume."),
  readOnly: field(3, boolean, "Mount read-only."),
  user: field(4, string, "User to map access to."),
  group: field(5, string, "Group to map access to."),
  tenant: field(6, string, "Tenant that owns the volume."),
});

export const rbdVolumeSource = struct("core.v1.RBDVolumeSource", "A Ceph block device; no longer supported.", {
  monitors: requiredField(1, atomicList(string), "Ceph monitors."),
  image: requiredField(2, string, "Name of the image."),
  fsType: field(3, string, "File system to mount."),
  pool: field(4, string, "Pool of the image.", { default: "rbd" }),
  user: field(5, string, "User to connect as.", { default: "admin" }),
  keyring: field(6, string, "Key ring file on the node.", { default: "/etc/ceph/keyring" }),
  secretRef: pointer(7, localObjectReference, "Secret with the key, instead of the key ring."),
  readOnly: field(8, boolean, "Mount read-only."),
});

export const scaleIOVolumeSource = struct("core.v1.ScaleIOVolumeSource", "A ScaleIO volume; no longer supported.", {
  gateway: requiredField(1, string, "Address of the gateway."),
  system: requiredField(2, string, "Name of the storage system."),
  secretRef: requiredField(3, localObjectReference, "Secret with the credentials.", { pointer: true }),
  sslEnabled: field(4, boolean, "Speak TLS with the gateway."),
  protectionDomain: field(5, string, "Protection domain of the storage."),
  storagePool: field(6, string, "Pool in the domain."),
  storageMode: field(7, string, "Thick or thin provisioning.", { default: "ThinProvisioned" }),
  volumeName: field(8, string, "Name of the volume."),
  fsType: field(9, string, "File system to mount.", { default: "xfs" }),
  readOnly: field(10, boolean, "Mount read-only."),
});

export const storageOSVolumeSource = struct("core.v1.StorageOSVolumeSource", "A StorageOS volume; no longer supported.", {
  volumeName: field(1, string, "Name of the volume."),
  volumeNamespace: field(2, string, "StorageOS namespace; the pod's when empty."),
  fsType: field(3, string, "File system to mount."),
  readOnly: field(4, boolean, "Mount read-only."),
  secretRef: pointer(5, localObjectReference, "Secret with the credentials."),
});

export const vsphereVirtualDiskVolumeSource = struct(
  "core.v1.VsphereVirtualDiskVolumeSource",
  "A disk of vSphere; served by its CSI driver.",
  {
    volumePath: requiredField(1, string, "Path of the disk."),
    fsType: field(2, string, "File system to mount."),
    storagePolicyName: field(3, string, "Name of the storage policy."),
    storagePolicyID: field(4, string, "Id of the storage policy."),
  },
);
