// Streams of processes that do not exist: what exec, attach and port-forward of a simulated runtime are joined to.

import { Channel } from "../base/channel.ts";
import type { ProcessSession } from "../kubelet/container-runtime.ts";
import { RuntimeError } from "../kubelet/container-runtime.ts";
import { duplexPair } from "../wire/duplex.ts";
import type { Duplex } from "../wire/exchange.ts";

/** Beyond it a writer is told that nobody reads. */
const maxWaitingChunks = 10_000;
const encoder = new TextEncoder();

async function* chunks(text: string): AsyncIterable<Uint8Array> {
  if (text !== "") yield encoder.encode(text);
}

/** A process that has said all that it has to say and ends with this code. */
export function finishedSession(stdout: string, stderr: string, exitCode: number, stdin: boolean): ProcessSession {
  return {
    ...(stdin && { stdin: { write: async () => {}, end() {} } }),
    stdout: chunks(stdout),
    stderr: chunks(stderr),
    resize() {},
    exit: Promise.resolve(exitCode),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A process that gives back its input until that ends. */
export function echoSession(): ProcessSession {
  const out = new Channel<Uint8Array>(maxWaitingChunks);
  let finish!: (code: number) => void;
  const exit = new Promise<number>((resolve) => (finish = resolve));
  const end = (): void => {
    out.close();
    finish(0);
  };
  return {
    stdin: {
      write: async (bytes) => {
        if (!out.push(bytes)) throw new RuntimeError("unknown", "process has ended");
      },
      end,
    },
    stdout: out,
    stderr: chunks(""),
    resize() {},
    exit,
    [Symbol.asyncDispose]: async () => end(),
  };
}

/** A connection to somebody who gives everything back. */
export function echoDuplex(): Duplex {
  const [near, far] = duplexPair();
  const echo = async (): Promise<void> => {
    for await (const chunk of far.incoming) await far.write(chunk);
    far.end();
  };
  echo().catch((error: unknown) => far.destroy(error as Error));
  return near;
}
