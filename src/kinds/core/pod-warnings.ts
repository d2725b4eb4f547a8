// What is worth telling somebody whose pod, or template for pods, is accepted all the same.

import { canonicalQuantity, quantityMilliValue } from "../../lang/quantity.ts";
import { appArmorPrefix, seccompContainerPrefix, seccompPodAnnotation } from "./pod-annotation-validation.ts";
import type { PlacedContainer } from "./pod-containers.ts";
import { placedContainers } from "./pod-containers.ts";
import type { ContainerPort, NodeSelectorTerm, Pod, PodAffinity, PodSpec, PodTemplateSpec, Volume } from "./types.gen.ts";

/** Older names of node labels, and those of today. */
const deprecatedLabels: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};

const deprecatedVolumes: readonly (readonly [source: keyof Volume, message: string])[] = [
  ["photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"],
  ["scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "deprecated in v1.22, non-functional in v1.25+"],
  ["quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

export const podWarnings = (pod: Pod): string[] => warningsOf("", pod);

/** `path` is where the template stands: "spec.template". */
export const templateWarnings = (path: string, template: PodTemplateSpec | undefined): string[] => warningsOf(`${path}.`, template ?? {});

function warningsOf(prefix: string, { metadata, spec = { containers: [] } }: PodTemplateSpec): string[] {
  const annotations = metadata?.annotations ?? {};
  const at = `${prefix}spec`;
  const containers = placedContainers(at, spec);
  return [
    ...placementWarnings(at, spec),
    ...annotationWarnings(`${prefix}metadata.annotations`, annotations, spec, containers, prefix !== ""),
    ...(spec.volumes ?? []).flatMap((volume, position) =>
      deprecatedVolumes
        .filter(([source]) => volume[source] !== undefined)
        .map(([source, message]) => `${at}.volumes[${position}].${source === "storageos" ? "storageOS" : source}: ${message}`),
    ),
    ...repetitionWarnings(at, spec),
    ...fractionWarnings(`${at}.overhead`, spec.overhead),
    ...containers.flatMap((one) => [
      ...fractionWarnings(`${one.at}.resources.limits`, one.container.resources?.limits),
      ...fractionWarnings(`${one.at}.resources.requests`, one.container.resources?.requests),
      ...environmentWarnings(one),
    ]),
    ...portWarnings(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...affinityWarnings(`${at}.affinity.podAffinity`, spec.affinity?.podAffinity),
    ...affinityWarnings(`${at}.affinity.podAntiAffinity`, spec.affinity?.podAntiAffinity),
  ];
}

const nullSelector = "a null labelSelector results in matching no pod";

function placementWarnings(path: string, spec: PodSpec): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed, preferredDuringSchedulingIgnoredDuringExecution: wished } =
    spec.affinity?.nodeAffinity ?? {};
  const affinity = `${path}.affinity.nodeAffinity`;
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((label) =>
      deprecatedLabels[label] === undefined ? [] : [`${path}.nodeSelector[${label}]: ${deprecatedLabels[label]}`],
    ),
    ...(needed?.nodeSelectorTerms ?? []).flatMap((term, position) =>
      termWarnings(`${affinity}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${position}]`, term),
    ),
    ...(wished ?? []).flatMap(({ preference }, position) =>
      termWarnings(`${affinity}.preferredDuringSchedulingIgnoredDuringExecution[${position}].preference`, preference),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, position) => {
      const at = `${path}.topologySpreadConstraints[${position}]`;
      const message = deprecatedLabels[topologyKey];
      return [
        ...(message === undefined ? [] : [`${at}.topologyKey: ${topologyKey} is ${message}`]),
        ...(labelSelector === undefined ? [`${at}.labelSelector: ${nullSelector}`] : []),
      ];
    }),
  ];
}

const termWarnings = (path: string, term: NodeSelectorTerm | undefined): string[] =>
  (term?.matchExpressions ?? []).flatMap(({ key }, position) =>
    deprecatedLabels[key] === undefined ? [] : [`${path}.matchExpressions[${position}].key: ${key} is ${deprecatedLabels[key]}`],
  );

function annotationWarnings(
  path: string,
  annotations: Readonly<Record<string, string>>,
  spec: PodSpec,
  containers: readonly PlacedContainer[],
  isTemplate: boolean,
): string[] {
  const warn = (name: string, message: string): string[] => (annotations[name] === undefined ? [] : [`${path}[${name}]: ${message}`]);
  const seccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead';
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {};
  return [
    ...Object.entries(deprecatedAnnotations).flatMap(([name, message]) => warn(name, message)),
    ...(seccompProfile === undefined ? warn(seccompPodAnnotation, seccomp) : []),
    ...containers.flatMap(({ container }) => {
      const own = container.securityContext;
      return [
        ...(own?.seccompProfile === undefined ? warn(seccompContainerPrefix + container.name, seccomp) : []),
        ...(isTemplate && (own?.appArmorProfile ?? appArmorProfile) === undefined
          ? warn(appArmorPrefix + container.name, 'deprecated since v1.30; use the "appArmorProfile" field instead')
          : []),
      ];
    }),
  ];
}

function repetitionWarnings(path: string, spec: PodSpec): string[] {
  const repeated = (list: string, field: string, values: readonly string[]): string[] =>
    values.flatMap((value, position) =>
      values.indexOf(value) < position ? [`${path}.${list}[${position}].${field}: duplicate ${field} ${JSON.stringify(value)}`] : [],
    );
  const secrets = (spec.imagePullSecrets ?? []).map(({ name = "" }) => name);
  return [
    ...repeated(
      "hostAliases",
      "ip",
      (spec.hostAliases ?? []).map(({ ip }) => ip),
    ),
    ...repeated("imagePullSecrets", "name", secrets),
    ...secrets.flatMap((name, position) => (name === "" ? [`${path}.imagePullSecrets[${position}].name: invalid empty name ""`] : [])),
  ];
}

/** Nothing has a third of a byte. */
const fractionWarnings = (path: string, list: Readonly<Record<string, string>> = {}): string[] =>
  ["memory", "ephemeral-storage"].flatMap((resource) => {
    const quantity = list[resource];
    if (quantity === undefined || quantityMilliValue(quantity) % 1000 === 0) return [];
    return [`${path}[${resource}]: fractional byte value ${JSON.stringify(canonicalQuantity(quantity))} is invalid, must be an integer`];
  });

/** A variable that is there twice hides the first, unless it builds upon it. */
function environmentWarnings({ at, container }: PlacedContainer): string[] {
  const seen = new Set<string>();
  return (container.env ?? []).flatMap(({ name, value = "", valueFrom }, position) => {
    const again = seen.has(name);
    seen.add(name);
    const former = `$(${name})`;
    const builds = valueFrom === undefined && value !== former && value.includes(former);
    if (!again || builds) return [];
    return [`${at}.env[${position}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`];
  });
}

function portWarnings(containers: readonly PlacedContainer[]): string[] {
  const warnings: string[] = [];
  const known = new Map<string, { readonly at: string; readonly port: ContainerPort }[]>();
  for (const { at, container } of containers)
    for (const [position, port] of (container.ports ?? []).entries()) {
      const place = `${at}.ports[${position}]`;
      const { hostIP = "", hostPort = 0 } = port;
      if (hostIP !== "" && hostPort === 0) warnings.push(`${place}: hostIP set without hostPort: ${JSON.stringify(port)}`);
      const number = `${port.containerPort}/${port.protocol}`;
      const others = known.get(number) ?? [];
      for (const other of others) {
        const overlap = overlapOf(port, other.port);
        if (overlap !== undefined) warnings.push(`${place}: ${overlap} port definition with ${other.at}`);
      }
      known.set(number, [...others, { at: place, port }]);
    }
  return warnings;
}

function overlapOf(a: ContainerPort, b: ContainerPort): string | undefined {
  const [ip, port, otherIp, otherPort] = [a.hostIP ?? "", a.hostPort ?? 0, b.hostIP ?? "", b.hostPort ?? 0];
  if (ip === otherIp && port === otherPort) return "duplicate";
  if (port === 0 || otherPort === 0) return "overlapping";
  return port === otherPort && (ip === "") !== (otherIp === "") ? "dangerously ambiguous" : undefined;
}

const affinityWarnings = (path: string, affinity: PodAffinity | undefined): string[] => [
  ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ labelSelector }, position) =>
    labelSelector === undefined
      ? [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${position}].labelSelector: ${nullSelector}`]
      : [],
  ),
  ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm }, position) =>
    podAffinityTerm?.labelSelector === undefined
      ? [`${path}.preferredDuringSchedulingIgnoredDuringExecution[${position}].podAffinityTerm.labelSelector: ${nullSelector}`]
      : [],
  ),
];
