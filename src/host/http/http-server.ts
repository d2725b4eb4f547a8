// An Exchange on a socket: HTTP/2 and HTTP/1.1 over TLS on one port, or plain HTTP/1.1 where no secrets pass.

import { constants as cryptoConstants } from "node:crypto";
import type { Server, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import type { TLSSocket } from "node:tls";
import { createServer as createTlsServer } from "node:tls";
import type { Server as TlsServer } from "node:tls";
import type { Activity } from "../../base/activity.ts";
import { uncounted } from "../../base/activity.ts";
import { CancelledError } from "../../base/assert.ts";
import type { Log } from "../../base/log.ts";
import type { Exchange } from "../../wire/exchange.ts";
import type { InFlight, Serving } from "./http-request.ts";
import { peerOf } from "./http-request.ts";
import { http1Path } from "./http1-path.ts";
import { http2Path } from "./http2-path.ts";

export interface ServeTls {
  readonly certPem: string;
  readonly keyPem: string;
  /** CAs of client certificates. A certificate from elsewhere is ignored: its bearer is as anonymous as one without. */
  readonly clientCaPem?: string;
}

export interface ServeOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Without it: plain HTTP/1.1. */
  readonly tls?: ServeTls;
  readonly log: Log;
  readonly activity?: Activity;
  /** How long disposal waits for requests that have begun; endless streams and upgrades are ended at once. Default 5 s. */
  readonly graceMs?: number;
  /** Most connections at once. Default 10,000. */
  readonly maxConnections?: number;
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  /** New connections get these certificates; those that stand keep theirs. */
  reload(tls: ServeTls): void;
}

const handshakeTimeoutMs = 10_000;

/** Rejects when the address cannot be listened on. */
export async function serve(exchange: Exchange, options: ServeOptions): Promise<HttpServer> {
  const inFlight = new Set<InFlight>();
  const sockets = new Set<Socket>();
  let onEmpty: (() => void) | undefined;
  const serving: Serving = {
    exchange,
    log: options.log,
    activity: options.activity ?? uncounted,
    inFlight,
    onEnd: () => {
      if (inFlight.size === 0) onEmpty?.();
    },
  };
  const acceptHttp1 = http1Path(serving);
  const acceptHttp2 = http2Path(serving);
  const closeSessions = new Set<() => void>();

  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", (error) => {
      options.log.debug("a connection failed", { error });
      socket.destroy();
    });
  };

  const server = options.tls ? listenTls(options.tls) : createTcpServer({ allowHalfOpen: true });
  if (options.tls) {
    // The TCP connection is followed from the start, so that one that never finishes its handshake is closed too.
    server.on("connection", track);
    server.on("secureConnection", (socket: TLSSocket) => {
      track(socket);
      const peer = peerOf(socket);
      if (socket.alpnProtocol !== "h2") {
        // An upgraded connection may be closed in one direction only; during the handshake that would be a leak.
        socket.allowHalfOpen = true;
        acceptHttp1(socket, peer);
        return;
      }
      const session = acceptHttp2(socket, peer);
      const close = (): void => session.close();
      closeSessions.add(close);
      session.once("close", () => closeSessions.delete(close));
    });
    server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      options.log.debug("a TLS handshake failed", { error });
      socket.destroy();
    });
  } else {
    server.on("connection", (socket: Socket) => {
      track(socket);
      acceptHttp1(socket, peerOf(socket));
    });
  }
  server.maxConnections = options.maxConnections ?? 10_000;
  await listen(server, options.host, options.port);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const request of inFlight) if (request.endless) request.abort.abort(new CancelledError("the server is shutting down"));
    for (const closeSession of closeSessions) closeSession();
    if ([...inFlight].some((request) => !request.endless)) await graceful();
    for (const request of inFlight) request.abort.abort(new CancelledError("the server is shutting down"));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  /** Resolves when nothing is in flight any more, or when the grace is over. */
  async function graceful(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, options.graceMs ?? 5_000);
      onEmpty = () => {
        clearTimeout(timer);
        // The last bytes are with the kernel after one more turn.
        setImmediate(resolve);
      };
    });
  }

  let ended: Promise<void> | undefined;
  return {
    port,
    reload: (tls) => {
      if (options.tls) (server as TlsServer).setSecureContext(contextOf(tls));
    },
    [Symbol.asyncDispose]: () => (ended ??= close()),
  };
}

function contextOf(tls: ServeTls): { cert: string; key: string; ca?: string; minVersion: "TLSv1.2"; secureOptions: number } {
  return {
    cert: tls.certPem,
    key: tls.keyPem,
    ...(tls.clientCaPem !== undefined && { ca: tls.clientCaPem }),
    minVersion: "TLSv1.2",
    // A resumed session would carry the verdict on a client certificate over a change of the CA.
    secureOptions: cryptoConstants.SSL_OP_NO_TICKET,
  };
}

function listenTls(tls: ServeTls): TlsServer {
  return createTlsServer({
    ...contextOf(tls),
    ALPNProtocols: ["h2", "http/1.1"],
    requestCert: tls.clientCaPem !== undefined,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? "another process listens there already"
          : error.code === "EACCES"
            ? "this user may not"
            : error.code === "EADDRNOTAVAIL"
              ? "this machine does not have that address"
              : error.message;
      reject(new Error(`cannot listen on ${host}:${port}: ${why}`, { cause: error }));
    });
    server.listen({ host, port, backlog: 1_024 }, () => {
      server.removeAllListeners("error");
      server.on("error", () => undefined); // an accept that failed (out of files) is the client's loss, not the server's end
      resolve();
    });
  });
}
