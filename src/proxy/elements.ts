// One service's frontends as elements of nftables sets and maps. A service owns its elements; changing it means taking away
// the old ones that are not among the new and adding the new ones that are not among the old.

import type { Frontend } from "./service-frontends.ts";

/** Elements by set or map; the value is what stands behind the key in a map, "" in a set. */
export type Elements = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Names of the standing sets and maps; affinity sets exist once per distinct timeout. */
export const affinitySet = (seconds: number): string => `affinity_${seconds}`;
export const nodePortAffinitySet = (seconds: number): string => `nodeport_affinity_${seconds}`;

/** Random numbers are drawn below this; each of N backends owns one Nth of them. */
export const randomRange = 65_536;

export function elementsOf(frontends: readonly Frontend[]): Elements {
  const elements = new Map<string, Map<string, string>>();
  const put = (set: string, key: string, value = ""): void => {
    let of = elements.get(set);
    if (!of) elements.set(set, (of = new Map()));
    of.set(key, value);
  };
  const spread = (map: string, key: string, backends: Frontend["backends"]): void =>
    backends.forEach((backend, position) => {
      const from = Math.floor((position * randomRange) / backends.length);
      const to = Math.floor(((position + 1) * randomRange) / backends.length) - 1;
      put(map, `${key} . ${from}-${to}`, `${backend.address} . ${backend.port}`);
    });
  for (const frontend of frontends) {
    const port = `${frontend.protocol} . ${frontend.port}`;
    const isNodePort = frontend.type === "nodePort";
    const key = isNodePort ? port : `${frontend.address} . ${port}`;
    spread(isNodePort ? "node_ports" : "services", key, frontend.backends);
    if (frontend.insideBackends) spread(isNodePort ? "inside_node_ports" : "inside_services", key, frontend.insideBackends);
    if (frontend.backends.length === 0) {
      const refuse = frontend.withoutBackends === "drop" ? "dropped" : "rejected";
      if (isNodePort) put(`${refuse}_node_ports`, key);
      else if (frontend.withoutBackends === "drop" || frontend.type === "external") put(`${refuse}_services`, key);
    }
    if (frontend.masquerade) put(isNodePort ? "masqueraded_node_ports" : "masqueraded_services", key);
    if (frontend.affinitySeconds !== undefined) {
      put(isNodePort ? nodePortAffinitySet(frontend.affinitySeconds) : affinitySet(frontend.affinitySeconds), key);
    }
    for (const backend of [...frontend.backends, ...(frontend.insideBackends ?? [])]) {
      put("hairpins", `${backend.address} . ${backend.address}`);
    }
  }
  return elements;
}

/** The distinct affinity timeouts, in seconds and ascending. */
export function affinityTimeouts(frontends: Iterable<Frontend>): number[] {
  const seconds = new Set<number>();
  for (const frontend of frontends) if (frontend.affinitySeconds !== undefined) seconds.add(frontend.affinitySeconds);
  return [...seconds].toSorted((a, b) => a - b);
}
