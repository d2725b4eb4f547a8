// Variables that tell a container of the Services that were there when it started: NAME_SERVICE_HOST and the older
// NAME_PORT_80_TCP_ADDR family (API document "Service", discovering services).

import type { Service } from "../../kinds/core/types.gen.ts";

const variableName = (name: string): string => name.toUpperCase().replaceAll("-", "_");

/**
 * Those of the pod's own namespace when `links`; of the `kubernetes` Service in `default` always. A Service of the pod's
 * own namespace wins over one of the same name.
 */
export function serviceVariables(services: readonly Service[], namespace: string, links: boolean): ReadonlyMap<string, string> {
  const chosen = new Map<string, Service>();
  const usable = services.filter((service) => service.spec?.clusterIP && service.spec.clusterIP !== "None");
  for (const service of usable) {
    const { name, namespace: its } = service.metadata!;
    if (its === "default" && name === "kubernetes") chosen.set(name, service);
  }
  if (links) for (const service of usable) if (service.metadata!.namespace === namespace) chosen.set(service.metadata!.name!, service);
  const variables = new Map<string, string>();
  for (const name of [...chosen.keys()].toSorted()) addVariables(variables, name, chosen.get(name)!);
  return variables;
}

function addVariables(variables: Map<string, string>, name: string, service: Service): void {
  const prefix = variableName(name);
  const address = service.spec!.clusterIP!;
  const host = address.includes(":") ? `[${address}]` : address;
  const ports = service.spec!.ports ?? [];
  const first = ports[0];
  variables.set(`${prefix}_SERVICE_HOST`, address);
  if (!first) return;
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const port of ports) if (port.name) variables.set(`${prefix}_SERVICE_PORT_${variableName(port.name)}`, String(port.port));
  for (const [index, port] of ports.entries()) {
    const protocol = port.protocol ?? "TCP";
    const url = `${protocol.toLowerCase()}://${host}:${port.port}`;
    const portPrefix = `${prefix}_PORT_${port.port}_${protocol}`;
    if (index === 0) variables.set(`${prefix}_PORT`, url);
    variables.set(portPrefix, url);
    variables.set(`${portPrefix}_PROTO`, protocol.toLowerCase());
    variables.set(`${portPrefix}_PORT`, String(port.port));
    variables.set(`${portPrefix}_ADDR`, address);
  }
}
