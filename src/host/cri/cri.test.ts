import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
