// A node's agent as a process: `dist/agent.js --name NAME`. Kubelet, service proxy and DNS over one set of informers.

import { parseArgs } from "node:util";
import { uncounted } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import { type Client, createClient } from "../client/client.ts";
import { InformerSet } from "../client/informer-set.ts";
import { resolverSlice } from "../cluster/bootstrap-objects.ts";
import { type ClusterConfig, readClusterConfig } from "../cluster/cluster-config.ts";
import type { ClusterLayout } from "../cluster/layout.ts";
import { kubeletClientLeaf, nodeClientLeaf, nodeServerLeaf, openPki } from "../cluster/pki.ts";
import { startDnsServer } from "../dns/dns-server.ts";
import { realClock } from "../host/clock.ts";
import { createDialer } from "../host/http/dial.ts";
import { createDnsListener } from "../host/dns/dns-listener.ts";
import { readResolvers } from "../host/dns/upstream.ts";
import { serve } from "../host/http/http-server.ts";
import { hostKeys } from "../host/keys/keys.ts";
import { processLog } from "../host/log.ts";
import { machineFiles } from "../host/machine/machine-files.ts";
import { processMetrics } from "../host/metrics.ts";
import { createNftPacketFilter } from "../host/nft/nft-packet-filter.ts";
import { secureRandom } from "../host/random.ts";
import { hostZlib } from "../host/zlib.ts";
import { endpointSliceKind } from "../kinds/discovery/endpoint-slice.ts";
import type { EndpointSlice } from "../kinds/discovery/types.gen.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { serviceKind } from "../kinds/core/service.ts";
import { createKubelet } from "../kubelet/kubelet.ts";
import { createProxy } from "../proxy/proxy.ts";
import { openNodeMachine } from "./node-machine.ts";
import { runUntilSignal } from "./run-until-signal.ts";

const { values } = parseArgs({
  options: { name: { type: "string", default: "timonier" }, root: { type: "string", default: "" }, verbose: { type: "boolean" } },
});
const log = processLog({ level: values.verbose ? "debug" : "info", fields: { component: "agent" } });
/** How often the API server is asked for, until it answers for the first time. */
const serverRetryMs = 50;
/** Answered once the server is ready and has made the roles of agents. */
const agentQuestions = ["/readyz", "/api/v1/namespaces?limit=1", "/apis/discovery.k8s.io/v1/endpointslices?limit=1"];

async function startAgent(name: string, root: string): Promise<AsyncDisposable> {
  const found = await readClusterConfig(machineFiles, name, root);
  if (!found) throw new Error(`there is no cluster named ${name} on this machine; make one with \`timonier up --name ${name}\``);
  const { config, layout } = found;
  const lifetime = new Lifetime();
  const clock = realClock();
  const random = secureRandom();
  const metrics = processMetrics({ process: true });
  const pki = await openPki({ files: machineFiles, keys: hostKeys, now: () => clock.now() }, `${layout.names.dataDir}/pki`, layout.context);
  const identity = await pki.leaf("node", nodeClientLeaf(config.nodeName));
  const { dial } = lifetime.use(createDialer());
  const exchange = dial({ scheme: "https", host: config.nodeAddress, port: layout.ports.api }, { caPem: pki.caPem }, identity);
  const client = createClient(exchange, { userAgent: "timonier-agent", signal: lifetime.signal });
  const informers = lifetime.use(new InformerSet(client, { clock, random, log, activity: uncounted }));

  const serving = await pki.leaf("node-server", nodeServerLeaf(config.nodeName, [config.nodeAddress]));
  const machine = lifetime.use(await openNodeMachine({ config, layout, clock, random, log }));
  const { resolvConf } = machine;
  const kubelet = lifetime.use(
    createKubelet({
      ...machine.parts,
      client,
      clock,
      random,
      log: log.child({ part: "kubelet" }),
      metrics,
      activity: uncounted,
      nodeName: config.nodeName,
      nodeAddresses: [config.nodeAddress],
      dirs: { root: layout.names.kubeletDir, podLogs: layout.names.podLogsDir, containerLogs: layout.names.containerLogsDir },
      clusterDns: [layout.dnsAddress],
      clusterDomain: layout.clusterDomain,
      port: layout.ports.kubelet,
      cgroupRoot: layout.names.cgroupRoot,
      apiServerClientName: kubeletClientLeaf.commonName,
      zlib: hostZlib,
      services: informers.of(serviceKind),
    }),
  );
  lifetime.use(
    await serve(kubelet.exchange, {
      host: "0.0.0.0",
      port: layout.ports.kubelet,
      tls: { certPem: serving.certificatePem, keyPem: serving.keyPem, clientCaPem: pki.caPem },
      log,
    }),
  );
  if (!machine.isReal) {
    await untilServerAnswers(client, clock, log, lifetime.signal);
    informers.start();
    await kubelet.start();
    log.info("the simulated node is looked after", { node: config.nodeName });
    return lifetime;
  }
  const proxy = lifetime.use(startServiceProxy(informers, layout, config, log));
  const listener = createDnsListener({
    address: config.nodeAddress,
    port: layout.ports.dns,
    upstreams: () => readResolvers(resolvConf, new Set([layout.dnsAddress])),
    log: log.child({ part: "dns" }),
  });
  lifetime.use(await startDnsServer({ informers, clusterDomain: layout.clusterDomain, listener }));
  const nodes = informers.of(nodeKind, "", { fieldSelector: `metadata.name=${config.nodeName}` });
  const followRanges = (node: { readonly spec?: { readonly podCIDRs?: readonly string[] } }): void =>
    machine.usePodRanges(node.spec?.podCIDRs ?? []);
  lifetime.use(nodes.handle({ added: followRanges, updated: followRanges }));
  await untilServerAnswers(client, clock, log, lifetime.signal);
  informers.start();
  await Promise.all([kubelet.start(), proxy.start()]);
  await announceResolver(client, layout, config);
  log.info("the node is looked after", { node: config.nodeName });
  return lifetime;
}

/**
 * Server and agent are started at once: for a moment nobody listens, and in a new cluster an agent has no rights yet. Neither is
 * anything to complain of.
 */
async function untilServerAnswers(client: Client, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      for (const question of agentQuestions) await client.request("GET", question);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TypeError) throw error;
      if (tries === 100) log.warn("the API server does not answer; trying on", { error: String(error) });
    }
    await sleep(clock, serverRetryMs, signal);
  }
}

function startServiceProxy(informers: InformerSet, layout: ClusterLayout, config: ClusterConfig, log: Log): ReturnType<typeof createProxy> {
  return createProxy({
    informers,
    packetFilter: createNftPacketFilter(),
    clock: realClock(),
    activity: uncounted,
    log: log.child({ part: "proxy" }),
    nodeName: config.nodeName,
    ruleset: {
      table: layout.names.nftTable,
      serviceRange: layout.serviceCidr,
      podRange: layout.podCidr,
      podBridge: layout.names.bridge,
    },
  });
}

/** Lists this node's resolver among the endpoints of the cluster's DNS service. */
async function announceResolver(client: Client, layout: ClusterLayout, config: ClusterConfig): Promise<void> {
  const node = await client.of(nodeKind).get(config.nodeName);
  const slice = resolverSlice({
    nodeName: config.nodeName,
    nodeUid: node.metadata!.uid!,
    address: config.nodeAddress,
    port: layout.ports.dns,
  }) as unknown as EndpointSlice;
  await client
    .of(endpointSliceKind, slice.metadata!.namespace!)
    .patch(slice.metadata!.name!, "apply", slice, { fieldManager: "timonier-agent", force: true });
}

await runUntilSignal(log, () => startAgent(values.name, values.root));
