// The pod network of one node as a CNI configuration list: a bridge, addresses from the node's ranges, host ports.

import type { NodeNames } from "./node-names.ts";

export interface CniOptions {
  readonly names: NodeNames;
  /** The node's pod ranges, one per family: ["10.244.0.0/24"]. */
  readonly podCidrs: readonly string[];
  /** Bytes; absent: the kernel's choice. */
  readonly mtu?: number;
  /** Host ports by the portmap plugin, which needs iptables on the host. */
  readonly hostPorts: boolean;
  /** Traffic shaping by annotation, where the plugin is installed. */
  readonly bandwidth: boolean;
}

/** Its place in the CNI configuration directory. The runtime takes the first file by name. */
export const cniConfFile = "10-timonier.conflist";

/** The text of the configuration list (CNI specification 0.4.0, which every plugin since 2019 reads). */
export function renderCniConflist(options: CniOptions): string {
  const { names, podCidrs } = options;
  const everywhere = podCidrs.map((cidr) => ({ dst: cidr.includes(":") ? "::/0" : "0.0.0.0/0" }));
  const plugins: object[] = [
    {
      type: "bridge",
      bridge: names.bridge,
      isGateway: true,
      // A pod reaches itself through its own service: the frame goes back out of the port that it came in by.
      hairpinMode: true,
      // What leaves the cluster is masqueraded by the service proxy's own rules.
      ipMasq: false,
      ...(options.mtu === undefined ? {} : { mtu: options.mtu }),
      ipam: { type: "host-local", dataDir: names.cniDataDir, ranges: podCidrs.map((subnet) => [{ subnet }]), routes: everywhere },
    },
  ];
  if (options.hostPorts) plugins.push({ type: "portmap", capabilities: { portMappings: true } });
  if (options.bandwidth) plugins.push({ type: "bandwidth", capabilities: { bandwidth: true } });
  return `${JSON.stringify({ cniVersion: "0.4.0", name: names.networkName, plugins }, undefined, 2)}\n`;
}

/** The pod ranges of a configuration list that renderCniConflist wrote; undefined for any other text. */
export function readPodRanges(conflist: string): readonly string[] | undefined {
  let list: { plugins?: { ipam?: { ranges?: { subnet?: unknown }[][] } }[] };
  try {
    list = JSON.parse(conflist) as typeof list;
  } catch {
    return undefined; // damaged: written anew
  }
  const subnets = (list.plugins?.[0]?.ipam?.ranges ?? []).flatMap((range) => range.map(({ subnet }) => subnet));
  return subnets.length > 0 && subnets.every((subnet) => typeof subnet === "string") ? subnets : undefined;
}
