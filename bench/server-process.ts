// The control plane as a process of its own, over an empty LMDB below a temporary directory.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClusterConfig, writeClusterConfig } from "../src/cluster/cluster-config.ts";
import { clusterLayout, type ClusterLayout } from "../src/cluster/layout.ts";
import { adminLeaf, apiServerLeaf, kubeletClientLeaf, openPki } from "../src/cluster/pki.ts";
import { createDialer, type Dialer } from "../src/host/http/dial.ts";
import { hostKeys } from "../src/host/keys/keys.ts";
import { machineFacts } from "../src/host/machine/machine-facts.ts";
import { machineFiles } from "../src/host/machine/machine-files.ts";
import { serverNodeFlags } from "../src/main/server-flags.ts";
import type { Exchange } from "../src/wire/exchange.ts";

const root = join(import.meta.dirname, "..");
/** A slot of its own: tests and clusters use names, which start elsewhere. */
const slot = 63;
const name = "bench";

export interface ServerProcess extends AsyncDisposable {
  readonly layout: ClusterLayout;
  readonly pid: number;
  /** From spawning the process to /readyz answering 200. */
  readonly readyMs: number;
  /** As the administrator, over TLS. */
  readonly exchange: Exchange;
  readonly caPem: string;
}

/** Certificates exist already, as they do after `up`; what is measured is the server. */
export async function startServerProcess(): Promise<ServerProcess> {
  const directory = await mkdtemp(join(tmpdir(), "timonier-bench-"));
  const layout = clusterLayout(name, slot, directory);
  const config: ClusterConfig = { name, slot, nodeName: "bench", nodeAddress: "192.0.2.1", runtime: "simulated", store: "lmdb" };
  await machineFiles.makeDirectory(layout.names.dataDir);
  await writeClusterConfig(machineFiles, layout, config);
  const pki = await openPki({ files: machineFiles, keys: hostKeys, now: () => Date.now() }, `${layout.names.dataDir}/pki`, layout.context);
  const addresses = [config.nodeAddress, layout.kubernetesAddress];
  await pki.leaf("apiserver", apiServerLeaf({ addresses, hostname: machineFacts().hostname, clusterDomain: layout.clusterDomain }));
  await pki.leaf("kubelet-client", kubeletClientLeaf);
  const admin = await pki.leaf("admin", adminLeaf);

  const startedAt = performance.now();
  const child = spawn(process.execPath, [...serverNodeFlags, join(root, "dist/server.js"), "--name", name, "--root", directory], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)));
  const dialer = createDialer();
  const stop = (): Promise<void> => stopAll(child, dialer, directory);
  try {
    const exchange = dialer.dial({ scheme: "https", host: "127.0.0.1", port: layout.ports.api }, { caPem: pki.caPem }, admin);
    await untilReady(exchange, layout.ports.api, child, () => said);
    return { layout, pid: child.pid!, readyMs: performance.now() - startedAt, exchange, caPem: pki.caPem, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A refused connection is tried again at once, without the dialer's back-off, which would be measured along. */
async function untilReady(exchange: Exchange, port: number, child: ChildProcess, said: () => string): Promise<void> {
  const { signal } = new AbortController();
  for (const deadline = performance.now() + 20_000; ;) {
    if (await listens(port)) {
      const { status } = await exchange({ method: "GET", target: "/readyz", headers: {}, peer: { address: "" } }, signal);
      if (status === 200) return;
    }
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`the server did not become ready: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (does: boolean): void => {
      socket.destroy();
      resolve(does);
    };
    socket.on("connect", () => answer(true)).on("error", () => answer(false));
  });
}

async function stopAll(child: ChildProcess, dialer: Dialer, directory: string): Promise<void> {
  await dialer[Symbol.asyncDispose]();
  if (child.exitCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
  await rm(directory, { recursive: true, force: true });
}
