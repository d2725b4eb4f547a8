// Ports of a pod: which of its own a service's target means, and which of the node's it takes.

import { isPodTerminal, isRestartableInitContainer } from "./pod-readiness.ts";
import type { Container, ContainerPort, Pod, PodSpec, ServicePort } from "./types.gen.ts";

type Protocol = NonNullable<ContainerPort["protocol"]>;

/** A port that a pod takes on its node. */
export interface HostPort {
  /** "0.0.0.0" for all addresses. */
  readonly hostIP: string;
  readonly protocol: Protocol;
  readonly port: number;
}

const everyAddress = "0.0.0.0";

/** Containers that stay: all but the init containers that run once. */
const lasting = (spec: PodSpec | undefined): readonly Container[] => [
  ...(spec?.containers ?? []),
  ...(spec?.initContainers ?? []).filter(isRestartableInitContainer),
];

/** The port number that a service's port leads to in this pod; undefined when the pod has no port of that name and protocol. */
export function targetPortOf(pod: Pod, servicePort: ServicePort): number | undefined {
  const target = servicePort.targetPort ?? servicePort.port;
  if (typeof target === "number") return target === 0 ? servicePort.port : target;
  const protocol = servicePort.protocol ?? "TCP";
  for (const container of lasting(pod.spec))
    for (const port of container.ports ?? []) if (port.name === target && (port.protocol ?? "TCP") === protocol) return port.containerPort;
  return undefined;
}

/** Ports of the node that the pod takes while it lives. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  if (isPodTerminal(pod)) return [];
  return lasting(pod.spec).flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map((port) => ({ hostIP: port.hostIP || everyAddress, protocol: port.protocol ?? "TCP", port: port.hostPort! })),
  );
}

const isEvery = (address: string): boolean => address === everyAddress || address === "::";

/** Two takers of a port get into each other's way when either takes it on all addresses, or both on the same one. */
export const hostPortsConflict = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.hostIP === b.hostIP || isEvery(a.hostIP) || isEvery(b.hostIP));
