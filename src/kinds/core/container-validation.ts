// Containers of a pod: the regular ones, those that run before them, and those that are added for debugging.

import { duplicate, forbiddenField, invalidValue, notFoundValue, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, pullPolicies, validateDns1123Label, validateOneOf } from "../checks.ts";
import { validateContainerPorts, validateHostPortConflicts } from "./container-port-validation.ts";
import { validateContainerRestart, validateResizePolicy } from "./container-restart-validation.ts";
import { validateEnvironment, validateEnvironmentSources } from "./environment-validation.ts";
import type { Volumes } from "./mount-validation.ts";
import { validateDevices, validateMounts } from "./mount-validation.ts";
import { isRestartableInitContainer } from "./pod-readiness.ts";
import type { ProbeScope } from "./probe-validation.ts";
import { validateLifecycle, validateProbe } from "./probe-validation.ts";
import { validateResources } from "./resource-validation.ts";
import { validateSecurityContext } from "./security-validation.ts";
import type { Container, EphemeralContainer, PodSpec } from "./types.gen.ts";

/** What the rules for a container need to know of the pod around it. */
export interface ContainerScope extends ProbeScope {
  readonly volumes: Volumes;
  /** Names in the pod's resourceClaims. */
  readonly claims: readonly string[];
  readonly restartPolicy: string | undefined;
  /** False in a pod that has a user namespace of its own. */
  readonly hostUsers: boolean;
}

const messagePolicies: readonly string[] = ["File", "FallbackToLogsOnError"];

/** Rules for containers of every sort. */
const validateAny = (path: string, container: Container, scope: ContainerScope): FieldError[] => [
  ...(container.name ? validateDns1123Label(`${path}.name`, container.name) : [required(`${path}.name`)]),
  ...(container.image ? [] : [required(`${path}.image`)]),
  ...validateOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies),
  ...validateContainerPorts(`${path}.ports`, container.ports ?? []),
  ...validateEnvironment(`${path}.env`, container.env ?? []),
  ...validateEnvironmentSources(`${path}.envFrom`, container.envFrom ?? []),
  ...validateMounts(`${path}.volumeMounts`, container, scope.volumes),
  ...validateDevices(`${path}.volumeDevices`, container, scope.volumes),
  ...validateOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
  ...validateResources(`${path}.resources`, container.resources ?? {}, "container", scope.claims),
  ...validateResizePolicy(`${path}.resizePolicy`, container.resizePolicy ?? [], scope.restartPolicy),
  ...validateSecurityContext(`${path}.securityContext`, container.securityContext, scope.hostUsers),
];

/** Hooks and probes: of containers that stay. */
const validateStaying = (path: string, container: Container, scope: ContainerScope): FieldError[] => [
  ...validateLifecycle(`${path}.lifecycle`, container.lifecycle, scope),
  ...validateProbe(`${path}.livenessProbe`, "livenessProbe", container.livenessProbe, scope),
  ...validateProbe(`${path}.readinessProbe`, "readinessProbe", container.readinessProbe, scope),
  ...validateProbe(`${path}.startupProbe`, "startupProbe", container.startupProbe, scope),
];

export function validateContainers(path: string, containers: readonly Container[], scope: ContainerScope): FieldError[] {
  if (containers.length === 0) return [required(path)];
  const names = new Seen();
  return [
    ...containers.flatMap((container, position) => {
      const at = `${path}[${position}]`;
      return [
        ...validateAny(at, container, scope),
        ...(names.again(container.name ?? "") ? [duplicate(`${at}.name`, container.name)] : []),
        ...validateStaying(at, container, scope),
        ...validateContainerRestart(at, container),
      ];
    }),
    ...validateHostPortConflicts(path, containers),
  ];
}

const stayingFields = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** Init containers: those that restart always stay beside the others as sidecars, the rest run once and need no probes. */
export function validateInitContainers(path: string, spec: PodSpec, scope: ContainerScope): FieldError[] {
  const names = new Seen((spec.containers ?? []).map((container) => container.name ?? ""));
  return (spec.initContainers ?? []).flatMap((container, position) => {
    const at = `${path}[${position}]`;
    const stays = isRestartableInitContainer(container);
    return [
      ...validateAny(at, container, scope),
      ...validateContainerRestart(at, container),
      ...(container.name && names.again(container.name) ? [duplicate(`${at}.name`, container.name)] : []),
      // One by one: each has the node's ports for itself.
      ...validateHostPortConflicts(path, [container]),
      ...(stays
        ? validateStaying(at, container, scope)
        : stayingFields
            .filter((field) => container[field] !== undefined)
            .map((field) => forbiddenField(`${at}.${field}`, "may not be set for init containers without restartPolicy=Always"))),
    ];
  });
}

/** In the order in which Kubernetes names them. */
const notForDebugging = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;
const notForDebuggingDetail = "cannot be set for an Ephemeral Container";

/** Debugging containers: nothing that others could rely on. */
export function validateEphemeralContainers(path: string, spec: PodSpec, scope: ContainerScope): FieldError[] {
  const regular = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => container.name ?? "");
  const names = new Seen(regular);
  return (spec.ephemeralContainers ?? []).flatMap((container, position) => {
    const at = `${path}[${position}]`;
    const { name, targetContainerName } = container;
    return [
      ...validateAny(at, container, scope),
      ...validateImageText(at, container),
      ...(names.again(name) ? [duplicate(`${at}.name`, name)] : []),
      ...(targetContainerName && !regular.includes(targetContainerName)
        ? [notFoundValue(`${at}.targetContainerName`, targetContainerName)]
        : []),
      ...notForDebugging.filter((field) => isSet(container[field])).map((field) => forbiddenField(`${at}.${field}`, notForDebuggingDetail)),
      ...(container.volumeMounts ?? []).flatMap((mount, mounted) =>
        (["subPath", "subPathExpr"] as const)
          .filter((field) => mount[field])
          .map((field) => forbiddenField(`${at}.volumeMounts[${mounted}].${field}`, notForDebuggingDetail)),
      ),
    ];
  });
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : value !== undefined;
}

/** In pods, not in templates: some tools put a blank there to be filled in. */
export const validateImageText = (path: string, { image = "" }: Container | EphemeralContainer): FieldError[] =>
  image.trim() === image ? [] : [invalidValue(`${path}.image`, image, "must not have leading or trailing whitespace")];
