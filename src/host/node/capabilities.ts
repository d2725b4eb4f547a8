// What this machine can do, found out by looking and trying, never assumed.

import { access, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readMounts } from "./mount-table.ts";
import { findProgram } from "./packages.ts";
import { runProgram } from "../run-program.ts";

export interface HostCapabilities {
  /** May lower oom_score_adj and raise limits. */
  readonly sysResource: boolean;
  readonly cgroupVersion: 1 | 2 | "none";
  readonly systemd: boolean;
  readonly apparmor: boolean;
  /** "native" copies whole file systems: slow, but works where an overlay cannot be mounted. */
  readonly snapshotter: "overlayfs" | "native";
  /** Absolute paths; undefined: not installed. */
  readonly programs: {
    readonly containerd?: string;
    readonly ctr?: string;
    readonly runc?: string;
    readonly nft?: string;
    readonly conntrack?: string;
    readonly catatonit?: string;
  };
  /** Directory of CNI plugins. */
  readonly cniBinDir?: string;
  readonly cniPlugins: { readonly portmap: boolean; readonly bandwidth: boolean };
  readonly containerdMajorVersion?: 1 | 2;
}

const capSysResource = 24n;

/** `dataDir`: where images will lie; an overlay is tried there. It is created when missing. */
export async function detectCapabilities(dataDir: string): Promise<HostCapabilities> {
  const [containerd, ctr, runc, nft, conntrack, catatonit] = await Promise.all(
    ["containerd", "ctr", "runc", "nft", "conntrack", "catatonit"].map(findProgram),
  );
  const cniBinDir = await cniDirectory();
  const [status, mounts, systemd, apparmorEnabled, overlay, portmap, bandwidth, iptables] = await Promise.all([
    readFile("/proc/self/status", "utf8"),
    readMounts(),
    exists("/run/systemd/system"),
    readFile("/sys/module/apparmor/parameters/enabled", "utf8").catch(() => "N"),
    overlayWorks(dataDir),
    exists(join(cniBinDir ?? "/nonexistent", "portmap")),
    exists(join(cniBinDir ?? "/nonexistent", "bandwidth")),
    findProgram("iptables"),
  ]);
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const v1 = mounts.some(({ fsType, superOptions }) => fsType === "cgroup" && superOptions.split(",").includes("memory"));
  const v2 = mounts.some(({ fsType }) => fsType === "cgroup2");
  return {
    sysResource: ((effective >> capSysResource) & 1n) === 1n,
    cgroupVersion: v1 ? 1 : v2 ? 2 : "none",
    systemd,
    apparmor: apparmorEnabled.startsWith("Y") && (await findProgram("apparmor_parser")) !== undefined,
    snapshotter: overlay ? "overlayfs" : "native",
    programs: { containerd, ctr, runc, nft, conntrack, catatonit: catatonit ?? (await findProgram("/usr/libexec/podman/catatonit")) },
    cniBinDir,
    cniPlugins: { portmap: portmap && iptables !== undefined, bandwidth },
    containerdMajorVersion: containerd === undefined ? undefined : await containerdMajorVersion(containerd),
  };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function cniDirectory(): Promise<string | undefined> {
  for (const directory of ["/usr/lib/cni", "/opt/cni/bin"]) if (await exists(join(directory, "bridge"))) return directory;
  return undefined;
}

/** "containerd github.com/containerd/containerd 1.6.20~ds1 ..." or ".../v2 v2.0.0 ..." */
async function containerdMajorVersion(program: string): Promise<1 | 2> {
  const said = await runProgram(program, ["--version"]);
  return / v?2\.\d/.test(said) ? 2 : 1;
}

async function overlayWorks(dataDir: string): Promise<boolean> {
  await mkdir(dataDir, { recursive: true });
  const directory = await mkdtemp(join(dataDir, ".overlay-trial-"));
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => join(directory, name));
  try {
    await Promise.all([lower!, upper!, work!, merged!].map((path) => mkdir(path)));
    await runProgram("mount", ["-t", "overlay", "-o", `lowerdir=${lower},upperdir=${upper},workdir=${work}`, "overlay", merged!]);
    await runProgram("umount", [merged!]);
    return true;
  } catch {
    return false; // whatever the reason: overlays cannot be used here
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
