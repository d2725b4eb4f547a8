import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex as NodeDuplex } from "node:stream";
import { createInflate } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { silentLog } from "../../base/log.ts";
import type { RuntimeHint } from "../../kubelet/container-runtime.ts";
import { realClock } from "../clock.ts";
import { readEvent } from "./containerd-events.ts";
import { criEnums, criMessages, criServices } from "./cri-messages.ts";
import { CriRuntime } from "./cri-runtime.ts";
import { exitCodeOf } from "./cri-streaming.ts";
import { MessageCodecs } from "./message-table.ts";
import { compare } from "./runtime-hints.ts";
import { SpdyClient } from "./spdy-client.ts";

const codecs = new MessageCodecs(criMessages, criEnums);

describe("messages", () => {
  test("every type that the table names is in it, and no field number is used twice", () => {
    const scalars = ["string", "bool", "bytes", "int32", "int64", "uint32", "uint64", "map"];
    for (const [message, fields] of Object.entries(criMessages)) {
      const numbers = Object.values(fields).map(([number]) => number);
      expect(new Set(numbers).size, message).toBe(numbers.length);
      for (const [, type] of Object.values(fields) as [number, string][]) {
        const plain = type.replace("[]", "");
        expect(scalars.includes(plain) || plain in criMessages || plain in criEnums, `${message}: ${type}`).toBe(true);
      }
      expect(() => codecs.of(message as keyof typeof criMessages).encode({})).not.toThrow();
    }
  });

  test("zero values, enums by name, maps, 64-bit numbers", () => {
    const codec = codecs.of("PodSandboxStatus");
    const bytes = codec.encode({ id: "a", state: "SANDBOX_NOTREADY", created_at: 1_700_000_000_123 * 1e6 + 456_000, labels: { k: "v" } });
    expect(codec.decode(bytes)).toMatchObject({
      id: "a",
      state: "SANDBOX_NOTREADY",
      labels: { k: "v" },
      annotations: {},
      metadata: null,
      runtime_handler: "",
    });
    expect(Math.floor(codec.decode(bytes).created_at / 1e6)).toBe(1_700_000_000_123);
  });

  test("containerd's events by topic; the exit of an exec'd process is none of ours", () => {
    const events = new MessageCodecs(
      {
        TaskExit: { container_id: [1, "string"], id: [2, "string"], exit_status: [4, "uint32"], exited_at: [5, "T"] },
        T: { seconds: [1, "int64"] },
      },
      {},
    ).of("TaskExit");
    const exit = events.encode({ container_id: "c", id: "c", exit_status: 137, exited_at: { seconds: 5 } });
    expect(readEvent("/tasks/exit", exit)).toEqual({ type: "exit", id: "c", exitCode: 137, atMs: 5000 });
    expect(readEvent("/tasks/exit", events.encode({ container_id: "c", id: "exec-1" }))).toBeUndefined();
    expect(readEvent("/tasks/paused", exit)).toBeUndefined();
  });
});

describe("a runtime that is not containerd", () => {
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).toReversed()) await close();
  });

  type Answer = (request: unknown) => object;

  async function serve(answers: Record<string, Answer>): Promise<CriRuntime> {
    const directory = await mkdtemp(join(tmpdir(), "timonier-cri-"));
    const server = new Server();
    for (const [service, methods] of Object.entries(criServices)) {
      const definition = Object.fromEntries(
        Object.entries(methods as Record<string, readonly [keyof typeof criMessages, keyof typeof criMessages]>)
          .filter(([name]) => name in answers)
          .map(([name, [request, answer]]) => [
            name,
            {
              path: `/${service}/${name}`,
              requestStream: false,
              responseStream: false,
              requestSerialize: (value: never) => codecs.of(request).encode(value),
              requestDeserialize: (bytes: Buffer) => codecs.of(request).decode(bytes),
              responseSerialize: (value: never) => codecs.of(answer).encode(value),
              responseDeserialize: (bytes: Buffer) => codecs.of(answer).decode(bytes),
            },
          ]),
      );
      const handlers = Object.fromEntries(
        Object.keys(definition).map((name) => [
          name,
          (call: ServerUnaryCall<unknown, object>, reply: sendUnaryData<object>) => {
            try {
              const answer = answers[name]!(call.request);
              if (!(answer instanceof Promise)) reply(null, answer);
            } catch (error) {
              reply(error as Error & { code: number });
            }
          },
        ]),
      );
      if (Object.keys(handlers).length > 0) server.addService(definition as never, handlers);
    }
    const socket = join(directory, "cri.sock");
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())),
    );
    const runtime = new CriRuntime({ endpoint: socket, clock: realClock(), log: silentLog });
    open.push(async () => {
      runtime[Symbol.dispose]();
      server.forceShutdown();
      await rm(directory, { recursive: true });
    });
    return runtime;
  }

  const failing =
    (code: number, details: string): Answer =>
    () => {
      throw Object.assign(new Error(details), { code, details });
    };

  test("failures have the codes that the kubelet acts on, and the runtime's words", async () => {
    const runtime = await serve({
      StopContainer: failing(status.NOT_FOUND, "no such container"),
      ContainerStatus: failing(status.NOT_FOUND, "no such container"),
      ExecSync: failing(status.DEADLINE_EXCEEDED, "timed out"),
      PullImage: failing(status.UNKNOWN, "failed to parse reference: invalid reference format"),
      Version: failing(status.UNKNOWN, "server is not initialized yet"),
    });
    await runtime.stopContainer("gone", 0);
    const message = "rpc error: code = NotFound desc = no such container";
    await expect(runtime.containerStatus("gone")).rejects.toMatchObject({ code: "not-found", message });
    await expect(runtime.execSync("c", ["x"], 1)).rejects.toMatchObject({ code: "timeout" });
    await expect(runtime.pullImage("A:B:C", undefined, undefined)).rejects.toMatchObject({ code: "invalid" });
    await expect(runtime.version()).rejects.toMatchObject({ code: "unavailable" });
    await expect(runtime.listImages()).rejects.toMatchObject({ code: "unknown" });
  });

  test("a call ends with its signal, with the signal's reason", async () => {
    const stop = new AbortController();
    const runtime = await serve({ Version: () => new Promise(() => undefined) });
    const call = runtime.version(stop.signal);
    setTimeout(() => stop.abort(new Error("enough")), 20);
    await expect(call).rejects.toThrow("enough");
    await expect(runtime.version(stop.signal)).rejects.toThrow("enough");
  });

  test("a runtime that is not there is unavailable, and that is no hint to end", async () => {
    using runtime = new CriRuntime({ endpoint: "/nonexistent/cri.sock", clock: realClock(), log: silentLog });
    await expect(runtime.version()).rejects.toMatchObject({ code: "unavailable" });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const hints: RuntimeHint[] = [];
    for await (const hint of runtime.events(stop.signal)) hints.push(hint);
    expect(hints).toEqual([]);
  });

  test("without any event service, changes are seen by looking", async () => {
    let state = "CONTAINER_RUNNING";
    const runtime = await serve({
      Status: () => ({ status: { conditions: [] } }),
      ListContainers: () => ({ containers: [{ id: "c1", state }] }),
      ListPodSandbox: () => ({ items: [{ id: "s1" }] }),
    });
    const stop = new AbortController();
    const hints: RuntimeHint[] = [];
    for await (const hint of runtime.events(stop.signal)) {
      if (hint.type === "connected") state = "CONTAINER_EXITED";
      if (hint.type === "container-exited") stop.abort();
      hints.push(hint);
    }
    expect(hints.at(-1)).toEqual({ type: "container-exited", containerId: "c1" });
    expect(hints.some((hint) => hint.type === "connected")).toBe(true);
  });
});

test("two looks at a runtime, compared", () => {
  const before = new Map([
    ["run", "running"],
    ["gone", "running"],
    ["box", "ready"],
  ]);
  const now = new Map([
    ["run", "exited"],
    ["new", "running"],
    ["box", "not-ready"],
  ]);
  expect(compare(before, now, new Set(["box"]))).toEqual([
    { type: "container-exited", containerId: "run" },
    { type: "container-started", containerId: "new" },
    { type: "sandbox-exited", sandboxId: "box" },
    { type: "container-removed", containerId: "gone" },
  ]);
});

test("the exit code is in the status that ends a session", () => {
  expect(exitCodeOf('{"metadata":{},"status":"Success"}')).toBe(0);
  const failure = {
    status: "Failure",
    reason: "NonZeroExitCode",
    message: "m",
    details: { causes: [{ reason: "ExitCode", message: "42" }] },
  };
  expect(exitCodeOf(JSON.stringify(failure))).toBe(42);
  expect(() => exitCodeOf('{"status":"Failure","reason":"InternalError","message":"no such program"}')).toThrow("no such program");
  expect(() => exitCodeOf("")).toThrow("without a status");
});

describe("SPDY", () => {
  /** A server that shows what the client sends and lets the test send frames. */
  async function pair(): Promise<{ client: SpdyClient; far: NodeDuplex; close: () => void }> {
    let take!: (socket: NodeDuplex) => void;
    const upgraded = new Promise<NodeDuplex>((resolve) => (take = resolve));
    const server = createServer().listen(0, "127.0.0.1");
    server.on("upgrade", (_request, socket: NodeDuplex) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
      take(socket);
    });
    await new Promise((resolve) => server.once("listening", resolve));
    const { request } = await import("node:http");
    const sent = request({ port: (server.address() as AddressInfo).port, headers: { connection: "Upgrade", upgrade: "SPDY/3.1" } });
    const client = new Promise<SpdyClient>((resolve) => sent.on("upgrade", (_a, socket, head) => resolve(new SpdyClient(socket, head))));
    sent.end();
    const far = await upgraded;
    return { client: await client, far, close: () => server.close() };
  }

  async function frame(far: NodeDuplex): Promise<Buffer> {
    for (;;) {
      const header = far.read(8) as Buffer | null;
      if (header !== null) {
        const length = header.readUIntBE(5, 3);
        for (;;) {
          if (length === 0) return header;
          const payload = far.read(length) as Buffer | null;
          if (payload !== null) return Buffer.concat([header, payload]);
          await new Promise((resolve) => far.once("readable", resolve));
        }
      }
      await new Promise((resolve) => far.once("readable", resolve));
    }
  }
  const data = (id: number, text: string, fin: boolean): Buffer => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(id, 0);
    header.writeUInt32BE(text.length, 4);
    header[4] = fin ? 1 : 0;
    return Buffer.concat([header, Buffer.from(text)]);
  };

  test("streams open with headers that zlib reads, carry data both ways, end separately; pings come back", async () => {
    const { client, far, close } = await pair();
    const first = client.open({ streamtype: "error" });
    const second = client.open({ streamtype: "stdin", port: "80" });
    const opened = [await frame(far), await frame(far)];
    expect(opened.map((bytes) => bytes.readUInt32BE(0))).toEqual([0x80030001, 0x80030001]);
    expect(opened.map((bytes) => bytes.readUInt32BE(8))).toEqual([1, 3]);
    // One zlib stream for all header blocks. Node asks for the dictionary only by its checksum, which an empty one fails.
    expect(opened[0]!.subarray(18, 24).toString("hex")).toBe("78bbe3c6a7c2");
    const inflated: Buffer[] = [];
    const inflate = createInflate();
    inflate.on("data", (chunk: Buffer) => inflated.push(chunk));
    // The same blocks under a header without dictionary: stored blocks never refer to it.
    inflate.write(Buffer.concat([Buffer.from([0x78, 0x01]), opened[0]!.subarray(24), opened[1]!.subarray(18)]));
    await new Promise<void>((resolve) => inflate.flush(resolve));
    const text = Buffer.concat(inflated).toString("latin1");
    expect(text).toContain("\0\0\0\x0astreamtype\0\0\0\x05error");
    expect(text).toContain("\0\0\0\x02\0\0\0\x0astreamtype\0\0\0\x05stdin\0\0\0\x04port\0\0\0\x0280");

    await second.write(new TextEncoder().encode("abc"));
    second.end();
    expect(await frame(far)).toEqual(data(3, "abc", false));
    expect(await frame(far)).toEqual(data(3, "", true));

    const ping = Buffer.from([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2]);
    // Frames cut anywhere.
    const bytes = Buffer.concat([ping, data(1, "hello", false), data(1, " you", true)]);
    for (const byte of bytes) far.write(Buffer.from([byte]));
    expect(await frame(far)).toEqual(ping);
    let said = "";
    for await (const chunk of first.incoming) said += new TextDecoder().decode(chunk);
    expect(said).toBe("hello you");
    await first.finished;

    far.destroy();
    await client.closed;
    await expect(
      (async () => {
        for await (const _ of second.incoming);
      })(),
    ).rejects.toThrow("closed the connection");
    await expect(second.write(new Uint8Array(1))).rejects.toThrow("closed");
    close();
  });
});
