// How a service shows in a table.

import { none, unknown } from "../columns.ts";
import type { Service, ServicePort } from "./types.gen.ts";

const pending = "<pending>";

/** External addresses, the load balancer's addresses or names, or the name that an ExternalName service stands for. */
export function externalAddressText(service: Service): string {
  const external = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case "ClusterIP":
    case "NodePort":
      return external.join(",") || none;
    case "LoadBalancer": {
      const ingress = (service.status?.loadBalancer?.ingress ?? []).map((one) => one.ip || one.hostname || "").filter((one) => one !== "");
      return [...new Set(ingress), ...external].join(",") || pending;
    }
    case "ExternalName":
      return service.spec.externalName ?? "";
    case undefined:
      return unknown;
  }
}

/** "80/TCP,443:30443/TCP" */
export const servicePortsText = (ports: readonly ServicePort[]): string =>
  ports
    .map(({ port, nodePort, protocol }) => ((nodePort ?? 0) > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`))
    .join(",") || none;
