// Joins a process in a container with a client far away, and tells the client how it ended.

import type { ProcessSession } from "../container-runtime.ts";
import type { RemoteStreams } from "./remote-streams.ts";

const encoder = new TextEncoder();

/** Resolves when the client has its final status or is gone. */
export async function bridgeProcess(process: ProcessSession, remote: RemoteStreams): Promise<void> {
  const forward = (async () => {
    for await (const input of remote.input) {
      if (input.type === "resize") process.resize(input.width, input.height);
      else if (input.type === "stdin-end") process.stdin?.end();
      else await process.stdin?.write(input.bytes);
    }
  })();
  // A client that breaks off ends up in `closed`; a process that reads no more does not end the session.
  forward.catch(() => undefined);
  const copy = async (from: AsyncIterable<Uint8Array>, to: (bytes: Uint8Array) => Promise<void>): Promise<void> => {
    for await (const bytes of from) if (bytes.length > 0) await to(bytes);
  };
  const run = (async (): Promise<Uint8Array> => {
    const copies = Promise.all([
      copy(process.stdout, (bytes) => remote.stdout(bytes)),
      copy(process.stderr, (bytes) => remote.stderr(bytes)),
    ]);
    copies.catch(() => undefined); // awaited below, once the process has ended
    try {
      const exitCode = await process.exit;
      await copies;
      return exitStatus(exitCode);
    } catch (error) {
      return internalStatus((error as Error).message);
    }
  })();
  const status = await Promise.race([run, remote.closed.then(() => undefined)]);
  try {
    if (status) await remote.finish(status);
  } catch {
    // The client has gone; nobody is left to be told.
  } finally {
    await process[Symbol.asyncDispose]();
  }
}

/** metav1.Status as v4.channel.k8s.io carries it on the error channel. */
function exitStatus(exitCode: number): Uint8Array {
  const status =
    exitCode === 0
      ? { metadata: {}, status: "Success" }
      : {
          metadata: {},
          status: "Failure",
          message: `command terminated with non-zero exit code: exit code ${exitCode}`,
          reason: "NonZeroExitCode",
          details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
        };
  return encoder.encode(JSON.stringify(status));
}

const internalStatus = (message: string): Uint8Array =>
  encoder.encode(
    JSON.stringify({ metadata: {}, status: "Failure", message, reason: "InternalError", details: { causes: [{ message }] }, code: 500 }),
  );
