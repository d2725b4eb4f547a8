// Flows that still go to a backend which is gone.

import type { StaleFlow } from "./packet-filter.ts";
import type { Frontend } from "./service-frontends.ts";

/** UDP has no end of a connection: flows to a backend that left must be forgotten by hand. */
export function staleFlows(before: readonly Frontend[], after: readonly Frontend[]): StaleFlow[] {
  const flows = (frontends: readonly Frontend[]): Map<string, StaleFlow> => {
    const found = new Map<string, StaleFlow>();
    for (const { protocol, address, port, backends } of frontends) {
      if (protocol !== "udp") continue;
      for (const backend of backends) {
        found.set(`${address ?? ""} ${port} ${backend.address}`, {
          protocol,
          ...(address !== undefined && { address }),
          port,
          backend: backend.address,
        });
      }
    }
    return found;
  };
  const kept = flows(after);
  return [...flows(before)].filter(([key]) => !kept.has(key)).map(([, flow]) => flow);
}
