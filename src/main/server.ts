// The control plane as a process: `dist/server.js --name NAME`. What `up` decided is read from the cluster's data directory.

import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { uncounted } from "../base/activity.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import { readClusterConfig } from "../cluster/cluster-config.ts";
import type { NodeAddress } from "../apiserver/connect/kubelet-address.ts";
import type { KeyPair } from "../cluster/keys.ts";
import type { ClusterLayout } from "../cluster/layout.ts";
import { apiServerLeaf, kubeletClientLeaf, openPki } from "../cluster/pki.ts";
import { realClock } from "../host/clock.ts";
import { createDialer } from "../host/http/dial.ts";
import { serve } from "../host/http/http-server.ts";
import { hostKeys } from "../host/keys/keys.ts";
import { LmdbStore } from "../host/store/lmdb-store.ts";
import { processLog } from "../host/log.ts";
import { machineFiles } from "../host/machine/machine-files.ts";
import { machineFacts } from "../host/machine/machine-facts.ts";
import { processMetrics } from "../host/metrics.ts";
import { secureRandom } from "../host/random.ts";
import { hostTokenKeys } from "../host/keys/token-keys.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { Store } from "../store/store.ts";
import type { Dial, Exchange } from "../wire/exchange.ts";
import { startControlPlane } from "./control-plane.ts";
import { endProcess } from "./end-process.ts";
import { runUntilSignal } from "./run-until-signal.ts";

const { values } = parseArgs({
  options: { name: { type: "string", default: "timonier" }, root: { type: "string", default: "" }, verbose: { type: "boolean" } },
});
const log = processLog({ level: values.verbose ? "debug" : "info", fields: { component: "server" } });
await runUntilSignal(log, () => startServer(values.name, values.root));

async function startServer(name: string, root: string): Promise<AsyncDisposable> {
  const startedAt = performance.now();
  const found = await readClusterConfig(machineFiles, name, root);
  if (!found) throw new Error(`there is no cluster named ${name} on this machine; make one with \`timonier up --name ${name}\``);
  const { config, layout } = found;
  const lifetime = new Lifetime();
  const clock = realClock();
  const metrics = processMetrics({ process: true });
  const { hostname } = machineFacts();
  const addresses = [config.nodeAddress, layout.kubernetesAddress];
  const [pki, store] = await Promise.all([
    openPki({ files: machineFiles, keys: hostKeys, now: () => clock.now() }, `${layout.names.dataDir}/pki`, layout.context),
    openStore(config.store, layout, log),
  ]);
  lifetime.use(store);
  const [serving, kubeletClient] = await Promise.all([
    pki.leaf("apiserver", apiServerLeaf({ addresses, hostname, clusterDomain: layout.clusterDomain })),
    pki.leaf("kubelet-client", kubeletClientLeaf),
  ]);
  const { dial } = lifetime.use(createDialer());
  const plane = lifetime.use(
    await startControlPlane({
      layout,
      store,
      clock,
      random: secureRandom(),
      log,
      metrics,
      activity: uncounted,
      tokenKeys: hostTokenKeys(pki.tokenKeyPems),
      caPem: pki.caPem,
      address: config.nodeAddress,
      port: layout.ports.api,
      dialKubelet: kubeletDialer(dial, pki.caPem, kubeletClient),
      dialCluster: (target) => dial(target, { insecure: true }, {}),
      renderMetrics: () => metrics.text(),
      yieldNow: () => setImmediate(),
    }),
  );
  lifetime.use(
    await serve(plane.exchange, {
      host: "0.0.0.0",
      port: layout.ports.api,
      tls: { certPem: serving.certificatePem, keyPem: serving.keyPem, clientCaPem: pki.caPem },
      log,
    }),
  );
  log.info("the API server answers", { port: layout.ports.api, tookMs: Math.round(performance.now() - startedAt) });
  await plane.startComponents();
  return lifetime;
}

/** One Exchange, and so one set of connections, for each kubelet. */
function kubeletDialer(dial: Dial, caPem: string, identity: KeyPair): (node: NodeAddress) => Exchange | undefined {
  const open = new Map<string, Exchange>();
  return ({ name, addresses, port }) => {
    const address = addresses[0];
    if (address === undefined) return undefined;
    const key = `${name} ${address} ${port}`;
    let exchange = open.get(key);
    if (!exchange) open.set(key, (exchange = dial({ scheme: "https", host: name, address, port }, { caPem }, identity)));
    return exchange;
  };
}

/** @throws Error for a kind of store that is not there */
async function openStore(kind: string, layout: ClusterLayout, log: Log): Promise<Store> {
  const clock = realClock();
  if (kind === "memory") return new MemoryStore({ clock });
  if (kind !== "lmdb") throw new Error(`unknown store "${kind}": use lmdb or memory`);
  return await LmdbStore.open({
    directory: `${layout.names.dataDir}/store`,
    clusterId: layout.context,
    clock,
    log,
    fatal: (error) => {
      log.error("the disk failed; restarting to read it anew", { error: error.message });
      endProcess();
    },
  });
}
