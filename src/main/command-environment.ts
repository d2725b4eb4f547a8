// What commands get on a real machine.

import { join } from "node:path";
import type { CommandEnvironment } from "../cli/environment.ts";
import { CancelledError } from "../base/assert.ts";
import { realClock } from "../host/clock.ts";
import { createDialer } from "../host/http/dial.ts";
import { kubectlHooks } from "../host/kubectl-hooks.ts";
import { hostKeys } from "../host/keys/keys.ts";
import { lockFile } from "../host/machine/command-lock.ts";
import { machineFacts } from "../host/machine/machine-facts.ts";
import { machineFiles } from "../host/machine/machine-files.ts";
import { createNodePreparer } from "../host/machine/node-preparer.ts";
import { isPortInUse } from "../host/machine/port-in-use.ts";
import { createSupervision } from "../host/machine/supervision.ts";
import { undoOnHost } from "../host/machine/undo.ts";
import { secureRandom } from "../host/random.ts";
import { processTerminal } from "../host/terminal.ts";
import { serverNodeFlags } from "./server-flags.ts";

export interface EnvironmentOptions {
  readonly version: string;
  /** Directories of clusters lie below it. */
  readonly root: string;
  /** The folder of the built entry points (`dist`); the launcher lies beside it. */
  readonly distribution: string;
}

/** `close` ends connections; nothing else is open. */
export function createEnvironment(options: EnvironmentOptions): { environment: CommandEnvironment; close: () => Promise<void> } {
  const clock = realClock();
  const dialer = createDialer();
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort(new CancelledError("interrupted")));
  const launcher = join(options.distribution, "../bin/timonier");
  const component = (name: string, flags: readonly string[]): string[] => [
    process.execPath,
    ...flags,
    join(options.distribution, `${name}.js`),
  ];
  return {
    environment: {
      terminal: processTerminal(),
      clock,
      random: secureRandom(),
      files: machineFiles,
      dial: dialer.dial,
      variables: process.env,
      workingDirectory: process.cwd(),
      signal: interrupt.signal,
      machine: {
        files: machineFiles,
        facts: machineFacts(),
        keys: hostKeys,
        supervision: createSupervision(launcher),
        preparer: createNodePreparer(),
        clock,
        programs: { server: component("server", serverNodeFlags), agent: component("agent", []) },
        lock: async (onWait) => {
          await machineFiles.makeDirectory(`${options.root}/run`);
          return await lockFile(`${options.root}/run/timonier.lock`, onWait);
        },
        isPortInUse,
        root: options.root,
      },
      undo: undoOnHost,
      kubectl: kubectlHooks,
      version: options.version,
    },
    close: async () => await dialer[Symbol.asyncDispose](),
  };
}
