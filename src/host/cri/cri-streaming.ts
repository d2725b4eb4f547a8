// exec, attach and port-forward over the streaming server whose address the runtime hands out. The protocol is Kubernetes'
// v4.channel.k8s.io over SPDY: of all that runtimes speak, only it can end a process's input and still learn its exit code.

import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { AttachOptions, PortForwardSession, ProcessSession } from "../../kubelet/container-runtime.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import type { Duplex } from "../../wire/exchange.ts";
import type { SpdyStream } from "./spdy-client.ts";
import { SpdyClient } from "./spdy-client.ts";

/**
 * A connection that the runtime cannot make is refused within milliseconds, one that stands is not announced: after this long
 * without a refusal it is taken to stand.
 */
const refusalWindowMs = 25;

/** Opens the session behind a URL of the runtime's. @throws RuntimeError with the server's text */
async function connect(url: string, protocol: string, signal: AbortSignal): Promise<SpdyClient> {
  signal.throwIfAborted();
  const client = await new Promise<SpdyClient>((resolve, reject) => {
    const sent = request(url, {
      method: "POST",
      agent: false,
      signal,
      headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol, "content-length": "0" },
    });
    sent.on("upgrade", (_answer, socket, head) => resolve(new SpdyClient(socket, head)));
    sent.on("response", (answer) => {
      text(answer).then(
        (body) => reject(new RuntimeError("unknown", `the runtime refuses to stream: ${answer.statusCode} ${body.trim()}`)),
        reject,
      );
    });
    sent.on("error", (error) => {
      reject(
        signal.aborted ? (signal.reason as Error) : new RuntimeError("unavailable", `cannot reach the runtime's streams: ${error.message}`),
      );
    });
    sent.end();
  });
  const abort = (): void => client.destroy();
  signal.addEventListener("abort", abort, { once: true });
  void client.closed.then(() => signal.removeEventListener("abort", abort));
  return client;
}

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

export async function openProcess(url: string, options: AttachOptions, signal: AbortSignal): Promise<ProcessSession> {
  const client = await connect(url, "v4.channel.k8s.io", signal);
  const errors = client.open({ streamtype: "error" });
  errors.end();
  const stdin = options.stdin ? client.open({ streamtype: "stdin" }) : undefined;
  const stdout = options.stdout ? client.open({ streamtype: "stdout" }) : undefined;
  const stderr = options.stderr ? client.open({ streamtype: "stderr" }) : undefined;
  const resize = options.tty ? client.open({ streamtype: "resize" }) : undefined;
  stdout?.end();
  stderr?.end();
  const exit = readExit(
    errors,
    [stdout, stderr].filter((stream) => stream !== undefined),
  ).finally(() => {
    // Output that is still unread stays readable; the connection has no further use.
    client.destroy();
  });
  exit.catch(() => undefined); // whoever awaits it sees the failure; nobody need await it
  return {
    ...(stdin && { stdin }),
    stdout: stdout?.incoming ?? nothing,
    stderr: stderr?.incoming ?? nothing,
    resize: (width, height) => {
      const size = new TextEncoder().encode(JSON.stringify({ Width: width, Height: height }));
      resize?.write(size).catch(() => undefined); // the process is gone: no terminal to size
    },
    exit,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await client.closed;
    },
  };
}

interface StatusMessage {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

async function readExit(errors: SpdyStream, outputs: readonly SpdyStream[]): Promise<number> {
  let said: string;
  try {
    said = await collect(errors);
  } catch (error) {
    throw new RuntimeError("unknown", `the session broke: ${(error as Error).message}`);
  }
  await Promise.all(outputs.map((output) => output.finished));
  return exitCodeOf(said);
}

/** A `metav1.Status` as the runtime writes it on the error stream when the process has ended. @throws RuntimeError for other failures */
export function exitCodeOf(said: string): number {
  let status: StatusMessage;
  try {
    status = JSON.parse(said) as StatusMessage;
  } catch {
    throw new RuntimeError("unknown", said === "" ? "the session ended without a status" : said);
  }
  if (status.status === "Success") return 0;
  const code = status.details?.causes?.find((cause) => cause.reason === "ExitCode")?.message;
  if (status.reason === "NonZeroExitCode" && code !== undefined) return Number(code);
  throw new RuntimeError("unknown", status.message ?? said);
}

async function collect(stream: SpdyStream): Promise<string> {
  const decoder = new TextDecoder();
  let said = "";
  for await (const chunk of stream.incoming) said += decoder.decode(chunk, { stream: true });
  return said + decoder.decode();
}

export async function openPortForward(url: string, signal: AbortSignal): Promise<PortForwardSession> {
  const client = await connect(url, "portforward.k8s.io", signal);
  let requests = 0;
  return {
    connect: async (port) => {
      const headers = { port: String(port), requestid: String(requests++) };
      const errors = client.open({ ...headers, streamtype: "error" });
      errors.end();
      return await forwarded(errors, client.open({ ...headers, streamtype: "data" }));
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await client.closed;
    },
  };
}

async function forwarded(errors: SpdyStream, data: SpdyStream): Promise<Duplex> {
  const refusal = collect(errors).then(
    (said) => (said === "" ? undefined : new RuntimeError("unknown", said.trim())),
    () => undefined, // reset together with its data
  );
  let timer: NodeJS.Timeout | undefined;
  const stands = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), refusalWindowMs)));
  const refused = await Promise.race([refusal, stands]);
  clearTimeout(timer);
  if (refused !== undefined) {
    data.reset();
    throw refused;
  }
  let endedHere: () => void = () => undefined;
  const here = new Promise<void>((resolve) => (endedHere = resolve));
  const destroy = (): void => {
    endedHere();
    data.reset();
  };
  void refusal.then((late) => late && destroy());
  return {
    incoming: data.incoming,
    write: (bytes) => data.write(bytes),
    end: () => {
      data.end();
      endedHere();
    },
    destroy,
    closed: Promise.all([here, data.finished]).then(() => undefined),
  };
}
