// From nothing, or from whatever is left of a cluster, to one that runs: each step looks at what is there and does the rest, so
// running it again mends what is broken and leaves the rest alone.

import type { Clock } from "../base/clock.ts";
import { claimSlot, type ClusterConfig, readClusterConfig, releaseSlot, writeClusterConfig } from "./cluster-config.ts";
import { clusterLayout, type ClusterLayout } from "./layout.ts";
import type { Keys } from "./keys.ts";
import { LedgerBook, type LedgerFile } from "./ledger-book.ts";
import type { MachineFacts, MachineFiles, NodePreparer, Supervision } from "./machine.ts";
import { adminLeaf, apiServerLeaf, kubeletClientLeaf, nodeClientLeaf, nodeServerLeaf, openPki, type Pki } from "./pki.ts";

export interface Machine {
  readonly files: MachineFiles & LedgerFile;
  readonly facts: MachineFacts;
  readonly keys: Keys;
  readonly supervision: Supervision;
  readonly preparer: NodePreparer;
  readonly clock: Clock;
  /** Command lines of the components. */
  readonly programs: { readonly server: readonly string[]; readonly agent: readonly string[] };
  /** Waits until no other command changes this machine's clusters, and keeps others out until it is disposed of. */
  readonly lock: (onWait: () => void) => Promise<AsyncDisposable>;
  /** Somebody listens on this TCP port at one of these addresses. */
  readonly isPortInUse: (port: number, addresses: readonly string[]) => Promise<boolean>;
  /** Directories lie below it; "" for root. */
  readonly root: string;
}

export interface BringUpOptions {
  readonly name: string;
  readonly runtime: string;
  readonly store: string;
  readonly registriesYaml?: string;
  readonly nodeName?: string;
  readonly nodeAddress?: string;
  /** Path of a resolv.conf with the host's resolvers. */
  readonly resolvConf?: string;
  /** False where a unit of systemd starts the supervisor itself. */
  readonly startSupervisor: boolean;
}

/** Tells what a step is at. A passing detail is worth a look, not a line that stays. */
export type Detail = (text: string, options?: { readonly passing?: boolean }) => void;

/** Tells of steps; `cli/progress.ts` shows them. */
export interface Steps {
  /**
   * Runs one step under a title. `detail` shows what it is at, a passing one on terminals only; the returned text, if any, stands
   * beside the finished title.
   */
  step<T>(title: string, work: (detail: Detail) => Promise<T>, outcome?: (result: T) => string | undefined): Promise<T>;
}

export interface BroughtUp {
  readonly layout: ClusterLayout;
  readonly config: ClusterConfig;
  readonly pki: Pki;
  /** The components ran already when we came. */
  readonly wasRunning: boolean;
}

const runtimeStartMs = 20_000;
const restartGraceMs = 10_000;

/** Everything but the waiting for readiness. @throws Error with what to do next */
export async function bringUp(machine: Machine, options: BringUpOptions, steps: Steps): Promise<BroughtUp> {
  const { files, preparer, supervision } = machine;
  const known = await readClusterConfig(files, options.name, machine.root);
  const config = known === undefined ? await newConfig(machine, options) : changedConfig(known.config, machine, options);
  const configChanged = known !== undefined && JSON.stringify(config) !== JSON.stringify(known.config);
  const layout = known?.layout ?? clusterLayout(options.name, config.slot, machine.root);
  const realContainers = config.runtime !== "simulated";
  const wasRunning = known !== undefined && (await allRun(supervision, layout));

  try {
    await refuseTakenPorts(machine, layout, config);
  } catch (error) {
    if (known === undefined) await releaseSlot(files, config.slot, machine.root);
    throw error;
  }
  if (realContainers) await installPackages(preparer, steps);
  const ledger = await LedgerBook.open(files, `${layout.names.dataDir}/ledger`);
  const { pki, containerd } = await steps.step("preparing", async () => {
    // The run directory comes first in the ledger, so that the data directory, which holds the ledger, is undone last.
    for (const path of [layout.names.dataDir, layout.names.runDir]) {
      await ledger.record({ type: "directory", path });
      await files.makeDirectory(path, 0o700);
    }
    await writeClusterConfig(files, layout, config);
    const [opened, command] = await Promise.all([
      prepareCertificates(machine, layout, config),
      realContainers
        ? preparer.prepare(
            layout,
            {
              nodeAddress: config.nodeAddress,
              ...(config.registriesYaml !== undefined && { registriesYaml: config.registriesYaml }),
              ...(config.runtime !== "containerd" && { runtimeEndpoint: config.runtime }),
            },
            (entry) => ledger.record(entry),
          )
        : undefined,
    ]);
    if (realContainers) await ledger.record({ type: "nft-table", family: "ip", name: layout.names.nftTable });
    return { pki: opened, containerd: command };
  });

  await steps.step("starting", async (detail) => {
    const services = [
      ...(containerd === undefined ? [] : [{ name: "containerd", command: shellCommand([containerd.command, ...containerd.args]) }]),
      { name: "server", command: shellCommand([...machine.programs.server, ...componentArguments(config, machine.root)]) },
    ];
    const agent = { name: "agent", command: shellCommand([...machine.programs.agent, ...componentArguments(config, machine.root)]) };
    if (!options.startSupervisor) {
      // The unit's own supervisor starts everything; the agent waits for containerd and the sandbox image by itself.
      await supervision.list(layout, [...services, agent]);
      return;
    }
    const unit = await supervision.installUnit(layout);
    if (unit) await ledger.record(unit);
    await supervision.ensure(layout, realContainers ? services : [...services, agent]);
    await restartChanged(machine, layout, { containerd: containerd?.changed ?? false, components: configChanged, pki }, detail);
    if (!realContainers) return;
    detail("the container runtime");
    await preparer.finish(layout, config.runtime === "containerd" ? undefined : config.runtime, runtimeStartMs);
    await supervision.ensure(layout, [agent]);
  });
  return { layout, config, pki, wasRunning };
}

/**
 * Components that ran already read what is new only when they start.
 * Containers live on: neither containerd nor the agent takes them along.
 */
async function restartChanged(
  { supervision }: Machine,
  layout: ClusterLayout,
  changed: { readonly containerd: boolean; readonly components: boolean; readonly pki: Pki },
  detail: (text: string) => void,
): Promise<void> {
  const { issued } = changed.pki;
  const outdated = {
    containerd: changed.containerd,
    server: changed.components || issued.has("apiserver") || issued.has("kubelet-client"),
    agent: changed.components || issued.has("node") || issued.has("node-server"),
  };
  const running = (await supervision.states(layout)).filter((state) => state.isRunning).map((state) => state.name);
  for (const name of ["containerd", "server", "agent"] as const) {
    if (!outdated[name] || !running.includes(name)) continue;
    detail(`${name} again, with what changed`);
    await supervision.restart(layout, name, restartGraceMs);
  }
}

/**
 * What a later `up` may change: registries, resolvers, and the address when the machine has got another one.
 * @throws Error for what is settled for good
 */
function changedConfig(known: ClusterConfig, machine: Machine, options: BringUpOptions): ClusterConfig {
  const settled = [
    ["--runtime", known.runtime, options.runtime === "containerd" ? known.runtime : options.runtime],
    ["--store", known.store, options.store === "lmdb" ? known.store : options.store],
    ["--node-name", known.nodeName, options.nodeName ?? known.nodeName],
  ] as const;
  for (const [flag, has, wants] of settled) {
    if (has === wants) continue;
    throw new Error(`cluster ${known.name} was made with ${flag} ${has}, which cannot change; delete it first, or take another --name`);
  }
  const addresses = machine.facts.addresses.filter((address) => !address.includes(":"));
  const kept = addresses.includes(known.nodeAddress) ? known.nodeAddress : addresses[0];
  return {
    ...known,
    nodeAddress: options.nodeAddress ?? kept ?? known.nodeAddress,
    ...(options.registriesYaml !== undefined && { registriesYaml: options.registriesYaml }),
    ...(options.resolvConf !== undefined && { resolvConf: options.resolvConf }),
  };
}

async function newConfig(machine: Machine, options: BringUpOptions): Promise<ClusterConfig> {
  const nodeAddress = options.nodeAddress ?? machine.facts.addresses.find((address) => !address.includes(":"));
  if (nodeAddress === undefined) {
    throw new Error("this machine has no IPv4 address that a node could have; give one with --node-ip");
  }
  return {
    name: options.name,
    slot: await claimSlot(machine.files, options.name, machine.root),
    nodeName: options.nodeName ?? machine.facts.hostname,
    nodeAddress,
    runtime: options.runtime,
    store: options.store,
    ...(options.registriesYaml !== undefined && { registriesYaml: options.registriesYaml }),
    ...(options.resolvConf !== undefined && { resolvConf: options.resolvConf }),
  };
}

async function installPackages(preparer: NodePreparer, steps: Steps): Promise<void> {
  const missing = await preparer.missingPackages();
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.package);
  await steps.step(`installing ${names.join(", ")}`, async (detail) => {
    detail(preparer.installCommand(names));
    await preparer.installPackages(names, (line) => detail(line, { passing: true }));
  });
}

/** @throws Error when a port of a component that does not run has another listener: the component could never start */
async function refuseTakenPorts({ supervision, facts, isPortInUse }: Machine, layout: ClusterLayout, config: ClusterConfig): Promise<void> {
  const needs = [
    { component: "server", what: "API server", port: layout.ports.api },
    { component: "agent", what: "kubelet", port: layout.ports.kubelet },
  ];
  const addresses = ["127.0.0.1", ...facts.addresses.filter((address) => address === config.nodeAddress)];
  for (const { component, what, port } of needs) {
    if (!(await isPortInUse(port, addresses))) continue;
    if ((await supervision.states(layout)).some((state) => state.name === component && state.isRunning)) continue;
    throw new Error(
      `port ${port}, which the ${what} of cluster ${layout.name} needs, is taken by another process; ` +
        `see by which with \`ss -ltnp 'sport = :${port}'\` and end it, or take another --name: its ports are others`,
    );
  }
}

async function allRun(supervision: Supervision, layout: ClusterLayout): Promise<boolean> {
  const states = await supervision.states(layout);
  return states.length >= 2 && states.every((state) => state.isRunning) && (await supervision.isSupervised(layout));
}

/** Certificates of everything on this machine. */
async function prepareCertificates(machine: Machine, layout: ClusterLayout, config: ClusterConfig): Promise<Pki> {
  const { files, keys, clock } = machine;
  const pki = await openPki({ files, keys, now: () => clock.now() }, `${layout.names.dataDir}/pki`, layout.context);
  const addresses = [config.nodeAddress, layout.kubernetesAddress];
  await Promise.all([
    pki.leaf("apiserver", apiServerLeaf({ addresses, hostname: machine.facts.hostname, clusterDomain: layout.clusterDomain })),
    pki.leaf("admin", adminLeaf),
    pki.leaf("kubelet-client", kubeletClientLeaf),
    pki.leaf("node", nodeClientLeaf(config.nodeName)),
    pki.leaf("node-server", nodeServerLeaf(config.nodeName, [config.nodeAddress])),
  ]);
  return pki;
}

function componentArguments(config: ClusterConfig, root: string): string[] {
  return ["--name", config.name, ...(root === "" ? [] : ["--root", root])];
}

/** `exec` with every word quoted for a shell. */
function shellCommand(words: readonly string[]): string {
  return `exec ${words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" ")}`;
}
