// Port-forward: for every connection the client opens two SPDY streams, one for errors and one for data, that name the port
// and share a request id. SPDY comes on the connection itself or inside a WebSocket (what kubectl speaks today).

import { portForwardTunnelProtocol } from "../../wire/channel-framing.ts";
import { duplexPair, joinDuplexes } from "../../wire/duplex.ts";
import type { Duplex, Request, Response } from "../../wire/exchange.ts";
import type { Zlib } from "../../wire/spdy.ts";
import { SpdySession } from "../../wire/spdy.ts";
import type { SpdyStream } from "../../wire/spdy-stream.ts";
import { acceptWebSocket, isWebSocketRequest, webSocketDuplex } from "../../wire/websocket.ts";
import type { PortForwardSession } from "../container-runtime.ts";
import { errorResponse } from "./responses.ts";

const protocol = "portforward.k8s.io";
/** Requests of which only one of the two streams has come. */
const maxHalfOpen = 100;

export function upgradePortForward(request: Request): { readonly response: Response; readonly duplex?: Duplex } {
  if (isWebSocketRequest(request)) {
    const accepted = acceptWebSocket(request, { protocols: [portForwardTunnelProtocol] });
    return accepted.session ? { response: accepted.response, duplex: webSocketDuplex(accepted.session) } : { response: accepted.response };
  }
  if ((request.headers["upgrade"] ?? "").toLowerCase() !== "spdy/3.1")
    return { response: errorResponse(400, "unable to upgrade: missing upgrade headers in request") };
  const offered = (request.headers["x-stream-protocol-version"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(protocol))
    return {
      response: errorResponse(
        403,
        `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(" ")}], server accepts [${protocol}]`,
      ),
    };
  const [near, far] = duplexPair();
  return {
    response: { status: 101, headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol }, duplex: far },
    duplex: near,
  };
}

/** Serves connections until the client goes or the signal aborts. `what` names the pod in error texts. */
export async function servePortForward(
  duplex: Duplex,
  target: PortForwardSession,
  zlib: Zlib,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const session = new SpdySession(duplex, { role: "server", zlib, flowControl: "connection" });
  const halfOpen = new Map<string, SpdyStream>();
  const stop = (): void => void session.close();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const connections = new Set<Promise<void>>();
  try {
    for await (const stream of session.incoming) {
      const id = stream.headers["requestid"] ?? "";
      const other = halfOpen.get(id);
      if (!other || other.headers["streamtype"] === stream.headers["streamtype"]) {
        if (halfOpen.size >= maxHalfOpen) stream.destroy(new Error("too many requests lack their second stream"));
        else halfOpen.set(id, stream);
        continue;
      }
      halfOpen.delete(id);
      const [data, error] = stream.headers["streamtype"] === "data" ? [stream, other] : [other, stream];
      const connection = forwardOne(data, error, target, what).finally(() => connections.delete(connection));
      connections.add(connection);
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await session.close();
    await Promise.allSettled(connections);
    await target[Symbol.asyncDispose]();
  }
}

async function forwardOne(data: SpdyStream, error: SpdyStream, target: PortForwardSession, what: string): Promise<void> {
  const port = Number(data.headers["port"]);
  try {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`invalid port ${data.headers["port"]}`);
    const connection = await target.connect(port);
    await joinDuplexes(data, connection);
  } catch (failure) {
    const text = `error forwarding port ${data.headers["port"]} to pod ${what}: ${(failure as Error).message}`;
    // The client may have gone meanwhile.
    await error.write(new TextEncoder().encode(text)).catch(() => undefined);
    data.end();
  }
  error.end();
}
