// One gRPC connection to a runtime's unix socket: unary calls and server streams that end with an AbortSignal. A restarted
// containerd is found again within 0.3 s, where gRPC's own defaults would take a second and more.

import { onAbort } from "../../base/on-abort.ts";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import type { Codec } from "./message-table.ts";

/** Every channel to one socket must have the same options: grpc-js shares connections between channels. */
const options = {
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.min_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 300,
  "grpc.max_receive_message_length": 64 << 20,
  "grpc.default_authority": "localhost",
};

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Absent: no limit. */
  readonly timeoutMs?: number | undefined;
}

export class GrpcChannel implements Disposable {
  readonly #client: Client;

  /** `endpoint`: "unix:///run/x.sock" or a plain absolute path. */
  constructor(endpoint: string) {
    this.#client = new Client(endpoint.startsWith("/") ? `unix://${endpoint}` : endpoint, credentials.createInsecure(), options);
  }

  /** @throws ServiceError of grpc-js, or the signal's reason */
  unary<Q, A>(path: string, request: Codec<Q, unknown>, answer: Codec<never, A>, message: Q, call: CallOptions = {}): Promise<A> {
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs } = call;
      if (signal?.aborted) return reject(signal.reason as Error);
      const deadline = timeoutMs === undefined ? {} : { deadline: new Date(Date.now() + timeoutMs) };
      const pending = this.#client.makeUnaryRequest(
        path,
        (value: Q) => request.encode(value),
        (bytes) => answer.decode(bytes),
        message,
        new Metadata(),
        deadline,
        (error, value) => {
          listening?.[Symbol.dispose]();
          if (signal?.aborted) reject(signal.reason as Error);
          else if (error) reject(error);
          else resolve(value!);
        },
      );
      const listening = signal && onAbort(signal, () => pending.cancel());
      return undefined;
    });
  }

  /** Ends quietly when the signal aborts. @throws ServiceError of grpc-js when the stream breaks */
  async *stream<Q, A>(
    path: string,
    request: Codec<Q, unknown>,
    answer: Codec<never, A>,
    message: Q,
    signal: AbortSignal,
  ): AsyncGenerator<A, void> {
    if (signal.aborted) return;
    const pending = this.#client.makeServerStreamRequest(
      path,
      (value: Q) => request.encode(value),
      (bytes) => answer.decode(bytes),
      message,
    );
    const listening = onAbort(signal, () => pending.cancel());
    try {
      for await (const item of pending) yield item as A;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      listening[Symbol.dispose]();
      pending.cancel();
    }
  }

  /** Resolves once the connection stands. @throws Error when it does not within `timeoutMs` */
  ready(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(Date.now() + timeoutMs, (error) => (error ? reject(error) : resolve()));
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

export function isUnimplemented(error: unknown): boolean {
  return isServiceError(error) && error.code === status.UNIMPLEMENTED;
}
