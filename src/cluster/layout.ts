// Every name, directory, port and address range of a cluster, from its name. Several clusters live on one machine because
// nothing here is shared: the default cluster has the addresses that the Kubernetes world expects, each other one a slot.

import { formatCidr, nthSubnet, parseCidr } from "../lang/ip.ts";
import { defaultClusterName, type NodeNames, nodeNames } from "./node-preparation/node-names.ts";

/** Every name, path, port and range that a cluster uses on its machine. */
export interface ClusterLayout {
  readonly name: string;
  /** Kubeconfig context, cluster and user. */
  readonly context: string;
  /** 0 for the default cluster, 1 to 63 for the others. */
  readonly slot: number;
  /** Directories, sockets and kernel names of the cluster's first node, which the control plane shares. */
  readonly names: NodeNames;
  readonly ports: {
    readonly api: number;
    readonly kubelet: number;
    readonly dns: number;
  };
  readonly serviceCidr: string;
  readonly podCidr: string;
  readonly nodePortRange: { readonly from: number; readonly to: number };
  /** First address of the service range: the `kubernetes` Service. */
  readonly kubernetesAddress: string;
  /** Tenth address of the service range: the `kube-dns` Service. */
  readonly dnsAddress: string;
  readonly clusterDomain: string;
}

export const slots = 64;

/** What is wrong with a cluster's name; undefined when it is good. */
export function clusterNameProblem(name: string): string | undefined {
  if (/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(name)) return undefined;
  return `"${name}" is no cluster name: use at most 32 lower-case letters, digits and dashes, beginning and ending with a letter or digit`;
}

/** The slot at which the search for a free one begins, so that a cluster tends to get the same one again. */
export function preferredSlot(name: string): number {
  if (name === defaultClusterName) return 0;
  let hash = 2_166_136_261;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
  return 1 + (hash % (slots - 1));
}

/**
 * @param slot 0 exactly for the default name
 * @param root every directory lies below it; "" on a machine, a home directory where nobody is root
 */
export function clusterLayout(name: string, slot: number, root = ""): ClusterLayout {
  const isDefault = slot === 0;
  const basePort = 21_000 + slot * 10;
  const serviceNet = isDefault ? "10.96" : `10.${96 + slot}`;
  return {
    name,
    context: isDefault ? "timonier" : `timonier-${name}`,
    slot,
    names: nodeNames({ cluster: name, root }),
    ports: isDefault ? { api: 6443, kubelet: 10_250, dns: 10_053 } : { api: basePort, kubelet: basePort + 1, dns: basePort + 2 },
    serviceCidr: `${serviceNet}.0.0/16`,
    podCidr: isDefault ? "10.244.0.0/16" : `10.${160 + slot}.0.0/16`,
    nodePortRange: isDefault ? { from: 30_000, to: 32_767 } : { from: 11_000 + slot * 150, to: 11_000 + slot * 150 + 149 },
    kubernetesAddress: `${serviceNet}.0.1`,
    dnsAddress: `${serviceNet}.0.10`,
    clusterDomain: "cluster.local",
  };
}

/** Each node gets a part of this size of the pods' range. */
export const nodePodPrefixLength = 24;

/** What the first node of a new cluster will be given: parts are handed out from the lowest on. */
export const firstNodePodCidr = (layout: ClusterLayout): string =>
  formatCidr(nthSubnet(parseCidr(layout.podCidr)!, nodePodPrefixLength, 0));
