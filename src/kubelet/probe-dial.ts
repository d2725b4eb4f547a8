// How probes and lifecycle hooks reach a container: one HTTP request or one TCP connection, from the node's own network.

export interface ProbeHttpRequest {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly target: string;
  /** In order and with repetitions, as the pod wrote them. `Host` is taken from here when present. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface ProbeHttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most the first 10 KiB. */
  readonly body: Uint8Array;
}

/**
 * Every call opens a fresh connection, verifies no certificate, follows no redirect, and ends with the signal. A connection
 * that fails rejects with an Error whose message says why ("connect: connection refused").
 */
export interface ProbeDial {
  http(request: ProbeHttpRequest, signal: AbortSignal): Promise<ProbeHttpResponse>;
  /** Resolves when the connection stands; it is closed again at once. */
  tcp(host: string, port: number, signal: AbortSignal): Promise<void>;
  /** One grpc.health.v1.Health/Check; resolves with the serving status ("SERVING", "NOT_SERVING", "UNKNOWN", "SERVICE_UNKNOWN"). */
  grpc(host: string, port: number, service: string, signal: AbortSignal): Promise<string>;
}
