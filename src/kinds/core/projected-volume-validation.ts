// Volumes that join several sources in one directory: no two sources may want the same file.

import { checkDns1123Label, checkDns1123Subdomain, checkQualifiedName } from "../../lang/names.ts";
import { forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, invalidEach, validateRequired, validateSelector } from "../checks.ts";
import { validateFileMode, validateKeyToPath, validateUnreservedPath } from "./file-path-validation.ts";
import { fileFields, validatePodField, validateResourceField } from "./pod-field-validation.ts";
import type {
  ClusterTrustBundleProjection,
  ConfigMapProjection,
  DownwardAPIVolumeFile,
  PodCertificateProjection,
  ProjectedVolumeSource,
  SecretProjection,
  ServiceAccountTokenProjection,
} from "./types.gen.ts";

/** A file of the downward API. Kubernetes names the volume, not the file's place in the list. */
export function validateDownwardFile(path: string, file: DownwardAPIVolumeFile): FieldError[] {
  const { fieldRef, resourceFieldRef } = file;
  const errors = [...validateRequired(`${path}.path`, file.path), ...validateUnreservedPath(`${path}.path`, file.path ?? "")];
  if (fieldRef !== undefined) {
    errors.push(...validatePodField(`${path}.fieldRef`, fieldRef, fileFields));
    if (resourceFieldRef !== undefined)
      errors.push(invalidValue(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"));
  } else if (resourceFieldRef !== undefined) {
    errors.push(...validateResourceField(`${path}.resourceFieldRef`, resourceFieldRef, "file"));
  } else errors.push(required(path, "one of fieldRef and resourceFieldRef is required"));
  return [...errors, ...validateFileMode(`${path}.mode`, file.mode)];
}

export function validateProjectedVolume(path: string, volume: ProjectedVolumeSource): FieldError[] {
  const errors = validateFileMode(`${path}.defaultMode`, volume.defaultMode);
  const files = new Files(path);
  for (const [position, source] of (volume.sources ?? []).entries()) {
    const at = `${path}.sources[${position}]`;
    const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source;
    if (secret) errors.push(...validateKeys(`${at}.secret`, secret, files));
    if (configMap) errors.push(...validateKeys(`${at}.configMap`, configMap, files));
    for (const file of downwardAPI?.items ?? [])
      errors.push(...validateDownwardFile(`${at}.downwardAPI`, file), ...files.take(file.path, file.path));
    if (serviceAccountToken) errors.push(...validateToken(path, `${at}.serviceAccountToken`, serviceAccountToken));
    if (clusterTrustBundle) errors.push(...validateTrustBundle(`${at}.clusterTrustBundle`, clusterTrustBundle, files));
    if (podCertificate) errors.push(...validateCertificate(`${at}.podCertificate`, podCertificate, files));
    if (Object.values(source).filter((one) => one !== undefined).length > 1)
      errors.push(forbiddenField(at, "may not specify more than 1 volume type per source"));
  }
  return errors;
}

/** Files that sources have taken so far. */
class Files {
  readonly #taken = new Seen();
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }
  /** `blamed`: the value that the error shows. */
  take(file: string | undefined, blamed: string | undefined): FieldError[] {
    return file && this.#taken.again(file) ? [invalidValue(this.#path, blamed ?? "", "conflicting duplicate paths")] : [];
  }
}

const validateKeys = (path: string, { name, items = [] }: SecretProjection | ConfigMapProjection, files: Files): FieldError[] => [
  ...validateRequired(`${path}.name`, name),
  ...items.flatMap((item, position) => [...validateKeyToPath(`${path}.items[${position}]`, item), ...files.take(item.path, name)]),
];

const shortestTokenSeconds = 600;
const longestTokenSeconds = 2 ** 32;

/** `volume` is where Kubernetes reports a bad path: the volume, not the source. */
function validateToken(volume: string, path: string, token: ServiceAccountTokenProjection): FieldError[] {
  const seconds = token.expirationSeconds ?? 0;
  const errors: FieldError[] = [];
  if (seconds < shortestTokenSeconds)
    errors.push(invalidValue(`${path}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes"));
  if (seconds > longestTokenSeconds)
    errors.push(invalidValue(`${path}.expirationSeconds`, seconds, "may not specify a duration larger than 2^32 seconds"));
  if (!token.path) errors.push(required(`${volume}.path`));
  else errors.push(...validateUnreservedPath(`${volume}.path`, token.path));
  return errors;
}

/** `example.com/name`: who signs certificates. */
function validateSigner(field: string, signer: string): FieldError[] {
  if (signer === "") return [required(field)];
  const [domain = "", name, ...rest] = signer.split("/");
  if (name === undefined || rest.length > 0)
    return [invalidValue(field, signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const errors = invalidEach(field, domain, [...new Set(domain.split(".").flatMap(checkDns1123Label))]);
  if (!domain.includes(".")) errors.push(invalidValue(field, domain, "should be a domain with at least two segments separated by dots"));
  for (const segment of name.split(".")) errors.push(...invalidEach(field, name, checkDns1123Subdomain(segment)));
  return errors;
}

function validateTrustBundle(path: string, bundle: ClusterTrustBundleProjection, files: Files): FieldError[] {
  const { name, signerName, labelSelector } = bundle;
  const errors: FieldError[] = [];
  if (name !== undefined && signerName !== undefined)
    errors.push(invalidValue(path, bundle, "only one of name and signerName may be used"));
  else if (name !== undefined) {
    if (name === "") errors.push(required(`${path}.name`, "must be a valid object name"));
    // A bundle of a signer is called after it: "example.com:signer:name".
    for (const detail of checkDns1123Subdomain(name.split(":").at(-1)!))
      errors.push(invalidValue(`${path}.name`, name, `not a valid clustertrustbundlename: ${detail}`));
    if (labelSelector !== undefined)
      errors.push(invalidValue(`${path}.labelSelector`, labelSelector, "labelSelector must be unset if name is specified"));
  } else if (signerName !== undefined) {
    if (signerName === "") errors.push(required(`${path}.signerName`, "must be a valid signer name"));
    errors.push(...validateSigner(`${path}.signerName`, signerName), ...validateSelector(`${path}.labelSelector`, labelSelector));
  } else errors.push(required(path, "either name or signerName must be specified"));
  return [
    ...errors,
    ...validateRequired(`${path}.path`, bundle.path),
    ...validateUnreservedPath(`${path}.path`, bundle.path ?? ""),
    ...files.take(bundle.path, bundle.path),
  ];
}

const keyTypes = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];
const shortestCertificateSeconds = 3600;
const longestCertificateSeconds = 91 * 24 * 3600;
const longestOwnCertificateSeconds = 24 * 3600;
const isOwnSigner = (signer: string): boolean => /(^|\.)kubernetes\.io\//.test(signer);

/** A key and a certificate for the pod (KEP-4317). */
function validateCertificate(path: string, certificate: PodCertificateProjection, files: Files): FieldError[] {
  const { signerName, keyType, maxExpirationSeconds: seconds, userAnnotations = {} } = certificate;
  const errors = validateSigner(`${path}.signerName`, signerName);
  for (const name of Object.keys(userAnnotations))
    errors.push(...invalidEach(`${path}.userAnnotations`, name, checkQualifiedName(name.toLowerCase())));
  if (!keyTypes.includes(keyType)) errors.push(notSupported(`${path}.keyType`, keyType, keyTypes));
  if (seconds !== undefined) {
    const field = `${path}.maxExpirationSeconds`;
    const longest = isOwnSigner(signerName) ? longestOwnCertificateSeconds : longestCertificateSeconds;
    if (seconds < shortestCertificateSeconds)
      errors.push(invalidValue(field, seconds, `if provided, maxExpirationSeconds must be >= ${shortestCertificateSeconds}`));
    if (seconds > longest) errors.push(invalidValue(field, seconds, `if provided, maxExpirationSeconds must be <= ${longest}`));
  }
  const paths = (["credentialBundlePath", "keyPath", "certificateChainPath"] as const).filter((name) => certificate[name]);
  for (const name of paths)
    errors.push(...validateUnreservedPath(`${path}.${name}`, certificate[name]!), ...files.take(certificate[name], certificate[name]));
  if (paths.length === 0) errors.push(required(path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"));
  return errors;
}
