// `timonier logs`: what the cluster's own components say.

import { pause } from "../../base/clock.ts";
import { findCluster } from "../../cluster/take-down.ts";
import type { CommandEnvironment } from "../environment.ts";
import { CommandError } from "../terminal.ts";

export interface LogsOptions {
  readonly name: string;
  readonly component?: string;
  readonly follow: boolean;
  /** Last lines of each component. */
  readonly tail: number;
}

const lookEveryMs = 300;
/** containerd itself tells warnings only; what its shims say of each start goes to the same file, and nobody can ask them not to. */
const isHum = (component: string, line: string): boolean => component === "containerd" && line.includes(" level=info ");

export async function logs({ machine, terminal, files, clock, signal }: CommandEnvironment, options: LogsOptions): Promise<void> {
  const found = await findCluster(machine, options.name);
  if (!found) throw new CommandError(`there is no cluster named ${options.name} on this machine; --name chooses another`);
  const directory = `${found.layout.names.dataDir}/log`;
  const known = (await files.list(directory)).flatMap((file) => /^(.+)\.log$/.exec(file)?.[1] ?? []);
  if (options.component !== undefined && !known.includes(options.component)) {
    throw new CommandError(`there is no component ${options.component}; known are ${known.join(", ") || "none yet"}`);
  }
  const chosen = options.component === undefined ? known : [options.component];
  const prefix = (component: string): string => (chosen.length > 1 ? `${component}: ` : "");
  const shown = new Map<string, number>();
  for (const component of chosen) {
    const text = (await files.readText(`${directory}/${component}.log`)) ?? "";
    const lines = text
      .split("\n")
      .slice(0, -1)
      .filter((line) => !isHum(component, line));
    for (const line of lines.slice(Math.max(0, lines.length - options.tail))) terminal.out(`${prefix(component)}${line}\n`);
    shown.set(component, text.lastIndexOf("\n") + 1);
  }
  while (options.follow && !signal.aborted) {
    await pause(clock, lookEveryMs, signal);
    for (const component of chosen) {
      const text = (await files.readText(`${directory}/${component}.log`)) ?? "";
      const from = Math.min(shown.get(component)!, text.length);
      const end = text.lastIndexOf("\n") + 1;
      for (const line of text.slice(from, end).split("\n").slice(0, -1)) {
        if (!isHum(component, line)) terminal.out(`${prefix(component)}${line}\n`);
      }
      shown.set(component, end);
    }
  }
}
