// Nodes without machines: each a real kubelet over a simulated runtime, registered with the cluster.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import { noMetrics } from "../base/metrics.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import type { ClusterLayout } from "../cluster/layout.ts";
import { agentsGroup, kubeletClientLeaf } from "../cluster/pki.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { createKubelet, type Kubelet } from "../kubelet/kubelet.ts";
import { formatCidr, nthSubnet, parseCidr } from "../lang/ip.ts";
import type { Exchange, UserInfo } from "../wire/exchange.ts";
import type { Zlib } from "../wire/spdy.ts";
import { createSimulatedNode, type SimulatedNode } from "./simulated-node.ts";
import type { SimulatedRuntimeOptions } from "./simulated-runtime.ts";

export interface SimulatedClusterDeps {
  readonly clientFor: (user: UserInfo) => Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly activity: Activity;
  readonly layout: ClusterLayout;
  readonly zlib: Zlib;
}

export interface SimulatedNodesOptions extends Omit<SimulatedRuntimeOptions, "podCidr"> {
  readonly count: number;
}

export interface SimulatedCluster extends AsyncDisposable {
  readonly nodes: ReadonlyMap<string, SimulatedNode>;
  /** The node's kubelet as the API server calls it; undefined when there is no such node. */
  kubelet(nodeName: string): Exchange | undefined;
}

const nodePrefixLength = 24;

/** Resolves when every node is registered. */
export async function startSimulatedNodes(deps: SimulatedClusterDeps, options: SimulatedNodesOptions): Promise<SimulatedCluster> {
  const lifetime = new Lifetime();
  const nodes = new Map<string, SimulatedNode>();
  const kubelets = new Map<string, Exchange>();
  const range = parseCidr(deps.layout.podCidr)!;
  for (let number = 1; number <= options.count; number++) {
    const name = `node-${number}`;
    const podCidr = formatCidr(nthSubnet(range, nodePrefixLength, BigInt(number - 1))!);
    const node = createSimulatedNode(deps, { ...options, name, podCidr });
    const kubelet = lifetime.use(startKubelet(deps, node, name, `192.0.2.${10 + number}`));
    nodes.set(name, node);
    kubelets.set(name, asApiServer(kubelet.exchange));
    // The range comes with the node, since its runtime has it already.
    await deps
      .clientFor(adminOf(name))
      .of(nodeKind)
      .create({ metadata: { name }, spec: { podCIDR: podCidr, podCIDRs: [podCidr] } });
    await kubelet.start();
  }
  return { nodes, kubelet: (nodeName) => kubelets.get(nodeName), [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose]() };
}

/** Who makes the Node object: whoever installs a machine, not the node itself. */
const adminOf = (node: string): UserInfo => ({ name: `installer-of-${node}`, groups: ["system:masters", "system:authenticated"] });

function startKubelet(deps: SimulatedClusterDeps, node: SimulatedNode, name: string, address: string): Kubelet {
  const user: UserInfo = { name: `system:node:${name}`, groups: ["system:nodes", agentsGroup, "system:authenticated"] };
  return createKubelet({
    ...node,
    client: deps.clientFor(user),
    clock: deps.clock,
    random: deps.random,
    log: deps.log.child({ node: name }),
    metrics: noMetrics,
    activity: deps.activity,
    nodeName: name,
    nodeAddresses: [address],
    dirs: { root: "/var/lib/kubelet", podLogs: "/var/log/pods", containerLogs: "/var/log/containers" },
    clusterDns: [deps.layout.dnsAddress],
    clusterDomain: deps.layout.clusterDomain,
    apiServerClientName: kubeletClientLeaf.commonName,
    zlib: deps.zlib,
  });
}

/** Calls as the API server, whom a kubelet knows by its certificate. */
function asApiServer(exchange: Exchange): Exchange {
  const user: UserInfo = { name: kubeletClientLeaf.commonName, groups: ["system:masters", "system:authenticated"] };
  return (request, signal) => exchange({ ...request, peer: { address: "", user } }, signal);
}
