// Which container of a pod is meant, and what is said when that is not clear.

import type { ApiObject } from "../../object/kind.ts";
import { badRequest } from "../../object/status.ts";

interface Named {
  readonly name: string;
}
export interface ConnectPod extends ApiObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Named[];
    readonly initContainers?: readonly Named[];
    readonly ephemeralContainers?: readonly Named[];
  };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

/** @throws StatusError BadRequest in Kubernetes' words */
export function chooseContainer(pod: ConnectPod, wanted: string): string {
  const name = pod.metadata?.name ?? "";
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  if (wanted !== "") {
    if ([...initContainers, ...containers, ...ephemeralContainers].some((container) => container.name === wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  if (containers.length === 1) return containers[0]!.name;
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${name}`);
  const list = (of: readonly Named[]): string => `[${of.map((container) => container.name).join(" ")}]`;
  const more = initContainers.length > 0 ? ` or one of the init containers: ${list(initContainers)}` : "";
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: ${list(containers)}${more}`);
}
