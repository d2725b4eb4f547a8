// A real cluster of the bench's own name, brought up by `bin/timonier` as a person does, with images from the tests' registry.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "../src/client/client.ts";
import { readClusterConfig } from "../src/cluster/cluster-config.ts";
import type { ClusterLayout } from "../src/cluster/layout.ts";
import { adminLeaf, openPki } from "../src/cluster/pki.ts";
import { createDialer } from "../src/host/http/dial.ts";
import { hostKeys } from "../src/host/keys/keys.ts";
import { machineFiles } from "../src/host/machine/machine-files.ts";
import { startRegistry } from "../test/registry/registry.ts";

const launcher = join(import.meta.dirname, "../bin/timonier");
const name = "bench-real";

export interface RealCluster extends AsyncDisposable {
  readonly layout: ClusterLayout;
  readonly client: Client;
  readonly nodeName: string;
  /** From calling `up` to its end, node Ready, everything installed and built before. */
  readonly upMs: number;
  /** Process ids of supervisor, server and agent. */
  pids(): Promise<readonly number[]>;
}

export async function startRealCluster(): Promise<RealCluster> {
  const directory = await mkdtemp(join(tmpdir(), "timonier-bench-"));
  const registry = await startRegistry({ recipes: ["busybox"] });
  const dialer = createDialer();
  const stop = async (): Promise<void> => {
    await dialer[Symbol.asyncDispose]();
    await timonier("delete", "--name", name);
    await registry[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const registries = join(directory, "registries.yaml");
    await writeFile(registries, registry.registriesYaml);
    const startedAt = performance.now();
    await timonier("up", "--name", name, "--registries", registries, "--no-kubeconfig");
    const upMs = performance.now() - startedAt;
    const { config, layout } = (await readClusterConfig(machineFiles, name, ""))!;
    const pki = await openPki(
      { files: machineFiles, keys: hostKeys, now: () => Date.now() },
      `${layout.names.dataDir}/pki`,
      layout.context,
    );
    const admin = await pki.leaf("admin", adminLeaf);
    const target = { scheme: "https", host: config.nodeAddress, port: layout.ports.api } as const;
    const client = createClient(dialer.dial(target, { caPem: pki.caPem }, admin), {});
    return { layout, client, nodeName: config.nodeName, upMs, pids: () => pidsOf(layout), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Everything of ours but containerd, which the bar leaves out: the supervisor and its loops, the server, the agent. */
async function pidsOf(layout: ClusterLayout): Promise<readonly number[]> {
  const read = async (file: string): Promise<number> =>
    Number((await readFile(`${layout.names.runDir}/${file}.pid`, "utf8")).split(" ")[0]);
  const supervisor = await read("supervisor");
  const children = await readFile(`/proc/${supervisor}/task/${supervisor}/children`, "utf8");
  return [supervisor, ...children.trim().split(" ").map(Number), await read("server"), await read("agent")];
}

function timonier(...words: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(launcher, words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`timonier ${words.join(" ")} ended with ${code}: ${said}`))));
  });
}
