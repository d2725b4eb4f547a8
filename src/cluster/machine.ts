// What bringing a cluster up needs from the machine. The host implements it; tests keep files in a map.

import type { LedgerEntry } from "./ledger.ts";
import type { ClusterLayout } from "./layout.ts";

/** The machine's files, as far as a cluster's own are concerned. Paths are absolute. */
export interface MachineFiles {
  /** Undefined when there is no such file. */
  readText(path: string): Promise<string | undefined>;
  /** Replaces the file as a whole: a reader sees the old or the new text. `mode` defaults to 0o644. */
  writeText(path: string, text: string, mode?: number): Promise<void>;
  makeDirectory(path: string, mode?: number): Promise<void>;
  /** Names in a directory; none when it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** Creates the file only if it does not exist; false when it does. */
  claim(path: string, text: string): Promise<boolean>;
  remove(path: string): Promise<void>;
  /** Leaves one that holds something, and none that is not there. */
  removeEmptyDirectory(path: string): Promise<void>;
}

export interface ServiceState {
  readonly name: string;
  readonly pid?: number;
  readonly isRunning: boolean;
}

/** The supervisor of one cluster and what it runs. */
export interface Supervision {
  /** Lists a service with the shell command that `exec`s it; starts the supervisor or tells it to look. */
  ensure(layout: ClusterLayout, services: readonly { readonly name: string; readonly command: string }[]): Promise<void>;
  /** Lists services without starting anything. */
  list(layout: ClusterLayout, services: readonly { readonly name: string; readonly command: string }[]): Promise<void>;
  states(layout: ClusterLayout): Promise<readonly ServiceState[]>;
  isSupervised(layout: ClusterLayout): Promise<boolean>;
  /** Ends a service's process (TERM, after `graceMs` KILL); the supervisor starts it again with the command listed by then. */
  restart(layout: ClusterLayout, name: string, graceMs: number): Promise<void>;
  /** Withdraws one service and ends its process (TERM, after `graceMs` KILL). */
  stop(layout: ClusterLayout, name: string, graceMs: number): Promise<void>;
  /** Ends the supervisor alone. */
  stopSupervisor(layout: ClusterLayout): Promise<void>;
  /** With systemd: one unit that starts the supervisor at boot. Undefined where systemd does not run. */
  installUnit(layout: ClusterLayout): Promise<LedgerEntry | undefined>;
}

/** Takes back what a ledger entry stands for. Something that is gone already is no error. */
export type Undo = (entry: LedgerEntry, layout: ClusterLayout) => Promise<void>;

/** What makes a machine a node that runs real containers. */
export interface NodePreparer {
  missingPackages(): Promise<readonly { readonly package: string; readonly why: string }[]>;
  /** The one command that installs them, for a person to read. */
  installCommand(packages: readonly string[]): string;
  installPackages(packages: readonly string[], onLine: (line: string) => void): Promise<void>;
  /**
   * Directories, configuration, kernel settings: everything that needs no running containerd. Each thing is recorded before it
   * is made.
   * @returns containerd's command, and whether its configuration is another than before; undefined when somebody else's runtime
   * is used
   */
  prepare(
    layout: ClusterLayout,
    options: { readonly nodeAddress: string; readonly registriesYaml?: string; readonly runtimeEndpoint?: string },
    record: (entry: LedgerEntry) => Promise<void>,
  ): Promise<{ readonly command: string; readonly args: readonly string[]; readonly changed: boolean } | undefined>;
  /** What needs a running containerd: waits for it and brings the sandbox image in. */
  finish(layout: ClusterLayout, runtimeEndpoint: string | undefined, timeoutMs: number): Promise<void>;
  /** Kills and removes every pod of this cluster; its addresses and host ports are given back. */
  removePods(layout: ClusterLayout, runtimeEndpoint: string | undefined): Promise<void>;
}

/** The machine itself. */
export interface MachineFacts {
  readonly isRoot: boolean;
  /** Lower case, a valid node name. */
  readonly hostname: string;
  /** Addresses that other machines reach, the primary one first; loopback only when there is no other. */
  readonly addresses: readonly string[];
  /** Every address of every interface. */
  readonly localAddresses: readonly string[];
  /** "linux" */
  readonly platform: string;
}
