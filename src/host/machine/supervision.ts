// Talks to the supervisor through its directory: a service is a file, a running one has a file with its process.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ClusterLayout } from "../../cluster/layout.ts";
import type { Supervision } from "../../cluster/machine.ts";
import { machineFiles } from "./machine-files.ts";
import { hasEnded, isAlive, parseIdentity, type ProcessIdentity, signal } from "./process-identity.ts";
import { runProgram, tryProgram } from "../run-program.ts";

const startLimitMs = 5000;

/** @param launcher path of `bin/timonier`, which is the supervisor too */
export function createSupervision(launcher: string): Supervision {
  const runDir = (layout: ClusterLayout): string => layout.names.runDir;
  const servicesDir = (layout: ClusterLayout): string => join(runDir(layout), "services");
  const logsDir = (layout: ClusterLayout): string => join(layout.names.dataDir, "log");
  const identity = async (layout: ClusterLayout, name: string): Promise<ProcessIdentity | undefined> =>
    parseIdentity(await machineFiles.readText(join(runDir(layout), `${name}.pid`)));
  const isSupervised = async (layout: ClusterLayout): Promise<boolean> => isAlive(await identity(layout, "supervisor"));

  const list: Supervision["list"] = async (layout, services) => {
    await mkdir(servicesDir(layout), { recursive: true, mode: 0o700 });
    await mkdir(logsDir(layout), { recursive: true });
    for (const { name, command } of services) await machineFiles.writeText(join(servicesDir(layout), name), `${command}\n`, 0o700);
  };

  return {
    isSupervised,
    list,
    async ensure(layout, services) {
      await list(layout, services);
      const supervisor = await identity(layout, "supervisor");
      if (isAlive(supervisor)) {
        signal(supervisor, "SIGUSR1");
        return;
      }
      const child = spawn("/bin/sh", [launcher, "_supervise", runDir(layout), logsDir(layout)], {
        detached: true,
        stdio: "ignore",
        cwd: "/",
      });
      child.unref();
      await new Promise<void>((resolve, reject) => {
        child.once("error", (error) => reject(new Error(`the supervisor cannot be started: ${error.message}`)));
        child.once("spawn", () => resolve());
      });
      for (const deadline = performance.now() + startLimitMs; !(await isSupervised(layout));) {
        if (child.exitCode !== null || performance.now() > deadline)
          throw new Error(`the supervisor (${launcher} _supervise) does not start; ${logsDir(layout)}/supervisor.log says why`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async states(layout) {
      const names = await machineFiles.list(servicesDir(layout));
      return await Promise.all(
        names.map(async (name) => {
          const found = await identity(layout, name);
          return isAlive(found) ? { name, pid: found.pid, isRunning: true } : { name, isRunning: false };
        }),
      );
    },
    async restart(layout, name, graceMs) {
      await end(await identity(layout, name), name, graceMs);
    },
    async stop(layout, name, graceMs) {
      await machineFiles.remove(join(servicesDir(layout), name));
      await end(await identity(layout, name), name, graceMs);
      await machineFiles.remove(join(runDir(layout), `${name}.pid`));
    },
    async stopSupervisor(layout) {
      // The unit would start it again at once, and at the next boot.
      const unit = unitOf(layout);
      if (existsSync(unit.path)) {
        await tryProgram("systemctl", ["disable", unit.name]);
        await tryProgram("systemctl", ["stop", unit.name]);
      }
      const found = await identity(layout, "supervisor");
      if (isAlive(found)) {
        signal(found, "SIGTERM");
        await hasEnded(found, 2000);
      }
      await machineFiles.remove(join(runDir(layout), "supervisor.pid"));
    },
    async installUnit(layout) {
      if (!existsSync("/run/systemd/system")) return undefined;
      const { name, path } = unitOf(layout);
      const text = renderUnit(launcher, runDir(layout), logsDir(layout), layout);
      if ((await machineFiles.readText(path)) !== text) {
        await machineFiles.writeText(path, text);
        await runProgram("systemctl", ["daemon-reload"]);
      }
      await runProgram("systemctl", ["enable", name]);
      return { type: "systemd-unit", name, path };
    },
  };
}

async function end(process: ProcessIdentity | undefined, name: string, graceMs: number): Promise<void> {
  if (!isAlive(process)) return;
  signal(process, "SIGTERM");
  if (await hasEnded(process, graceMs)) return;
  signal(process, "SIGKILL");
  if (!(await hasEnded(process, 5000)))
    throw new Error(`${name} (process ${process.pid}) does not end, not even killed: it waits for the kernel, most often for a disk`);
}

function unitOf({ context }: ClusterLayout): { readonly name: string; readonly path: string } {
  return { name: `${context}.service`, path: `/etc/systemd/system/${context}.service` };
}

/** At boot `up` runs again: /run is empty then, and it knows how to fill it. Killing the unit's process stops no container. */
function renderUnit(launcher: string, runDir: string, logsDir: string, layout: ClusterLayout): string {
  return `[Unit]
Description=Timonier cluster ${layout.name}
After=network-online.target
Wants=network-online.target

[Service]
Type=simple
Environment=HOME=/root
Environment=PATH=${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStartPre=/bin/sh ${launcher} up --name ${layout.name} --no-supervisor --no-kubeconfig --wait=false
ExecStart=/bin/sh ${launcher} _supervise ${runDir} ${logsDir}
KillMode=process
Restart=always
RestartSec=1
Delegate=yes
TasksMax=infinity
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
`;
}
