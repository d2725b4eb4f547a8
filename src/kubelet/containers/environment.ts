// The environment of a container, in the order in which Kubernetes builds it: variables of Services, then envFrom, then env,
// each able to refer to those before it by $(NAME).

import { decodeCheckedBase64 } from "../../base/base64.ts";
import type { ConfigMap, Container as ApiContainer, Pod, Secret, Service } from "../../kinds/core/types.gen.ts";
import { expandVariables } from "../../lang/expansion.ts";
import type { FieldContext } from "./field-values.ts";
import { fieldValue, resourceValue } from "./field-values.ts";
import { serviceVariables } from "./service-variables.ts";

/** Something that the container refers to is missing or malformed: it cannot be created yet (CreateContainerConfigError). */
export class ContainerConfigError extends Error {
  override readonly name = "ContainerConfigError";
}

export interface ReferencedObjects {
  /** Undefined when it does not exist. */
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

export interface EnvironmentInputs {
  readonly objects: ReferencedObjects;
  readonly services: readonly Service[];
  readonly fields: FieldContext;
}

export async function containerEnvironment(
  pod: Pod,
  container: ApiContainer,
  inputs: EnvironmentInputs,
): Promise<ReadonlyMap<string, string>> {
  const namespace = pod.metadata!.namespace!;
  const services = serviceVariables(inputs.services, namespace, pod.spec!.enableServiceLinks !== false);
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const prefix = source.prefix ?? "";
    for (const [key, value] of await envFromValues(namespace, source, inputs.objects)) result.set(prefix + key, value);
  }
  for (const variable of container.env ?? []) {
    const value = await envValue(pod, container, variable, result, services, inputs);
    if (value !== undefined) result.set(variable.name, value);
  }
  // What the pod sets wins over the Service variables of the same name.
  for (const [name, value] of services) if (!result.has(name)) result.set(name, value);
  return result;
}

type EnvFrom = NonNullable<ApiContainer["envFrom"]>[number];
type EnvVar = NonNullable<ApiContainer["env"]>[number];

async function envFromValues(
  namespace: string,
  source: EnvFrom,
  objects: ReferencedObjects,
): Promise<readonly (readonly [string, string])[]> {
  if (source.configMapRef) {
    const { name = "", optional } = source.configMapRef;
    const configMap = await objects.configMap(namespace, name);
    if (configMap) return entriesOf(configMap.data);
    if (optional) return [];
    throw new ContainerConfigError(`configmap "${name}" not found`);
  }
  if (source.secretRef) {
    const { name = "", optional } = source.secretRef;
    const secret = await objects.secret(namespace, name);
    if (secret) return entriesOf(secret.data).map(([key, value]) => [key, decodeText(value)] as const);
    if (optional) return [];
    throw new ContainerConfigError(`secret "${name}" not found`);
  }
  return [];
}

const entriesOf = (data: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] =>
  Object.entries(data ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));

async function envValue(
  pod: Pod,
  container: ApiContainer,
  variable: EnvVar,
  before: ReadonlyMap<string, string>,
  services: ReadonlyMap<string, string>,
  inputs: EnvironmentInputs,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (variable.value || !from) return expandVariables(variable.value ?? "", (name) => before.get(name) ?? services.get(name));
  if (from.fieldRef) {
    try {
      return fieldValue(pod, from.fieldRef.fieldPath, inputs.fields);
    } catch (error) {
      throw new ContainerConfigError((error as Error).message);
    }
  }
  if (from.resourceFieldRef) {
    const { containerName, resource, divisor } = from.resourceFieldRef;
    const all = [...(pod.spec!.containers ?? []), ...(pod.spec!.initContainers ?? [])];
    const of = containerName ? all.find((candidate) => candidate.name === containerName) : container;
    if (!of) throw new ContainerConfigError(`container ${containerName} not found`);
    try {
      return resourceValue(of, resource, divisor, inputs.fields.allocatable);
    } catch (error) {
      throw new ContainerConfigError((error as Error).message);
    }
  }
  const namespace = pod.metadata!.namespace!;
  if (from.configMapKeyRef) {
    const { name = "", key, optional } = from.configMapKeyRef;
    const configMap = await inputs.objects.configMap(namespace, name);
    if (!configMap) return missing(optional, `configmap "${name}" not found`);
    return configMap.data?.[key] ?? missing(optional, `couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
  }
  if (from.secretKeyRef) {
    const { name = "", key, optional } = from.secretKeyRef;
    const secret = await inputs.objects.secret(namespace, name);
    if (!secret) return missing(optional, `secret "${name}" not found`);
    const value = secret.data?.[key];
    return value === undefined ? missing(optional, `couldn't find key ${key} in Secret ${namespace}/${name}`) : decodeText(value);
  }
  return "";
}

function missing(optional: boolean | undefined, message: string): undefined {
  if (optional) return undefined;
  throw new ContainerConfigError(message);
}

const decodeText = (base64: string): string => new TextDecoder().decode(decodeCheckedBase64(base64));
