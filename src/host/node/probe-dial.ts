// The kubelet's ProbeDial: one fresh connection per probe, no certificate checked, no redirect followed.

import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import * as http from "node:http";
import * as https from "node:https";
import { connect } from "node:net";
import type { ProbeDial, ProbeHttpRequest, ProbeHttpResponse } from "../../kubelet/probe-dial.ts";
import { isServiceError } from "../cri/grpc-channel.ts";
import { MessageCodecs } from "../cri/message-table.ts";

const maxBodyBytes = 10 * 1024;

const health = new MessageCodecs(
  { HealthCheckRequest: { service: [1, "string"] }, HealthCheckResponse: { status: [1, "ServingStatus"] } },
  { ServingStatus: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } },
);

export const hostProbeDial: ProbeDial = {
  http: (request, signal) =>
    new Promise<ProbeHttpResponse>((resolve, reject) => {
      const headers = request.headers.flatMap(({ name, value }) => [name, value]);
      if (!request.headers.some(({ name }) => name.toLowerCase() === "host")) headers.unshift("Host", authority(request));
      const options = { host: request.host, port: request.port, path: request.target, agent: false, signal, headers };
      const sent = request.scheme === "https" ? https.request({ ...options, rejectUnauthorized: false }) : http.request(options);
      const fail = (error: Error): void => reject(signal.aborted ? (signal.reason as Error) : explain(error, request.host, request.port));
      sent.on("error", fail);
      sent.on("response", (answer) => {
        readBody(answer).then((body) => {
          sent.destroy();
          resolve({ status: answer.statusCode ?? 0, headers: flat(answer.headers), body });
        }, fail);
      });
      sent.end();
    }),

  tcp: (host, port, signal) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host, port, signal });
      socket.on("connect", () => {
        socket.destroy();
        resolve();
      });
      socket.on("error", (error) => reject(signal.aborted ? (signal.reason as Error) : explain(error, host, port)));
    }),

  grpc: (host, port, service, signal) =>
    new Promise<string>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const request = health.of("HealthCheckRequest");
      const answer = health.of("HealthCheckResponse");
      const client = new Client(`${host.includes(":") ? `[${host}]` : host}:${port}`, credentials.createInsecure(), {
        "grpc.use_local_subchannel_pool": 1,
        "grpc.enable_retries": 0,
      });
      const call = client.makeUnaryRequest(
        "/grpc.health.v1.Health/Check",
        (value: { service: string }) => request.encode(value),
        (bytes) => answer.decode(bytes),
        { service },
        new Metadata(),
        (error, value) => {
          signal.removeEventListener("abort", abort);
          client.close();
          if (signal.aborted) reject(signal.reason as Error);
          else if (isServiceError(error) && error.code === status.NOT_FOUND) resolve("SERVICE_UNKNOWN");
          else if (error) reject(new Error(error.details || error.message, { cause: error }));
          else resolve(value!.status);
        },
      );
      const abort = (): void => call.cancel();
      signal.addEventListener("abort", abort, { once: true });
      return undefined;
    }),
};

function authority({ scheme, host, port }: ProbeHttpRequest): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === (scheme === "https" ? 443 : 80) ? name : `${name}:${port}`;
}

async function readBody(answer: http.IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxBodyBytes) break;
  }
  return new Uint8Array(Buffer.concat(chunks).subarray(0, maxBodyBytes));
}

function flat(headers: http.IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  ENOTFOUND: "lookup: no such host",
};

/** The texts that users of Kubernetes know from events. */
function explain(error: Error, host: string, port: number): Error {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (reasons[code] !== undefined) return new Error(`dial tcp ${place}: ${reasons[code]}`, { cause: error });
  if (code === "ECONNRESET") return new Error(`read tcp ${place}: read: connection reset by peer`, { cause: error });
  return error;
}
