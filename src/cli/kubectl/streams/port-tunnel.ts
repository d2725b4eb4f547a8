// One tunnel to a pod, many connections in it: SPDY inside a WebSocket, two streams a connection, as the port-forward
// subresource wants it (KEP-4006).

import { portForwardTunnelProtocol } from "../../../wire/channel-framing.ts";
import { joinDuplexes } from "../../../wire/duplex.ts";
import type { Duplex } from "../../../wire/exchange.ts";
import type { Zlib } from "../../../wire/spdy.ts";
import { SpdySession } from "../../../wire/spdy.ts";
import { webSocketDuplex } from "../../../wire/websocket.ts";
import type { ServerConnection } from "../server-connection.ts";

export class PortTunnel implements AsyncDisposable {
  /** Resolves when the connection to the pod is lost. */
  readonly closed: Promise<void>;
  readonly #spdy: SpdySession;
  #nextRequest = 0;

  private constructor(spdy: SpdySession) {
    this.#spdy = spdy;
    this.closed = spdy.closed.catch(() => undefined); // however it ends, it is over
  }

  /** `target`: path of the pod's portforward subresource. @throws StatusError when the server refuses */
  static async open(server: ServerConnection, target: string, zlib: Zlib, signal: AbortSignal): Promise<PortTunnel> {
    const socket = await server.webSocket(target, [portForwardTunnelProtocol], signal);
    return new PortTunnel(new SpdySession(webSocketDuplex(socket), { role: "client", zlib, flowControl: "connection" }));
  }

  /** Joins a connection with a port of the pod until both are over. @throws Error with what the pod's node said */
  async carry(connection: Duplex, port: number): Promise<void> {
    const requestid = String(this.#nextRequest++);
    const failures = await this.#spdy.open({ streamtype: "error", port: String(port), requestid });
    failures.end();
    const data = await this.#spdy.open({ streamtype: "data", port: String(port), requestid });
    const said = readAll(failures);
    await joinDuplexes(connection, data);
    const failure = await said;
    if (failure !== "") throw new Error(failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spdy.close();
  }
}

async function readAll(stream: Duplex): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of stream.incoming) text += decoder.decode(chunk, { stream: true });
  } catch {
    // The tunnel broke; what was said before counts.
    return text;
  }
  return text;
}
