// Ports of containers: names and numbers, and ports of the node that two containers want.

import { checkPortName, checkPortNumber } from "../../lang/names.ts";
import { duplicate, invalidValue, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, invalidEach, protocols, validateOneOf } from "../checks.ts";
import type { Container, ContainerPort, PodSpec } from "./types.gen.ts";

export function validateContainerPorts(path: string, ports: readonly ContainerPort[]): FieldError[] {
  const names = new Seen();
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, position) => {
    const at = `${path}[${position}]`;
    const errors: FieldError[] = [];
    if (name) {
      const messages = checkPortName(name);
      if (messages.length > 0) errors.push(...invalidEach(`${at}.name`, name, messages));
      else if (names.again(name)) errors.push(duplicate(`${at}.name`, name));
    }
    if (!containerPort) errors.push(required(`${at}.containerPort`));
    else errors.push(...invalidEach(`${at}.containerPort`, containerPort, checkPortNumber(containerPort)));
    if (hostPort) errors.push(...invalidEach(`${at}.hostPort`, hostPort, checkPortNumber(hostPort)));
    return [...errors, ...validateOneOf(`${at}.protocol`, protocol, protocols)];
  });
}

/** Containers that run together cannot have the same port of the node. `path` is the list of the containers. */
export function validateHostPortConflicts(path: string, containers: readonly Container[]): FieldError[] {
  const taken = new Seen();
  return containers.flatMap((container, position) =>
    (container.ports ?? []).flatMap(({ hostPort, hostIP = "", protocol = "" }, at) => {
      if (!hostPort) return [];
      const wanted = `${protocol}/${hostIP}/${hostPort}`;
      return taken.again(wanted) ? [duplicate(`${path}[${position}].ports[${at}].hostPort`, wanted)] : [];
    }),
  );
}

/**
 * On the node's network a container's port is the node's. A pod says so in full; a template may leave it out, since it is
 * filled in when the pod is made.
 */
export function validateHostNetworkPorts(path: string, spec: PodSpec, isPod: boolean): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  return (spec.containers ?? []).flatMap((container, position) =>
    (container.ports ?? []).flatMap(({ hostPort = 0, containerPort }, at) => {
      if (hostPort === containerPort || (hostPort === 0 && !isPod)) return [];
      const detail = "must match `containerPort` when `hostNetwork` is true";
      return [invalidValue(`${path}.containers[${position}].ports[${at}].hostPort`, hostPort, detail)];
    }),
  );
}
