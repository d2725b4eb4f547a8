// Two connected ends of an in-memory connection, and the joining of two connections by a proxy.

import { Channel } from "../base/channel.ts";
import type { Duplex } from "./exchange.ts";

const maxWaitingChunks = 256;

class End implements Duplex {
  readonly incoming: AsyncIterable<Uint8Array>;
  readonly inbox: Channel<Uint8Array>;
  far!: End;
  readonly closed: Promise<void>;
  #resolveClosed!: () => void;
  #drained: (() => void)[] = [];
  #endedOut = false;
  #endedIn = false;

  constructor() {
    this.inbox = new Channel<Uint8Array>(Number.MAX_SAFE_INTEGER, () => this.destroy());
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const inbox = this.inbox;
    const drained = (): void => {
      if (inbox.size < maxWaitingChunks) this.far.wakeWriters();
    };
    this.incoming = {
      [Symbol.asyncIterator]: () => {
        const reader = inbox[Symbol.asyncIterator]();
        return {
          next: async () => {
            const step = await reader.next();
            drained();
            return step;
          },
          return: async () => {
            await reader.return?.();
            return { done: true as const, value: undefined };
          },
        };
      },
    };
  }

  wakeWriters(): void {
    const waiting = this.#drained;
    this.#drained = [];
    for (const wake of waiting) wake();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#endedOut || !this.far.inbox.push(bytes)) throw new Error("connection closed");
    if (this.far.inbox.size >= maxWaitingChunks) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  end(): void {
    if (this.#endedOut) return;
    this.#endedOut = true;
    this.far.inbox.close();
    this.far.peerEnded();
    this.#settle();
  }

  peerEnded(): void {
    this.#endedIn = true;
    this.#settle();
  }

  destroy(reason?: Error): void {
    const wasOpen = !this.#endedOut || !this.#endedIn;
    this.#endedOut = true;
    this.#endedIn = true;
    this.inbox.close(reason);
    this.far.inbox.close(reason);
    this.wakeWriters();
    this.#settle();
    if (wasOpen) this.far.destroy(reason);
  }

  #settle(): void {
    if (this.#endedOut && this.#endedIn) this.#resolveClosed();
  }
}

/** Two ends of one in-memory connection; a writer waits while the far end has 256 unread chunks. */
export function duplexPair(): [Duplex, Duplex] {
  const near = new End();
  const far = new End();
  near.far = far;
  far.far = near;
  return [near, far];
}

/** Copies both ways until both directions are over; a failure on one side closes both. */
export async function joinDuplexes(left: Duplex, right: Duplex): Promise<void> {
  const copy = async (from: Duplex, to: Duplex): Promise<void> => {
    try {
      for await (const chunk of from.incoming) await to.write(chunk);
      to.end();
    } catch (error) {
      left.destroy(error as Error);
      right.destroy(error as Error);
    }
  };
  await Promise.all([copy(left, right), copy(right, left)]);
}
