// `timonier up`: from nothing to a cluster that is Ready, and what to try next.

import { sleep } from "../../base/clock.ts";
import { type Client, createClient } from "../../client/client.ts";
import { type BringUpOptions, bringUp, type BroughtUp, type Steps } from "../../cluster/bring-up.ts";
import { readClusterConfig } from "../../cluster/cluster-config.ts";
import { clusterNameProblem } from "../../cluster/layout.ts";
import type { MachineFiles } from "../../cluster/machine.ts";
import type { KeyPair } from "../../cluster/keys.ts";
import { LedgerBook } from "../../cluster/ledger-book.ts";
import { adminLeaf } from "../../cluster/pki.ts";
import { readRegistries } from "../../cluster/node-preparation/registries.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import { parseYaml } from "../../wire/yaml.ts";
import { type CommandEnvironment, holdMachine, kubeconfigPath, nameFlag } from "../environment.ts";
import { addContext } from "../kubeconfig-file.ts";
import { createProgress } from "../progress.ts";
import { CommandError } from "../terminal.ts";

export interface UpOptions {
  readonly name: string;
  readonly runtime: string;
  readonly store: string;
  /** Path of a registries.yaml. */
  readonly registries?: string;
  readonly nodeName?: string;
  readonly nodeIp?: string;
  readonly resolvConf?: string;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly kubeconfig: boolean | string;
  readonly supervisor: boolean;
  readonly output?: string;
}

const lookEveryMs = 25;

export async function up(environment: CommandEnvironment, options: UpOptions): Promise<void> {
  const { terminal, clock } = environment;
  await checkMachine(environment, options);
  const progress = createProgress(terminal, clock, { quiet: options.output === "json" });
  const { brought, admin } = await bringUpAlone(environment, options, progress);
  const { layout, config, pki } = brought;
  if (options.wait) {
    const exchange = environment.dial(
      { scheme: "https", host: config.nodeAddress, port: layout.ports.api },
      { caPem: pki.caPem },
      { certificatePem: admin.certificatePem, keyPem: admin.keyPem },
    );
    const client = createClient(exchange, { userAgent: `timonier/${environment.version}`, signal: environment.signal });
    await progress.step("waiting for the cluster", (detail) => waitUntilReady(environment, client, brought, options.timeoutMs, detail));
  }
  report(environment, options, brought);
}

/** What changes the machine and the kubeconfig, while no other command does. */
async function bringUpAlone(
  environment: CommandEnvironment,
  options: UpOptions,
  progress: Steps,
): Promise<{ readonly brought: BroughtUp; readonly admin: KeyPair }> {
  const { machine, files } = environment;
  await using _lock = await holdMachine(environment);
  const brought = await bringUp(machine, await bringUpOptions(environment, options), progress);
  const { layout, config, pki } = brought;
  const admin = await pki.leaf("admin", adminLeaf);
  if (options.kubeconfig !== false) {
    const path = typeof options.kubeconfig === "string" ? options.kubeconfig : kubeconfigPath(environment);
    const previousContext = await addContext(files, path, { layout, address: config.nodeAddress, caPem: pki.caPem, admin });
    const ledger = await LedgerBook.open(machine.files, `${layout.names.dataDir}/ledger`);
    const isKnown = ledger.has((entry) => entry.type === "kubeconfig" && entry.path === path);
    if (!isKnown) {
      await ledger.record({ type: "kubeconfig", path, context: layout.context, ...(previousContext !== undefined && { previousContext }) });
    }
  }
  return { brought, admin };
}

async function checkMachine({ machine }: CommandEnvironment, options: UpOptions): Promise<void> {
  const problem = clusterNameProblem(options.name);
  if (problem !== undefined) throw new CommandError(problem);
  const known = await readClusterConfig(machine.files, options.name, machine.root);
  if ((known?.config.runtime ?? options.runtime) === "simulated") return;
  if (machine.facts.platform !== "linux") {
    throw new CommandError("real containers need Linux; try `timonier up --runtime simulated`, which needs nothing");
  }
  if (!machine.facts.isRoot) {
    throw new CommandError(
      "running containers needs root: try `sudo timonier up`, or `timonier up --runtime simulated`, which needs nothing",
    );
  }
}

/** Before anything is made: a mistake in the file is the person's to mend. */
function checkRegistries(path: string, text: string): void {
  try {
    readRegistries(parseYaml(text).value);
  } catch (error) {
    throw new CommandError(`${path}: ${(error as Error).message}`);
  }
}

async function bringUpOptions({ files, machine, workingDirectory }: CommandEnvironment, options: UpOptions): Promise<BringUpOptions> {
  let registriesYaml: string | undefined;
  if (options.registries !== undefined) {
    registriesYaml = await files.readText(options.registries);
    if (registriesYaml === undefined) throw new CommandError(`there is no file ${options.registries} (--registries)`);
    checkRegistries(options.registries, registriesYaml);
  }
  if (options.nodeIp !== undefined && !machine.facts.localAddresses.includes(options.nodeIp)) {
    throw new CommandError(
      `no interface of this machine has the address ${options.nodeIp}; it has ${machine.facts.localAddresses.join(", ")}`,
    );
  }
  if (options.resolvConf !== undefined && (await files.readText(options.resolvConf)) === undefined) {
    throw new CommandError(`there is no file ${options.resolvConf} (--resolv-conf)`);
  }
  if (options.runtime.includes("/")) await checkSocket(files, options.runtime.replace(/^unix:\/\//, ""));
  return {
    name: options.name,
    runtime: options.runtime,
    store: options.store,
    startSupervisor: options.supervisor,
    ...(registriesYaml !== undefined && { registriesYaml }),
    ...(options.nodeName !== undefined && { nodeName: options.nodeName }),
    ...(options.nodeIp !== undefined && { nodeAddress: options.nodeIp }),
    ...(options.resolvConf !== undefined && { resolvConf: absolute(options.resolvConf, workingDirectory) }),
  };
}

async function checkSocket(files: MachineFiles, path: string): Promise<void> {
  const slash = path.lastIndexOf("/");
  if ((await files.list(path.slice(0, slash) || "/")).includes(path.slice(slash + 1))) return;
  throw new CommandError(`there is no socket ${path} (--runtime-endpoint); is that container runtime running?`);
}

const absolute = (path: string, directory: string): string => (path.startsWith("/") ? path : `${directory}/${path}`);

/**
 * Resolves when the API server is ready, the node says that it is too, and its agent answers: what it said may be of long ago.
 * @throws CommandError naming what was not, and where to look
 */
async function waitUntilReady(
  { clock, signal }: CommandEnvironment,
  client: Client,
  { layout, config }: BroughtUp,
  timeoutMs: number,
  detail: (text: string) => void,
): Promise<void> {
  const deadline = clock.monotonicMs() + timeoutMs;
  let last = "";
  detail("the API server");
  for (;;) {
    signal.throwIfAborted();
    try {
      await client.request("GET", "/readyz");
      detail(`node ${config.nodeName}`);
      const node = await client.of(nodeKind).get(config.nodeName);
      const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
      if (ready?.status === "True") {
        await client.request("GET", `/api/v1/nodes/${config.nodeName}/proxy/healthz`);
        return;
      }
      last = `node ${config.nodeName} is not Ready: ${ready?.message ?? "it has said nothing yet"}`;
    } catch (error) {
      last = (error as Error).message;
    }
    if (clock.monotonicMs() > deadline) {
      throw new CommandError(
        `the cluster was not ready after ${Math.round(timeoutMs / 1000)} s: ${last}\n` +
          `See what its parts say with \`timonier logs${nameFlag(layout.name)}\`; run \`timonier up${nameFlag(layout.name)}\` again to mend it.`,
      );
    }
    await sleep(clock, lookEveryMs, signal);
  }
}

function report({ terminal }: CommandEnvironment, options: UpOptions, { layout, config, wasRunning }: BroughtUp): void {
  const server = `https://${config.nodeAddress}:${layout.ports.api}`;
  if (options.output === "json") {
    terminal.out(
      `${JSON.stringify({ name: layout.name, context: layout.context, server, node: config.nodeName, nodeAddress: config.nodeAddress, wasRunning })}\n`,
    );
    return;
  }
  const flag = options.kubeconfig === false ? "" : ` (context ${layout.context})`;
  const state = wasRunning ? "runs already" : options.wait ? "is ready" : "was started";
  terminal.out(`Cluster ${layout.name} ${state}: ${server}${flag}\n`);
  if (wasRunning || !options.wait) return;
  terminal.out(
    "\nTry next:\n" +
      // Node port 30007 belongs to the default cluster's range.
      `  timonier kubectl apply -f examples/${layout.slot === 0 ? "deployment" : "service-clusterip"}.yaml\n` +
      "  timonier kubectl get pods -o wide\n" +
      (layout.slot === 0 ? `  curl http://${config.nodeAddress}:30007/\n` : "") +
      `  timonier delete${nameFlag(layout.name)}\n`,
  );
}
