// `timonier status`: what runs, and what does not.

import { createClient } from "../../client/client.ts";
import { readClusterConfig } from "../../cluster/cluster-config.ts";
import { adminLeaf, openPki } from "../../cluster/pki.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import type { CommandEnvironment } from "../environment.ts";
import { CommandError } from "../terminal.ts";

export interface ClusterStatus {
  readonly name: string;
  readonly server: string;
  readonly components: readonly { readonly name: string; readonly running: boolean; readonly pid?: number }[];
  /** "ready", or why it is not. */
  readonly apiServer: string;
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly message?: string }[];
}

/** Exit code of a cluster that exists and does not run, as init scripts have it. */
const stoppedExitCode = 3;

export async function status(environment: CommandEnvironment, options: { readonly name: string; readonly output?: string }): Promise<void> {
  const { machine, terminal } = environment;
  const found = await readClusterConfig(machine.files, options.name, machine.root);
  if (!found) throw new CommandError(`there is no cluster named ${options.name} on this machine; make one with \`timonier up\``);
  const { layout, config } = found;
  const states = await machine.supervision.states(layout);
  const components = [
    { name: "supervisor", running: await machine.supervision.isSupervised(layout) },
    ...states.map(({ name, isRunning, pid }) => ({ name, running: isRunning, ...(pid !== undefined && { pid }) })),
  ];
  const server = `https://${config.nodeAddress}:${layout.ports.api}`;
  const seen = await askServer(environment, found).catch((error: unknown) => ({ apiServer: (error as Error).message, nodes: [] }));
  const result: ClusterStatus = { name: layout.name, server, components, ...seen };
  if (options.output === "json") terminal.out(`${JSON.stringify(result, null, 2)}\n`);
  else {
    terminal.out(`cluster     ${result.name}\nserver      ${server}: ${result.apiServer}\n`);
    for (const component of components) {
      terminal.out(
        `${component.name.padEnd(11)} ${component.running ? "running" : "stopped"}${"pid" in component ? ` (pid ${component.pid})` : ""}\n`,
      );
    }
    for (const node of result.nodes)
      terminal.out(`node ${node.name}: ${node.ready ? "Ready" : `not Ready (${node.message ?? "no word from it"})`}\n`);
  }
  const isWell = states.length > 0 && components.every((component) => component.running) && result.apiServer === "ready";
  if (!isWell) throw new CommandError("", stoppedExitCode);
}

async function askServer(
  { machine, dial, signal }: CommandEnvironment,
  { layout, config }: NonNullable<Awaited<ReturnType<typeof readClusterConfig>>>,
): Promise<Pick<ClusterStatus, "apiServer" | "nodes">> {
  const { clock, files, keys } = machine;
  const pki = await openPki({ files, keys, now: () => clock.now() }, `${layout.names.dataDir}/pki`, layout.context);
  const admin = await pki.leaf("admin", adminLeaf);
  const client = createClient(
    dial(
      { scheme: "https", host: config.nodeAddress, port: layout.ports.api },
      { caPem: pki.caPem },
      { certificatePem: admin.certificatePem, keyPem: admin.keyPem },
    ),
    { signal },
  );
  await client.request("GET", "/readyz");
  const { items } = await client.of(nodeKind).list();
  return {
    apiServer: "ready",
    nodes: items.map((node) => {
      const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
      return {
        name: node.metadata!.name!,
        ready: ready?.status === "True",
        ...(ready?.message !== undefined && { message: ready.message }),
      };
    }),
  };
}
