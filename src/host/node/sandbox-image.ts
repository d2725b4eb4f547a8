// The image of a pod's first process, built from the host's catatonit: it holds the pod's namespaces and reaps orphans.

import { readFile, rm, writeFile } from "node:fs/promises";
import { sandboxImage } from "../../cluster/node-preparation/containerd-config.ts";
import { buildOciArchive } from "./oci-archive.ts";
import { runProgram } from "../run-program.ts";

export interface SandboxImageOptions {
  /** Absolute path of catatonit, a static program. */
  readonly catatonit: string;
  readonly architecture: string;
}

export async function buildSandboxImage(options: SandboxImageOptions): Promise<Uint8Array> {
  return await buildOciArchive({
    name: sandboxImage,
    architecture: options.architecture,
    files: [{ path: "catatonit", bytes: await readFile(options.catatonit), mode: 0o755 }],
    config: { Entrypoint: ["/catatonit", "-P"], User: "65535:65535", WorkingDir: "/" },
  });
}

export interface ImportOptions {
  readonly ctr: string;
  /** containerd's socket. */
  readonly socket: string;
  /** Where the archive may lie for a moment. */
  readonly directory: string;
}

/** Gives an archive to containerd, into the namespace that CRI uses. Importing what is there already changes nothing. */
export async function importArchive(archive: Uint8Array, options: ImportOptions): Promise<void> {
  const file = `${options.directory}/import-${process.pid}-${Date.now()}.tar`;
  await writeFile(file, archive, { flag: "wx" });
  try {
    await runProgram(options.ctr, ["-a", options.socket, "-n", "k8s.io", "images", "import", file]);
  } finally {
    await rm(file, { force: true });
  }
}
