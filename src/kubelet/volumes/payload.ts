// What the files of configMap, secret, downwardAPI and projected volumes contain.

import type { Container as ApiContainer, Pod, Volume } from "../../kinds/core/types.gen.ts";
import { decodeCheckedBase64 } from "../../base/base64.ts";
import type { ReferencedObjects } from "../containers/environment.ts";
import type { FieldContext } from "../containers/field-values.ts";
import { fieldValue, resourceValue } from "../containers/field-values.ts";
import type { TreeFile, TreePayload } from "./atomic-tree.ts";

/** A volume cannot be made (yet). The message goes into the FailedMount event. */
export class VolumeError extends Error {
  override readonly name = "VolumeError";
}

export interface TokenSource {
  /** A token for the pod's service account, renewed before it ends. */
  token(pod: Pod, audience: string, expirationSeconds: number): Promise<string>;
}

export interface PayloadInputs {
  readonly objects: ReferencedObjects;
  readonly tokens: TokenSource;
  readonly fields: FieldContext;
}

interface Item {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const defaultFileMode = 0o644;

/** Undefined when the volume is of another type. @throws VolumeError */
export async function volumePayload(pod: Pod, volume: Volume, inputs: PayloadInputs): Promise<TreePayload | undefined> {
  if (volume.configMap) {
    const mode = volume.configMap.defaultMode ?? defaultFileMode;
    return await configMapFiles(pod, volume.configMap, mode, inputs.objects);
  }
  if (volume.secret) {
    const { secretName, items, optional } = volume.secret;
    return await secretFiles(pod, { name: secretName, items, optional }, volume.secret.defaultMode ?? defaultFileMode, inputs.objects);
  }
  if (volume.downwardAPI)
    return downwardFiles(pod, volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode ?? defaultFileMode, inputs.fields);
  if (volume.projected) return await projectedFiles(pod, volume.projected, inputs);
  return undefined;
}

interface Source {
  readonly name?: string;
  readonly items?: readonly Item[];
  readonly optional?: boolean;
}

async function configMapFiles(pod: Pod, source: Source, mode: number, objects: ReferencedObjects): Promise<TreePayload> {
  const namespace = pod.metadata!.namespace!;
  const configMap = await objects.configMap(namespace, source.name ?? "");
  if (!configMap) {
    if (source.optional) return new Map();
    throw new VolumeError(`configmap "${source.name}" not found`);
  }
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(configMap.data ?? {})) data.set(key, encode(text));
  for (const [key, text] of Object.entries(configMap.binaryData ?? {})) data.set(key, decodeCheckedBase64(text));
  return choose(data, source, mode);
}

async function secretFiles(pod: Pod, source: Source, mode: number, objects: ReferencedObjects): Promise<TreePayload> {
  const namespace = pod.metadata!.namespace!;
  const secret = await objects.secret(namespace, source.name ?? "");
  if (!secret) {
    if (source.optional) return new Map();
    throw new VolumeError(`secret "${source.name}" not found`);
  }
  const data = new Map(Object.entries(secret.data ?? {}).map(([key, text]) => [key, decodeCheckedBase64(text)] as const));
  return choose(data, source, mode);
}

/** All keys under their names, or the chosen ones under chosen paths. */
function choose(data: ReadonlyMap<string, Uint8Array>, source: Source, mode: number): TreePayload {
  const files = new Map<string, TreeFile>();
  if (!source.items || source.items.length === 0) {
    for (const key of [...data.keys()].toSorted()) files.set(key, { bytes: data.get(key)!, mode });
    return files;
  }
  for (const item of source.items) {
    const bytes = data.get(item.key);
    if (bytes) files.set(cleanPath(item.path), { bytes, mode: item.mode ?? mode });
    else if (!source.optional) throw new VolumeError(`references non-existent config key: ${item.key}`);
  }
  return files;
}

type DownwardItem = NonNullable<NonNullable<Volume["downwardAPI"]>["items"]>[number];

function downwardFiles(pod: Pod, items: readonly DownwardItem[], mode: number, fields: FieldContext): TreePayload {
  const files = new Map<string, TreeFile>();
  for (const item of items) {
    let text = "";
    try {
      if (item.fieldRef) text = fieldValue(pod, item.fieldRef.fieldPath, fields);
      else if (item.resourceFieldRef) {
        const { containerName, resource, divisor } = item.resourceFieldRef;
        const all: readonly ApiContainer[] = [...(pod.spec!.containers ?? []), ...(pod.spec!.initContainers ?? [])];
        const container = all.find((candidate) => candidate.name === containerName);
        if (!container) throw new VolumeError(`container ${containerName} not found`);
        text = resourceValue(container, resource, divisor, fields.allocatable);
      }
    } catch (error) {
      throw new VolumeError((error as Error).message);
    }
    files.set(cleanPath(item.path), { bytes: encode(text), mode: item.mode ?? mode });
  }
  return files;
}

async function projectedFiles(pod: Pod, projected: NonNullable<Volume["projected"]>, inputs: PayloadInputs): Promise<TreePayload> {
  const mode = projected.defaultMode ?? defaultFileMode;
  const files = new Map<string, TreeFile>();
  const add = (more: TreePayload): void => {
    for (const [path, file] of more) files.set(path, file);
  };
  for (const source of projected.sources ?? []) {
    if (source.configMap) add(await configMapFiles(pod, source.configMap, mode, inputs.objects));
    else if (source.secret) add(await secretFiles(pod, source.secret, mode, inputs.objects));
    else if (source.downwardAPI) add(downwardFiles(pod, source.downwardAPI.items ?? [], mode, inputs.fields));
    else if (source.serviceAccountToken) {
      const { path, audience = "", expirationSeconds = 3600 } = source.serviceAccountToken;
      const token = await inputs.tokens.token(pod, audience, expirationSeconds);
      files.set(cleanPath(path), { bytes: encode(token), mode });
    } else throw new VolumeError(`projected volume source ${Object.keys(source).join(", ")} is not supported`);
  }
  return files;
}

/** Validation refuses such paths already; a volume never writes outside of itself whatever it is told. */
function cleanPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/") || parts.length === 0 || parts.some((part) => part === "..") || parts[0]!.startsWith("..")) {
    throw new VolumeError(`invalid path: ${path}`);
  }
  return parts.join("/");
}
