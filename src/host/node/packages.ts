// Which Debian packages a node still needs, and their installation without starting anything.

import { access, constants, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../run-program.ts";

/** A package, and the files that tell that it (or somebody else's build of the same program) is there already. */
interface Need {
  readonly package: string;
  /** Names looked up in the program directories, or absolute paths; one of them is enough. */
  readonly anyOf: readonly string[];
  readonly why: string;
}

const needs: readonly Need[] = [
  { package: "containerd", anyOf: ["containerd"], why: "runs containers" },
  { package: "runc", anyOf: ["runc"], why: "starts each container for containerd" },
  {
    package: "containernetworking-plugins",
    anyOf: ["/usr/lib/cni/bridge", "/opt/cni/bin/bridge"],
    why: "connects pods to the network",
  },
  { package: "iptables", anyOf: ["iptables"], why: "host ports of pods (CNI's portmap)" },
  { package: "nftables", anyOf: ["nft"], why: "routes services" },
  { package: "iproute2", anyOf: ["ip"], why: "looks after the pod network" },
  { package: "conntrack", anyOf: ["conntrack"], why: "forgets connections to removed endpoints" },
  { package: "catatonit", anyOf: ["catatonit", "/usr/libexec/podman/catatonit"], why: "is the first process of each pod" },
];

/** sbin may be missing in the PATH of a user who became root. */
const programDirs = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Absolute path of a program, or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  const fromPath = (process.env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/"));
  const candidates = name.startsWith("/") ? [name] : [...fromPath, ...programDirs].map((dir) => join(dir, name));
  for (const candidate of candidates) {
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  return undefined;
}

export interface MissingPackage {
  readonly package: string;
  readonly why: string;
}

export async function missingPackages(): Promise<readonly MissingPackage[]> {
  const missing: MissingPackage[] = [];
  for (const need of needs) {
    const found = await Promise.all(need.anyOf.map(findProgram));
    if (found.every((path) => path === undefined)) missing.push({ package: need.package, why: need.why });
  }
  return missing;
}

/** The one command that installs them. Nothing that is installed is removed for it. */
export function installCommand(packages: readonly string[]): readonly string[] {
  return ["apt-get", "install", "--no-remove", "--no-install-recommends", "-y", ...packages];
}

const policyFile = "/usr/sbin/policy-rc.d";
const policyMark = "# Written by timonier while it installs packages; safe to remove.";

/**
 * Debian's maintainer scripts ask policy-rc.d before they start a service; 101 forbids it. A policy of the machine's owner is
 * left alone: whoever wrote one has decided already.
 */
async function forbidServiceStarts(): Promise<AsyncDisposable> {
  const present = await readFile(policyFile, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (present !== undefined && !present.includes(policyMark)) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  await writeFile(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`, { mode: 0o755 });
  return { [Symbol.asyncDispose]: () => rm(policyFile, { force: true }) };
}

/** @throws Error with apt's own words and what to do */
export async function installPackages(packages: readonly string[], onLine?: (line: string) => void): Promise<void> {
  if (packages.length === 0) return;
  const [command, ...args] = installCommand(packages);
  const options = { environment: { DEBIAN_FRONTEND: "noninteractive" }, ...(onLine && { onLine }) };
  await using _ = await forbidServiceStarts();
  try {
    await runProgram(command!, args, options);
  } catch (first) {
    // Most often the package lists are old or empty: refresh them once.
    try {
      await runProgram("apt-get", ["update"], options);
      await runProgram(command!, args, options);
    } catch (error) {
      throw new Error(`could not install ${packages.join(", ")}; install them yourself and start again. ${(error as Error).message}`, {
        cause: first,
      });
    }
  }
}
