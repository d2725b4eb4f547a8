// exec, attach and port-forward over the streaming server whose address the runtime hands out. The protocol is Kubernetes'
// v4.channel.k8s.io over SPDY: of all that runtimes speak, only it can end a process's input and still learn its exit code.

import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { AttachOptions, PortForwardSession, ProcessSession } from "../../kubelet/container-runtime.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import type { Duplex } from "../../wire/exchange.ts";
import { SpdyResetError } from "../../wire/spdy-frame.ts";
import type { SpdyStream } from "../../wire/spdy-stream.ts";
import { SpdySession } from "../../wire/spdy.ts";
import { socketDuplex } from "../http/socket-duplex.ts";
import { hostZlib } from "../zlib.ts";

/**
 * A connection that the runtime cannot make is refused within milliseconds, one that stands is not announced: after this long
 * without a refusal it is taken to stand.
 */
const refusalWindowMs = 25;

/** Opens the session behind a URL of the runtime's. @throws RuntimeError with the server's text */
async function connect(url: string, protocol: string, signal: AbortSignal): Promise<SpdySession> {
  signal.throwIfAborted();
  const client = await new Promise<SpdySession>((resolve, reject) => {
    const sent = request(url, {
      method: "POST",
      agent: false,
      signal,
      headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol, "content-length": "0" },
    });
    sent.on("upgrade", (_answer, socket, head) =>
      // Runtimes keep to no windows: the connection's own back-pressure holds a fast writer.
      resolve(new SpdySession(socketDuplex(socket, head), { role: "client", zlib: hostZlib, flowControl: "connection" })),
    );
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
  const abort = (): void => void client.close();
  signal.addEventListener("abort", abort, { once: true });
  void client.closed.then(() => signal.removeEventListener("abort", abort));
  return client;
}

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

export async function openProcess(url: string, options: AttachOptions, signal: AbortSignal): Promise<ProcessSession> {
  const client = await connect(url, "v4.channel.k8s.io", signal);
  const open = async (streamtype: string, wanted: boolean): Promise<SpdyStream | undefined> =>
    wanted ? await client.open({ streamtype }) : undefined;
  const errors = await client.open({ streamtype: "error" });
  const stdin = await open("stdin", options.stdin);
  const stdout = await open("stdout", options.stdout);
  const stderr = await open("stderr", options.stderr);
  const resize = await open("resize", options.tty);
  errors.end();
  stdout?.end();
  stderr?.end();
  const exit = (async () => {
    try {
      return await readExit(
        errors,
        [stdout, stderr].filter((stream) => stream !== undefined),
      );
    } finally {
      // Output that is still unread stays readable; the connection has no further use.
      await client.close();
    }
  })();
  exit.catch(() => undefined); // whoever awaits it sees the failure; nobody need await it
  return {
    ...(stdin && { stdin }),
    stdout: stdout ? untilReset(stdout) : nothing,
    stderr: stderr ? untilReset(stderr) : nothing,
    resize: (width, height) => {
      const size = new TextEncoder().encode(JSON.stringify({ Width: width, Height: height }));
      resize?.write(size).catch(() => undefined); // the process is gone: no terminal to size
    },
    exit,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await client.closed;
    },
  };
}

/** Runtimes end a session by resetting its streams once everything is written: to a reader that is the end. */
async function* untilReset(stream: SpdyStream): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of stream.incoming) yield chunk;
  } catch (error) {
    if (!(error instanceof SpdyResetError)) throw error;
  }
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
  await Promise.all(outputs.map((output) => output.closed));
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
  for await (const chunk of untilReset(stream)) said += decoder.decode(chunk, { stream: true });
  return said + decoder.decode();
}

export async function openPortForward(url: string, signal: AbortSignal): Promise<PortForwardSession> {
  const client = await connect(url, "portforward.k8s.io", signal);
  let requests = 0;
  return {
    connect: async (port) => {
      const headers = { port: String(port), requestid: String(requests++) };
      const errors = await client.open({ ...headers, streamtype: "error" });
      errors.end();
      return await forwarded(errors, await client.open({ ...headers, streamtype: "data" }));
    },
    [Symbol.asyncDispose]: async () => {
      await client.close();
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
    data.destroy();
    throw refused;
  }
  void refusal.then((late) => late && data.destroy(late));
  return {
    incoming: untilReset(data),
    write: (bytes) => data.write(bytes),
    end: () => data.end(),
    destroy: (reason) => data.destroy(reason),
    closed: data.closed,
  };
}
