// Volume sources of single vendors. Most do nothing any more, yet objects that name them must still be well formed.

import { invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { inclusiveRangeMessage } from "../../lang/names.ts";
import { validateDns1123Label, validateOptionalOneOf, validateRequired } from "../checks.ts";
import { validateDescendingPath } from "./file-path-validation.ts";
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  ISCSIVolumeSource,
  LocalObjectReference,
  QuobyteVolumeSource,
  Volume,
} from "./types.gen.ts";
import type { VolumeSourceRule } from "./volume-source-rule.ts";

/** A rule that asks for these fields, and then for more. */
const rule = <Name extends keyof Volume>(
  name: Name,
  fields: readonly (keyof NonNullable<Volume[Name]> & string)[],
  more: (path: string, source: NonNullable<Volume[Name]>, volume: Volume) => FieldError[] = () => [],
  options: Pick<VolumeSourceRule, "inErrors" | "whenOneTooMany"> = {},
): VolumeSourceRule => ({
  name,
  ...options,
  validate(path, volume) {
    const source = volume[name] as NonNullable<Volume[Name]>;
    return [
      ...fields.flatMap((field) => (isEmpty((source as Readonly<Record<string, unknown>>)[field]) ? [required(`${path}.${field}`)] : [])),
      ...more(path, source, volume),
    ];
  },
});

const isEmpty = (value: unknown): boolean => value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

const validatePartition = (path: string, partition = 0): FieldError[] =>
  partition < 0 || partition > 255 ? [invalidValue(`${path}.partition`, partition, inclusiveRangeMessage(1, 255))] : [];

const validateSecretName = (path: string, secret: LocalObjectReference | undefined): FieldError[] =>
  secret === undefined ? [] : validateRequired(`${path}.secretRef.name`, secret.name);

const validateLun = (path: string, lun: number): FieldError[] =>
  lun < 0 || lun > 255 ? [invalidValue(`${path}.lun`, lun, inclusiveRangeMessage(0, 255))] : [];

const iscsiFormats: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

function validateIscsiName(field: string, name: string): FieldError[] {
  const format = iscsiFormats[name.slice(0, 3)];
  if (format === undefined) return [invalidValue(field, name, "must be valid format starting with iqn, eui, or naa")];
  return format.test(name) ? [] : [invalidValue(field, name, "must be valid format")];
}

const longestTarget = 64;

function validateIscsi(path: string, source: ISCSIVolumeSource, volume: Volume): FieldError[] {
  const { iqn, initiatorName, targetPortal } = source;
  const errors = [...(iqn ? validateIscsiName(`${path}.iqn`, iqn) : []), ...validateLun(path, source.lun ?? 0)];
  if ((source.chapAuthDiscovery || source.chapAuthSession) && source.secretRef === undefined) errors.push(required(`${path}.secretRef`));
  if (initiatorName === undefined) return errors;
  errors.push(...validateIscsiName(`${path}.initiatorname`, initiatorName));
  if (`${volume.name}:${targetPortal}`.length > longestTarget) {
    const detail = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
    errors.push(invalidValue(`${path.slice(0, -".iscsi".length)}.name`, volume.name, detail));
  }
  return errors;
}

function validateFibreChannel(path: string, { targetWWNs = [], wwids = [], lun }: FCVolumeSource): FieldError[] {
  const field = `${path}.targetWWNs`;
  const errors: FieldError[] = [];
  if (targetWWNs.length === 0 && wwids.length === 0) errors.push(required(field, "must specify either targetWWNs or wwids, but not both"));
  if (targetWWNs.length > 0 && wwids.length > 0)
    errors.push(invalidValue(field, targetWWNs, "targetWWNs and wwids can not be specified simultaneously"));
  if (targetWWNs.length === 0) return errors;
  if (lun === undefined) errors.push(required(`${path}.lun`, "lun is required if targetWWNs is specified"));
  else errors.push(...validateLun(path, lun));
  return errors;
}

const registryDetail = "must be a host:port pair or multiple pairs separated by commas";
const isHostPort = (text: string): boolean => /^(\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(text);

function validateQuobyte(path: string, { registry, tenant = "", volume }: QuobyteVolumeSource): FieldError[] {
  const errors: FieldError[] = [];
  if (!registry) errors.push(required(`${path}.registry`, registryDetail));
  else if (tenant.length >= 65) errors.push(required(`${path}.tenant`, "must be a UUID and may not exceed a length of 64 characters"));
  else
    for (const pair of registry.split(",")) if (!isHostPort(pair)) errors.push(invalidValue(`${path}.registry`, registry, registryDetail));
  return [...errors, ...validateRequired(`${path}.volume`, volume)];
}

const managedDiskUri = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const blobDiskUri = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

function validateAzureDisk(path: string, { diskURI, cachingMode, kind }: AzureDiskVolumeSource): FieldError[] {
  const errors = [
    ...validateOptionalOneOf(`${path}.cachingMode`, cachingMode, ["None", "ReadOnly", "ReadWrite"]),
    ...validateOptionalOneOf(`${path}.kind`, kind, ["Dedicated", "Managed", "Shared"]),
  ];
  const field = `${path}.diskURI`;
  if (kind === "Managed" && !diskURI.startsWith("/subscriptions/")) errors.push(notSupported(field, diskURI, [managedDiskUri]));
  if (kind !== undefined && kind !== "Managed" && !diskURI.startsWith("https://")) errors.push(notSupported(field, diskURI, [blobDiskUri]));
  return errors;
}

/** Options of a flex driver may not pose as Kubernetes' own. */
function validateFlexOptions(path: string, options: Readonly<Record<string, string>> = {}): FieldError[] {
  return Object.keys(options).flatMap((name) => {
    const domain = `.${name.split("/", 2)[0]!.toLowerCase()}`;
    if (!domain.endsWith(".kubernetes.io") && !domain.endsWith(".k8s.io")) return [];
    return [invalidValue(`${path}.options[${name}]`, name, "kubernetes.io and k8s.io namespaces are reserved")];
  });
}

export const legacyVolumeSources: readonly VolumeSourceRule[] = [
  rule("gitRepo", ["repository"], (path, { directory = "" }) => validateDescendingPath(`${path}.directory`, directory)),
  rule("gcePersistentDisk", ["pdName"], (path, { partition }) => validatePartition(path, partition), { inErrors: "persistentDisk" }),
  rule("awsElasticBlockStore", ["volumeID"], (path, { partition }) => validatePartition(path, partition)),
  rule("iscsi", ["targetPortal", "iqn"], validateIscsi),
  rule("glusterfs", ["endpoints", "path"]),
  rule("flocker", [], (path, { datasetName, datasetUUID }) => [
    ...(datasetName || datasetUUID ? [] : [required(path, "one of datasetName and datasetUUID is required")]),
    ...(datasetName && datasetUUID
      ? [invalidValue(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")]
      : []),
    ...(datasetName?.includes("/") ? [invalidValue(`${path}.datasetName`, datasetName, "must not contain '/'")] : []),
  ]),
  rule("rbd", ["monitors", "image"]),
  rule("cinder", ["volumeID"], (path, { secretRef }) => validateSecretName(path, secretRef)),
  rule("cephfs", ["monitors"], undefined, { whenOneTooMany: "cephFS" }),
  rule("quobyte", [], validateQuobyte),
  rule("fc", [], validateFibreChannel),
  rule("flexVolume", ["driver"], (path, { options }) => validateFlexOptions(path, options)),
  rule("azureFile", ["secretName", "shareName"]),
  rule("vsphereVolume", ["volumePath"]),
  rule("photonPersistentDisk", ["pdID"]),
  rule("portworxVolume", ["volumeID"]),
  rule("azureDisk", ["diskName", "diskURI"], validateAzureDisk),
  rule("storageos", ["volumeName"], (path, { volumeName, volumeNamespace, secretRef }) => [
    ...(volumeName ? validateDns1123Label(`${path}.volumeName`, volumeName) : []),
    ...(volumeNamespace ? validateDns1123Label(`${path}.volumeNamespace`, volumeNamespace) : []),
    ...validateSecretName(path, secretRef),
  ]),
  rule("scaleIO", ["gateway", "system", "volumeName"]),
];
