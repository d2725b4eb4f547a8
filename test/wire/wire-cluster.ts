// A cluster as people's tools meet it: TLS, LMDB on disk, real time, the real controllers and scheduler, simulated nodes.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uncounted } from "../../src/base/activity.ts";
import { Lifetime } from "../../src/base/lifetime.ts";
import type { Log } from "../../src/base/log.ts";
import { silentLog } from "../../src/base/log.ts";
import { noMetrics } from "../../src/base/metrics.ts";
import { encodeBase64Text } from "../../src/base/base64.ts";
import { formatKubeconfig, mergeEntry, parseKubeconfig } from "../../src/client/kubeconfig.ts";
import { clusterLayout } from "../../src/cluster/layout.ts";
import { realClock } from "../../src/host/clock.ts";
import { hostKeys } from "../../src/host/keys/keys.ts";
import { LmdbStore } from "../../src/host/store/lmdb-store.ts";
import { secureRandom } from "../../src/host/random.ts";
import { hostTokenKeys } from "../../src/host/keys/token-keys.ts";
import { hostZlib } from "../../src/host/zlib.ts";
import { startControlPlane } from "../../src/main/control-plane.ts";
import { SimulatedCluster } from "../../src/sim/simulated-cluster.ts";
import { openTlsDoor, type TlsDoor } from "./tls-door.ts";

export interface WireCluster extends AsyncDisposable {
  readonly door: TlsDoor;
  readonly directory: string;
  /** Path of a kubeconfig that leads here as the administrator. */
  readonly kubeconfig: string;
  /** What the server logged at level error. */
  readonly errors: readonly string[];
}

export async function startWireCluster(nodes: number): Promise<WireCluster> {
  const lifetime = new Lifetime();
  const directory = await mkdtemp(join(tmpdir(), "timonier-wire-"));
  lifetime.defer(() => rm(directory, { recursive: true, force: true }));
  const errors: string[] = [];
  const log: Log = {
    ...silentLog,
    error: (message, fields) => void errors.push(`${message} ${JSON.stringify(fields)}`),
    child: () => log,
  };
  const clock = realClock();
  const layout = clusterLayout("wire", 0);
  const random = secureRandom();
  const fatal = (error: Error): never => {
    throw error;
  };
  const store = lifetime.use(await LmdbStore.open({ directory: join(directory, "store"), clusterId: layout.context, clock, log, fatal }));
  const machines: { current: SimulatedCluster | undefined } = { current: undefined };
  const plane = lifetime.use(
    await startControlPlane({
      layout,
      store,
      clock,
      random,
      log,
      metrics: noMetrics,
      activity: uncounted,
      tokenKeys: hostTokenKeys([await hostKeys.createTokenKey()]),
      caPem: "",
      // Where clients outside would come: Endpoints may hold no loopback address.
      address: "192.0.2.1",
      port: 6443,
      dialKubelet: (node) => machines.current?.kubelet(node.name),
      yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
    }),
  );
  const door = lifetime.use(await openTlsDoor(plane.exchange));
  await plane.startComponents();
  const simulated = lifetime.use(
    new SimulatedCluster(
      { clientFor: (user) => plane.clientFor(user), clock, random, log, activity: uncounted, layout, zlib: hostZlib },
      {},
    ),
  );
  machines.current = simulated;
  for (let number = 0; number < nodes; number++) await simulated.add();
  const kubeconfig = join(directory, "kubeconfig");
  const entry = {
    name: "wire",
    cluster: { server: `https://127.0.0.1:${door.port}`, "certificate-authority-data": encodeBase64Text(door.caPem) },
    user: {
      "client-certificate-data": encodeBase64Text(door.admin.certificatePem),
      "client-key-data": encodeBase64Text(door.admin.keyPem),
    },
  };
  await writeFile(kubeconfig, formatKubeconfig(mergeEntry(parseKubeconfig(""), entry, "always")));
  return { door, directory, kubeconfig, errors, [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose]() };
}
