// UDP and TCP sockets of the cluster's name server.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket as TcpSocket } from "node:net";
import type { Log } from "../../base/log.ts";
import type { DnsListener, DnsResolver } from "../../dns/dns-server.ts";
import { type DnsAnswer, type DnsQuery, decodeAnswer, decodeQuery, encodeAnswer, encodeQuery } from "./dns-codec.ts";
import { askUpstream, frameTcp, type UpstreamServer } from "./upstream.ts";

export interface DnsListenerOptions {
  readonly address: string;
  readonly port: number;
  /** Read at each forwarded query: a laptop changes networks. */
  readonly upstreams: () => readonly UpstreamServer[];
  readonly log: Log;
}

const largestTcpMessage = 65_535;
const tcpIdleMs = 10_000;
/** Forwarded queries that wait at once; beyond it clients get SERVFAIL and ask again. */
const forwardLimit = 1000;

const failure = (code: DnsAnswer["code"]): DnsAnswer => ({ code, authoritative: false, answers: [], authorities: [], additionals: [] });

export function createDnsListener(options: DnsListenerOptions): DnsListener {
  return {
    async listen(resolver) {
      const answer = answering(resolver, options);
      const udp = await openUdp(options, answer);
      try {
        const tcp = await openTcp(options, answer);
        return {
          async [Symbol.asyncDispose]() {
            await Promise.all([tcp.close(), new Promise<void>((resolve) => udp.close(resolve))]);
          },
        };
      } catch (error) {
        udp.close();
        throw error;
      }
    },
  };
}

/** Undefined: the packet deserves no answer. */
type Answering = (query: Uint8Array, transport: "udp" | "tcp") => Promise<Uint8Array | undefined>;

function answering(resolver: DnsResolver, options: DnsListenerOptions): Answering {
  let forwarding = 0;
  const forward = async (bytes: Uint8Array, transport: "udp" | "tcp"): Promise<Uint8Array> => {
    if (forwarding >= forwardLimit) throw new Error("too many queries wait for the host's resolvers");
    forwarding++;
    try {
      return await askUpstream(options.upstreams(), bytes, transport);
    } finally {
      forwarding--;
    }
  };
  /** Appends the addresses behind an alias that leaves the cluster. */
  const chase = async (query: DnsQuery, answer: DnsAnswer, target: string): Promise<DnsAnswer> => {
    try {
      const bytes = await forward(encodeQuery(query.id, { name: target, type: query.question.type }), "udp");
      return { ...answer, answers: [...answer.answers, ...decodeAnswer(bytes).records] };
    } catch (error) {
      options.log.debug("the target of an external name could not be resolved", { target, error: String(error) });
      return answer;
    }
  };
  return async (bytes, transport) => {
    const query = decodeQuery(bytes);
    if (query === undefined) return undefined;
    const limit = transport === "tcp" ? largestTcpMessage : "question" in query ? query.udpSizeBytes : 512;
    if (!("question" in query)) return encodeAnswer(query, failure(query.code), limit);
    const result = resolver(query.question);
    switch (result.kind) {
      case "unready":
        return encodeAnswer(query, failure("SERVFAIL"), limit);
      case "answer": {
        const answer: DnsAnswer = { ...result, authoritative: true };
        return encodeAnswer(query, result.chase === undefined ? answer : await chase(query, answer, result.chase), limit);
      }
      case "forward":
        try {
          return await forward(bytes, transport);
        } catch (error) {
          options.log.debug("a query could not be forwarded", { name: query.question.name, error: String(error) });
          return encodeAnswer(query, failure("SERVFAIL"), limit);
        }
    }
  };
}

async function openUdp(options: DnsListenerOptions, answer: Answering): Promise<Socket> {
  const socket = createSocket(options.address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (query, from) => {
    void answer(query, "udp").then(
      (bytes) => bytes && socket.send(bytes, from.port, from.address, () => {}),
      (error: unknown) => options.log.warn("a DNS query failed", { error: String(error) }),
    );
  });
  socket.bind(options.port, options.address);
  await once(socket, "listening");
  return socket;
}

async function openTcp(options: DnsListenerOptions, answer: Answering): Promise<{ close(): Promise<void> }> {
  const open = new Set<TcpSocket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setTimeout(tcpIdleMs, () => socket.destroy());
    void serveTcp(socket, answer).catch(() => socket.destroy());
  });
  server.maxConnections = 256;
  server.listen(options.port, options.address);
  await once(server, "listening");
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function serveTcp(socket: TcpSocket, answer: Answering): Promise<void> {
  let buffered = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
      const end = 2 + buffered.readUInt16BE(0);
      const bytes = await answer(buffered.subarray(2, end), "tcp");
      buffered = buffered.subarray(end);
      if (bytes) socket.write(frameTcp(bytes));
    }
  }
}
