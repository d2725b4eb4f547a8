// Volumes of a pod: names, and exactly one source each.

import { checkDns1123Subdomain, utf8Length } from "../../lang/names.ts";
import { compareQuantities } from "../../lang/quantity.ts";
import { duplicate, forbiddenField, invalidValue, notSupported, required, tooLong } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, invalidEach, pullPolicies, validateDns1123Label, validateOneOf, validateRequired } from "../checks.ts";
import { validateClaimTemplate } from "./claim-template-validation.ts";
import { validateFileMode, validateItems, validateNoBacksteps } from "./file-path-validation.ts";
import { legacyVolumeSources } from "./legacy-volume-validation.ts";
import type { Volumes } from "./mount-validation.ts";
import { validateDownwardFile, validateProjectedVolume } from "./projected-volume-validation.ts";
import type { CSIVolumeSource, HostPathVolumeSource, Volume } from "./types.gen.ts";
import type { VolumeScope, VolumeSourceRule } from "./volume-source-rule.ts";

const hostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

function validateHostPath(path: string, { path: file, type }: HostPathVolumeSource): FieldError[] {
  if (!file) return [required(`${path}.path`)];
  const known = hostPathTypes.includes(type ?? "");
  return [...validateNoBacksteps(`${path}.path`, file), ...(known ? [] : [notSupported(`${path}.type`, type, hostPathTypes)])];
}

const longestDriver = 63;

/** Name of a CSI driver. */
const validateDriver = (field: string, driver: string): FieldError[] => [
  ...(driver === "" ? [required(field)] : []),
  ...(utf8Length(driver) > longestDriver ? [tooLong(field, longestDriver)] : []),
  ...invalidEach(field, driver, checkDns1123Subdomain(driver.toLowerCase())),
];

function validateCsi(path: string, { driver, nodePublishSecretRef }: CSIVolumeSource): FieldError[] {
  const errors = validateDriver(`${path}.driver`, driver);
  if (nodePublishSecretRef === undefined) return errors;
  const { name } = nodePublishSecretRef;
  return [
    ...errors,
    ...(name ? invalidEach(`${path}.name`, name, checkDns1123Subdomain(name)) : [required(`${path}.nodePublishSecretRef.name`)]),
  ];
}

/** The claim that is made for the volume is called after the pod and the volume. */
function validateClaimName(volume: Volume, path: string, podName: string | undefined): FieldError[] {
  if (!podName || !volume.name) return [];
  const claim = `${podName}-${volume.name}`;
  return checkDns1123Subdomain(claim).map((detail) =>
    invalidValue(`${path.slice(0, -".ephemeral".length)}.name`, volume.name, `PVC name ${JSON.stringify(claim)}: ${detail}`),
  );
}

const sources: readonly VolumeSourceRule[] = [
  {
    name: "emptyDir",
    validate: (path, { emptyDir }) =>
      emptyDir?.sizeLimit !== undefined && compareQuantities(emptyDir.sizeLimit, "0") < 0
        ? [forbiddenField(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity")]
        : [],
  },
  { name: "hostPath", validate: (path, { hostPath }) => validateHostPath(path, hostPath!) },
  {
    name: "secret",
    validate: (path, { secret }) => [
      ...validateRequired(`${path}.secretName`, secret!.secretName),
      ...validateFileMode(`${path}.defaultMode`, secret!.defaultMode),
      ...validateItems(`${path}.items`, secret!.items),
    ],
  },
  {
    name: "nfs",
    validate: (path, { nfs }) => [
      ...validateRequired(`${path}.server`, nfs!.server),
      ...validateRequired(`${path}.path`, nfs!.path),
      ...(nfs!.path?.startsWith("/") ? [] : [invalidValue(`${path}.path`, nfs!.path ?? "", "must be an absolute path")]),
    ],
  },
  {
    name: "persistentVolumeClaim",
    validate: (path, { persistentVolumeClaim }) => validateRequired(`${path}.claimName`, persistentVolumeClaim!.claimName),
  },
  {
    name: "downwardAPI",
    whenOneTooMany: "downwarAPI",
    validate: (path, { downwardAPI }) => [
      ...validateFileMode(`${path}.defaultMode`, downwardAPI!.defaultMode),
      ...(downwardAPI!.items ?? []).flatMap((file) => validateDownwardFile(path, file)),
    ],
  },
  {
    name: "configMap",
    validate: (path, { configMap }) => [
      ...validateRequired(`${path}.name`, configMap!.name),
      ...validateFileMode(`${path}.defaultMode`, configMap!.defaultMode),
      ...validateItems(`${path}.items`, configMap!.items),
    ],
  },
  { name: "projected", validate: (path, { projected }) => validateProjectedVolume(path, projected!) },
  { name: "csi", validate: (path, { csi }) => validateCsi(path, csi!) },
  {
    name: "ephemeral",
    validate: (path, volume, { podName }) => {
      const template = volume.ephemeral!.volumeClaimTemplate;
      return [
        ...(template === undefined
          ? [required(`${path}.volumeClaimTemplate`)]
          : validateClaimTemplate(`${path}.volumeClaimTemplate`, template)),
        ...validateClaimName(volume, path, podName),
      ];
    },
  },
  {
    name: "image",
    validate: (path, { image }, { isPod }) => [
      ...(isPod ? validateRequired(`${path}.reference`, image!.reference) : []),
      ...validateOneOf(`${path}.pullPolicy`, image!.pullPolicy, pullPolicies),
    ],
  },
];

/** The order in which Kubernetes looks at the sources: the first one counts, the others are one too many. */
const order: readonly (keyof Volume)[] = [
  ...(["emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs"] as const),
  ...(["flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume"] as const),
  ...(["configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos"] as const),
  ...(["projected", "scaleIO", "csi", "ephemeral", "image"] as const),
];
const rules: readonly VolumeSourceRule[] = order.map((name) => [...sources, ...legacyVolumeSources].find((rule) => rule.name === name)!);

function validateSource(path: string, volume: Volume, scope: VolumeScope): FieldError[] {
  const [first, ...others] = rules.filter((rule) => volume[rule.name] !== undefined);
  if (first === undefined) return [required(path, "must specify a volume type")];
  return [
    ...first.validate(`${path}.${first.inErrors ?? first.name}`, volume, scope),
    ...others.map((rule) => forbiddenField(`${path}.${rule.whenOneTooMany ?? rule.name}`, "may not specify more than 1 volume type")),
  ];
}

/** Errors of the volumes, and those that are valid: a mount of any other one is an error of its own. */
export function validateVolumes(
  path: string,
  volumes: readonly Volume[],
  scope: VolumeScope,
): { readonly errors: FieldError[]; readonly valid: Volumes } {
  const errors: FieldError[] = [];
  const valid = new Map<string, Volume>();
  const names = new Seen();
  const made = new Set(
    scope.podName ? volumes.filter((volume) => volume.ephemeral).map((volume) => `${scope.podName}-${volume.name}`) : [],
  );
  for (const [position, volume] of volumes.entries()) {
    const at = `${path}[${position}]`;
    const { name, persistentVolumeClaim } = volume;
    const own = validateSource(at, volume, scope);
    own.push(...(name === "" ? [required(`${at}.name`)] : validateDns1123Label(`${at}.name`, name)));
    if (names.has(name)) own.push(duplicate(`${at}.name`, name));
    if (own.length === 0) {
      names.again(name);
      valid.set(name, volume);
    }
    errors.push(...own);
    const claim = persistentVolumeClaim?.claimName ?? "";
    if (made.has(claim)) {
      const detail = "must not reference a PVC that gets created for an ephemeral volume";
      errors.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claim, detail));
    }
  }
  return { errors, valid };
}
