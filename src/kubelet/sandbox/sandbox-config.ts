// What the runtime is told to make for a pod: its sandbox.

import type { Pod, PodSecurityContext } from "../../kinds/core/types.gen.ts";
import type { DnsConfig, NamespaceOptions, PortMapping, SandboxConfig, SecurityProfile } from "../container-runtime.ts";
import { podLabels } from "../labels.ts";

export interface PodNames {
  /** What `hostname` prints in the pod. */
  readonly hostname: string;
  /** What follows it in its fully qualified name; "" when it has none. */
  readonly domain: string;
}

const maxHostnameLength = 63;

/** Hostname and domain of a pod: its own fields, else its name, cut to what a hostname may be. */
export function podNames(pod: Pod, clusterDomain: string): PodNames {
  const spec = pod.spec!;
  const override = spec.hostnameOverride;
  if (override) return { hostname: override, domain: "" };
  let hostname = spec.hostname ?? pod.metadata!.name!;
  if (hostname.length > maxHostnameLength) hostname = hostname.slice(0, maxHostnameLength).replace(/[-.]+$/, "");
  const domain = spec.subdomain ? `${spec.subdomain}.${pod.metadata!.namespace}.svc.${clusterDomain}` : "";
  return { hostname, domain };
}

export const podLogDirectory = (podLogs: string, pod: Pod): string => {
  const { namespace, name, uid } = pod.metadata!;
  return `${podLogs}/${namespace}_${name}_${uid}`;
};

export interface SandboxInputs {
  readonly attempt: number;
  readonly dns: DnsConfig;
  readonly podLogs: string;
  readonly cgroupParent: string;
  readonly clusterDomain: string;
}

export function sandboxConfig(pod: Pod, inputs: SandboxInputs): SandboxConfig {
  const { name, namespace, uid } = pod.metadata!;
  const spec = pod.spec!;
  const names = podNames(pod, inputs.clusterDomain);
  const fqdn = names.domain === "" ? names.hostname : `${names.hostname}.${names.domain}`;
  const context = spec.securityContext;
  return {
    metadata: { name: name!, uid: uid!, namespace: namespace!, attempt: inputs.attempt },
    hostname: spec.hostNetwork === true ? "" : spec.setHostnameAsFQDN === true ? fqdn : names.hostname,
    logDirectory: podLogDirectory(inputs.podLogs, pod),
    dns: inputs.dns,
    portMappings: spec.hostNetwork === true ? [] : portMappings(pod),
    labels: podLabels(pod),
    annotations: { ...pod.metadata!.annotations },
    cgroupParent: inputs.cgroupParent,
    sysctls: Object.fromEntries((context?.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value])),
    security: {
      namespaces: namespaceOptions(pod),
      privileged: allContainers(pod).some((container) => container.securityContext?.privileged === true),
      readonlyRootfs: false,
      ...(context?.runAsUser !== undefined && { runAsUser: context.runAsUser }),
      ...(context?.runAsGroup !== undefined && { runAsGroup: context.runAsGroup }),
      supplementalGroups: podGroups(context),
      seccomp: securityProfile(context?.seccompProfile) ?? { type: "runtime-default" },
      ...(context?.seLinuxOptions && { seLinux: context.seLinuxOptions }),
    },
  };
}

const allContainers = (pod: Pod) => [...(pod.spec!.initContainers ?? []), ...(pod.spec!.containers ?? [])];

function portMappings(pod: Pod): readonly PortMapping[] {
  const mappings: PortMapping[] = [];
  for (const container of allContainers(pod)) {
    for (const port of container.ports ?? []) {
      if (!port.hostPort) continue;
      mappings.push({
        protocol: (port.protocol ?? "TCP") as PortMapping["protocol"],
        containerPort: port.containerPort,
        hostPort: port.hostPort,
        ...(port.hostIP && { hostIp: port.hostIP }),
      });
    }
  }
  return mappings;
}

export function namespaceOptions(pod: Pod): NamespaceOptions {
  const spec = pod.spec!;
  return {
    network: spec.hostNetwork === true ? "node" : "pod",
    pid: spec.hostPID === true ? "node" : spec.shareProcessNamespace === true ? "pod" : "container",
    ipc: spec.hostIPC === true ? "node" : "pod",
  };
}

/** fsGroup and supplementalGroups, which every process of the pod gets. */
export function podGroups(context: PodSecurityContext | undefined): readonly number[] {
  const groups = [...(context?.fsGroup !== undefined ? [context.fsGroup] : []), ...(context?.supplementalGroups ?? [])];
  return [...new Set(groups)];
}

export function securityProfile(
  profile: { readonly type?: string; readonly localhostProfile?: string } | undefined,
): SecurityProfile | undefined {
  switch (profile?.type) {
    case "RuntimeDefault":
      return { type: "runtime-default" };
    case "Unconfined":
      return { type: "unconfined" };
    case "Localhost":
      return { type: "localhost", localhostRef: profile.localhostProfile ?? "" };
    case undefined:
    default:
      return undefined;
  }
}
