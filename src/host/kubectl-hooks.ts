// What some of kubectl's verbs need of this machine: ports to listen on, an editor, files as bytes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubectlHooks, Listen } from "../cli/kubectl/hooks.ts";
import { socketDuplex } from "./http/socket-duplex.ts";
import { hostZlib } from "./zlib.ts";

const listen: Listen = async (address, port, accept) => {
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    accept(socketDuplex(socket));
  });
  server.listen(port, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

async function editText(text: string, suffix: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "kubectl-edit-"));
  const path = join(directory, suffix);
  try {
    await writeFile(path, text, { mode: 0o600 });
    const editor = process.env["KUBE_EDITOR"] || process.env["EDITOR"] || "vi";
    // An editor may be a command with arguments, so the shell reads it; the path goes in as its own word.
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0) throw new Error(`the editor (${editor}) ended with ${code ?? "a signal"}; nothing was changed`);
    return await readFile(path, "utf8");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const kubectlHooks: KubectlHooks = {
  listen,
  zlib: hostZlib,
  editText,
  async readBytes(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  },
};
