// A node's lower half on the real machine, below a temporary directory: a containerd of its own, its pod network, the tests'
// registry. What it made is gone after its disposal; leftovers() tells whether that is true.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import { nodeNames } from "../../src/cluster/node-preparation/node-names.ts";
import type { NodeNames } from "../../src/cluster/node-preparation/node-names.ts";
import { readRegistries } from "../../src/cluster/node-preparation/registries.ts";
import { realClock } from "../../src/host/clock.ts";
import { CriRuntime } from "../../src/host/cri/cri-runtime.ts";
import { detectCapabilities } from "../../src/host/node/capabilities.ts";
import { openCgroups } from "../../src/host/node/cgroups.ts";
import { createHostInfo } from "../../src/host/node/host-info.ts";
import { readMounts } from "../../src/host/node/mount-table.ts";
import type { ProcessSpec } from "../../src/host/node/prepare-node.ts";
import { finishNode, prepareNode, waitForRuntime } from "../../src/host/node/prepare-node.ts";
import { removeAllPods } from "../../src/host/node/remove-node.ts";
import { undoOnHost } from "../../src/host/machine/undo.ts";
import { type LedgerEntry, undoOrder } from "../../src/cluster/ledger.ts";
import type { Cgroups } from "../../src/kubelet/cgroups.ts";
import { parseYaml } from "../../src/wire/yaml.ts";
import type { TestRegistry } from "../registry/registry.ts";
import { startRegistry } from "../registry/registry.ts";

export class RealNode implements AsyncDisposable {
  readonly root: string;
  readonly names: NodeNames;
  readonly cgroups: Cgroups;
  readonly runtime: CriRuntime;
  readonly registry: TestRegistry;
  readonly #spec: ProcessSpec;
  readonly #ledger: readonly LedgerEntry[];
  #process: ChildProcess | undefined;
  #ended: Promise<void> | undefined;

  private constructor(
    root: string,
    names: NodeNames,
    cgroups: Cgroups,
    runtime: CriRuntime,
    registry: TestRegistry,
    spec: ProcessSpec,
    ledger: readonly LedgerEntry[],
  ) {
    this.#ledger = ledger;
    this.root = root;
    this.names = names;
    this.cgroups = cgroups;
    this.runtime = runtime;
    this.registry = registry;
    this.#spec = spec;
  }

  /** `registriesYaml`: instead of the plain mirrors of the tests' registry. */
  static async start(recipes: readonly string[], registriesYaml?: (registry: TestRegistry) => string): Promise<RealNode> {
    const root = await mkdtemp(join(tmpdir(), "timonier-e2e-"));
    const registry = await startRegistry({ recipes });
    try {
      return await RealNode.#prepare(root, registry, registriesYaml?.(registry) ?? registry.registriesYaml);
    } catch (error) {
      await registry[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #prepare(root: string, registry: TestRegistry, registriesYaml: string): Promise<RealNode> {
    const names = nodeNames({ cluster: `e2e-${randomInt(36 ** 4).toString(36)}`, root });
    const capabilities = await detectCapabilities(names.dataDir);
    const ledger: LedgerEntry[] = [];
    const { containerd } = await prepareNode({
      names,
      capabilities,
      podCidrs: [`10.${randomInt(100, 200)}.${randomInt(256)}.0/24`],
      registries: readRegistries(parseYaml(registriesYaml).value),
      defaultEndpoint: false,
      setSysctls: true,
      record: (entry) => void ledger.push(entry),
    });
    const runtime = new CriRuntime({ endpoint: names.containerdSocket, clock: realClock(), log: silentLog });
    const node = new RealNode(root, names, await openCgroups(), runtime, registry, containerd, ledger);
    node.startContainerd();
    try {
      await waitForRuntime(runtime, 20_000);
      await finishNode(runtime, { names, capabilities, architecture: (await createHostInfo().facts()).architecture });
      return node;
    } catch (error) {
      await node.endContainerd("SIGKILL");
      throw new Error(`the node does not start: ${await node.containerdLog()}`, { cause: error });
    }
  }

  startContainerd(): void {
    const log = openSync(join(this.root, "containerd.log"), "a");
    this.#process = spawn(this.#spec.command, this.#spec.args, { detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
  }

  get containerdPid(): number {
    return this.#process!.pid!;
  }

  async endContainerd(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.#process!, "exit");
    this.#process!.kill(signal);
    await ended;
  }

  containerdLog(): Promise<string> {
    return readFile(join(this.root, "containerd.log"), "utf8");
  }

  /** Mounts, interfaces, control groups and processes that still carry this node's names. */
  async leftovers(): Promise<readonly string[]> {
    const mounts = (await readMounts()).map((entry) => entry.mountPoint).filter((point) => point.startsWith(`${this.root}/`));
    const links = (await readdir("/sys/class/net")).filter((name) => name === this.names.bridge);
    const groups = await this.cgroups.list("/");
    const own = groups.filter((name) => this.names.cgroupRoot.startsWith(`/${name}/`));
    const processes: string[] = [];
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (line.includes(this.names.containerdSocket)) processes.push(`${pid} ${line.replaceAll("\0", " ")}`);
    }
    return [...mounts, ...links, ...own, ...processes];
  }

  /** May be called again. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#ended ??= this.#end());
  }

  async #end(): Promise<void> {
    await removeAllPods(this.runtime);
    this.runtime[Symbol.dispose]();
    await this.endContainerd("SIGTERM");
    // Other clusters of this machine may live on its kernel settings.
    for (const entry of undoOrder(this.#ledger)) if (entry.type !== "sysctl") await undoOnHost(entry);
    await this.registry[Symbol.asyncDispose]();
  }

  /** After the disposal: the node's files. */
  async removeFiles(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
