// What every command of the command line gets: the machine, the person's terminal, and the way to a cluster.

import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Machine } from "../cluster/bring-up.ts";
import type { MachineFiles, Undo } from "../cluster/machine.ts";
import type { Dial } from "../wire/exchange.ts";
import type { KubectlHooks } from "./kubectl/hooks.ts";
import type { Terminal } from "./terminal.ts";

export interface CommandEnvironment {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: MachineFiles;
  readonly dial: Dial;
  /** Variables that commands read: KUBECONFIG, HOME, EDITOR, ... */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly machine: Machine;
  readonly undo: Undo;
  /** What some of kubectl's verbs need and not every host offers. */
  readonly kubectl?: KubectlHooks;
  /** "0.1.0" */
  readonly version: string;
}

/** The kubeconfig that commands write: the first of KUBECONFIG, else the one in the home directory. */
export function kubeconfigPath({ variables }: Pick<CommandEnvironment, "variables">): string {
  const first = variables["KUBECONFIG"]?.split(":").find((path) => path !== "");
  return first ?? `${variables["HOME"] ?? "/root"}/.kube/config`;
}

/** Keeps other commands from changing this machine's clusters meanwhile. */
export async function holdMachine({ machine, terminal }: CommandEnvironment): Promise<AsyncDisposable> {
  return await machine.lock(() => terminal.err("timonier: waiting for another command that works on this machine's clusters\n"));
}

/** How a command line says which cluster it means. */
export const nameFlag = (name: string): string => (name === "timonier" ? "" : ` --name ${name}`);
