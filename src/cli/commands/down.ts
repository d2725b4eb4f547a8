// `timonier down` and `timonier delete`: stop and keep, or stop and take everything back.

import { findCluster, takeDown, undoLedger } from "../../cluster/take-down.ts";
import { type CommandEnvironment, holdMachine, nameFlag } from "../environment.ts";
import { removeContext } from "../kubeconfig-file.ts";
import { createProgress } from "../progress.ts";
import { CommandError } from "../terminal.ts";

export async function down(environment: CommandEnvironment, options: { readonly name: string }): Promise<void> {
  const { machine, terminal, clock } = environment;
  await using _lock = await holdMachine(environment);
  const found = await findCluster(machine, options.name);
  if (!found) throw new CommandError(`there is no cluster named ${options.name} on this machine; --name chooses another`);
  await takeDown(machine, found.layout, found.runtime, createProgress(terminal, clock));
  terminal.out(`Cluster ${options.name} is stopped; its data is kept. \`timonier up${nameFlag(options.name)}\` starts it again.\n`);
}

export async function deleteCluster(environment: CommandEnvironment, options: { readonly name: string }): Promise<void> {
  const { machine, terminal, clock, files, undo } = environment;
  await using _lock = await holdMachine(environment);
  const found = await findCluster(machine, options.name);
  if (!found) {
    terminal.out(`There is no cluster named ${options.name} on this machine.\n`);
    return;
  }
  const progress = createProgress(terminal, clock);
  await takeDown(machine, found.layout, found.runtime, progress);
  const failures = await undoLedger(
    machine,
    found.layout,
    async (entry, layout) => {
      if (entry.type === "kubeconfig") await removeContext(files, entry.path, entry.context, entry.previousContext);
      else await undo(entry, layout);
    },
    progress,
  );
  if (failures.length > 0) {
    throw new CommandError(
      `some things could not be taken back:\n${failures.map((failure) => `  ${failure}\n`).join("")}Mend what they name and run the same command again.`,
    );
  }
  terminal.out(`Cluster ${options.name} is gone.\n`);
}
