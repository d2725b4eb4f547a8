// What some verbs need beyond files and connections, and what not every host offers. A verb whose hook is missing says so.

import type { Duplex } from "../../wire/exchange.ts";
import type { Zlib } from "../../wire/spdy.ts";

/** Accepts connections at local addresses (`port-forward`). */
export interface Listen {
  /**
   * Calls `accept` for each connection until disposed. Port 0 takes a free one.
   * @throws Error when the address cannot be bound
   */
  (address: string, port: number, accept: (connection: Duplex) => void): Promise<{ readonly port: number } & AsyncDisposable>;
}

export interface KubectlHooks {
  /** `port-forward` needs both of these. */
  readonly listen?: Listen;
  readonly zlib?: Zlib;
  /**
   * Lets the person change a text in their editor (KUBE_EDITOR, EDITOR, else vi) and returns what they saved. `suffix` ends the
   * temporary file's name.
   */
  readonly editText?: (text: string, suffix: string) => Promise<string>;
  /** A file's bytes, whatever they are; undefined when there is no such file. */
  readonly readBytes?: (path: string) => Promise<Uint8Array | undefined>;
}
