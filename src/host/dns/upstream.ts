// The host's own resolvers: queries that the cluster does not answer go there as they came, and the answers come back as they are.

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect } from "node:net";

export interface UpstreamServer {
  readonly address: string;
  readonly port: number;
}

/** Nameservers of a resolv.conf, without those in `exclude` (our own, which would loop). */
export function readResolvers(path: string, exclude: ReadonlySet<string>): UpstreamServer[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return text
    .split("\n")
    .flatMap((line) => /^\s*nameserver\s+([0-9a-fA-F:.]+)/.exec(line)?.[1] ?? [])
    .filter((address) => !exclude.has(address))
    .map((address) => ({ address, port: 53 }));
}

const attemptMs = 2000;

/**
 * Asks each server in turn until one answers.
 * @throws Error when none did
 */
export async function askUpstream(servers: readonly UpstreamServer[], query: Uint8Array, transport: "udp" | "tcp"): Promise<Uint8Array> {
  const failures: string[] = [];
  for (const server of servers) {
    try {
      return await (transport === "udp" ? overUdp(server, query) : overTcp(server, query));
    } catch (error) {
      failures.push(`${server.address}: ${(error as Error).message}`);
    }
  }
  throw new Error(failures.length === 0 ? "the host has no resolver" : `no resolver answered (${failures.join("; ")})`);
}

function overUdp(server: UpstreamServer, query: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      socket.close();
      act();
    };
    const timer = setTimeout(() => finish(() => reject(new Error("timed out"))), attemptMs);
    socket.on("error", (error) => finish(() => reject(error)));
    socket.on("message", (answer) => {
      // Only this question's answer counts; the kernel passes nothing on from anybody but the connected server.
      if (answer.length < 12 || answer[0] !== query[0] || answer[1] !== query[1]) return;
      finish(() => resolve(answer));
    });
    socket.connect(server.port, server.address, () => socket.send(query));
  });
}

function overTcp(server: UpstreamServer, query: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port });
    const chunks: Buffer[] = [];
    const finish = (act: () => void): void => {
      socket.destroy();
      act();
    };
    socket.setTimeout(attemptMs, () => finish(() => reject(new Error("timed out"))));
    socket.on("error", (error) => finish(() => reject(error)));
    socket.on("end", () => finish(() => reject(new Error("closed without an answer"))));
    socket.on("connect", () => socket.write(frameTcp(query)));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (all.length >= 2 && all.length >= 2 + all.readUInt16BE(0)) finish(() => resolve(all.subarray(2, 2 + all.readUInt16BE(0))));
    });
  });
}

/** DNS over TCP puts a length of two bytes in front. */
export function frameTcp(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2);
  framed[0] = message.length >> 8;
  framed[1] = message.length & 0xff;
  framed.set(message, 2);
  return framed;
}
