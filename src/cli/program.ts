// The words of `timonier` and their flags, on commander. Each command is a function of its options and the environment.

import { Command, CommanderError, Option } from "commander";
import { parseDuration } from "../lang/duration.ts";
import { deleteCluster, down } from "./commands/down.ts";
import { logs } from "./commands/logs.ts";
import { status } from "./commands/status.ts";
import { up } from "./commands/up.ts";
import type { CommandEnvironment } from "./environment.ts";
import { CommandError } from "./terminal.ts";

const defaultUpTimeout = "2m";
const defaultTail = 50;

/** Runs one command line, without the program's own name. @returns the exit code */
export async function runProgram(environment: CommandEnvironment, words: readonly string[]): Promise<number> {
  const { terminal } = environment;
  try {
    await buildProgram(environment).parseAsync([...words], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (error instanceof CommandError) {
      if (error.message !== "") terminal.err(`timonier: ${error.message}\n`);
      return error.exitCode;
    }
    if (environment.signal.aborted) return 130;
    terminal.err(`timonier: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function buildProgram(environment: CommandEnvironment): Command {
  const { terminal, version } = environment;
  const program = new Command("timonier")
    .description("A container orchestrator that speaks the Kubernetes API: a real cluster with one command.")
    .version(version, "-v, --version")
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .helpCommand(false)
    .showHelpAfterError("(see --help)");
  const name = (): Option => new Option("--name <name>", "which cluster").default("timonier");
  const output = (): Option => new Option("-o, --output <format>", "print data instead of prose").choices(["json"]);

  program
    .command("up")
    .description("start a one-node cluster, or mend the one that is there, and wait until it is Ready")
    .addOption(name())
    .addOption(new Option("--runtime <kind>", "what runs containers").choices(["containerd", "simulated"]).default("containerd"))
    .option("--runtime-endpoint <socket>", "use a container runtime that is already there, by its CRI socket")
    .addOption(new Option("--store <kind>", "where state lives").choices(["lmdb", "memory"]).default("lmdb"))
    .option("--registries <file>", "image mirrors and credentials (a registries.yaml)")
    .option("--node-name <name>", "name of the node (default: the machine's)")
    .option("--node-ip <address>", "address of the node (default: the machine's first)")
    .option("--resolv-conf <file>", "the host's resolvers, for names outside the cluster (default: /etc/resolv.conf)")
    .option("--wait [bool]", "wait until the cluster is Ready", booleanFlag, true)
    .addOption(
      new Option("--timeout <duration>", "how long to wait")
        .argParser(durationFlag)
        .default(parseDuration(defaultUpTimeout), defaultUpTimeout),
    )
    .option("--kubeconfig <file>", "where to write the context (default: KUBECONFIG, or ~/.kube/config)")
    .option("--no-kubeconfig", "write no context")
    .addOption(new Option("--no-supervisor", "prepare everything and start nothing").hideHelp())
    .addOption(output())
    .action(({ runtime, runtimeEndpoint, timeout, kubeconfig, ...rest }) =>
      up(environment, { ...rest, runtime: runtimeEndpoint ?? runtime, timeoutMs: timeout, kubeconfig: kubeconfig ?? true }),
    );
  program
    .command("down")
    .description("stop the cluster and keep its data")
    .addOption(name())
    .action((options) => down(environment, options));
  program
    .command("delete")
    .description("stop the cluster and take back everything that it made on this machine")
    .addOption(name())
    .action((options) => deleteCluster(environment, options));
  program
    .command("status")
    .description("show what runs")
    .addOption(name())
    .addOption(output())
    .action((options) => status(environment, options));
  program
    .command("logs")
    .description("show what the cluster's own components say")
    .argument("[component]", "server, agent, containerd or supervisor")
    .addOption(name())
    .option("-f, --follow", "go on as more is said", false)
    .option("--tail <lines>", "how many last lines of each", numberFlag, defaultTail)
    .action((component, options) => logs(environment, { ...options, component }));
  // These three are programs of their own, started before commander sees their words; only their help comes from here.
  program.command("kubectl").description("speak to the cluster: get, describe, apply, create, delete, logs, exec, ...");
  for (const [component, what] of [
    ["server", "the control plane"],
    ["agent", "a node's agent"],
  ] as const) {
    program
      .command(component)
      .description(`run ${what} in the foreground (the supervisor does)`)
      .addOption(name())
      .option("--root <directory>", "directories of clusters lie below it")
      .option("--verbose", "log more");
  }
  return program;
}

function booleanFlag(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new CommandError(`"${text}" is neither true nor false`, 2);
}

function durationFlag(text: string): number {
  try {
    return parseDuration(/^[0-9]+$/.test(text) ? `${text}s` : text);
  } catch {
    throw new CommandError(`"${text}" is no duration: write 90s, 2m or 1h`, 2);
  }
}

function numberFlag(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new CommandError(`"${text}" is no number of lines`, 2);
  return value;
}
