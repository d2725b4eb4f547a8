// One try of one probe: exec, HTTP, TCP or gRPC.

import { linkedAbort } from "../../base/on-abort.ts";
import type { Container as ApiContainer, Pod, Probe } from "../../kinds/core/types.gen.ts";
import { expandVariables } from "../../lang/expansion.ts";
import type { Clock } from "../../base/clock.ts";
import type { ContainerRuntime } from "../container-runtime.ts";
import { RuntimeError } from "../container-runtime.ts";
import type { ProbeDial, ProbeHttpResponse } from "../probe-dial.ts";
import { untilAborted } from "../until-aborted.ts";

/** "warning" counts as success and is told; "error" says that the try itself went wrong and counts for nothing. */
export interface ProbeOutcome {
  readonly result: "success" | "warning" | "failure" | "error";
  readonly output: string;
}

export interface ProbeTarget {
  readonly pod: Pod;
  readonly container: ApiContainer;
  readonly containerId: string;
  /** "" while the pod has none. */
  readonly podIp: string;
}
export interface ProbeRunnerDeps {
  readonly runtime: ContainerRuntime;
  readonly dial: ProbeDial;
  readonly clock: Clock;
}

const maxRedirects = 10;
const maxOutput = 10 * 1024;

/** Runs the probe once, for at most its timeout. Never throws. */
export async function runProbe(deps: ProbeRunnerDeps, probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
  const timeoutMs = Math.max(probe.timeoutSeconds ?? 1, 1) * 1000;
  using limit = linkedAbort(signal);
  const timeout = deps.clock.after(timeoutMs, () => limit.abort(new Error("timeout")));
  try {
    const both = limit.signal;
    if (probe.exec) return await execProbe(deps, probe.exec.command ?? [], target, timeoutMs, both);
    if (probe.httpGet) return await httpProbe(deps.dial, probe.httpGet, target, both);
    if (probe.tcpSocket) return await tcpProbe(deps.dial, probe.tcpSocket, target, both);
    if (probe.grpc) return await grpcProbe(deps.dial, probe.grpc, target, timeoutMs, both);
    return { result: "error", output: `missing probe handler for ${target.pod.metadata!.name}:${target.container.name}` };
  } finally {
    timeout[Symbol.dispose]();
  }
}

async function execProbe(
  deps: ProbeRunnerDeps,
  command: readonly string[],
  target: ProbeTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const environment = new Map((target.container.env ?? []).map((variable) => [variable.name, variable.value ?? ""]));
  const expanded = command.map((word) => expandVariables(word, (name) => environment.get(name)));
  try {
    const { exitCode, stdout, stderr } = await untilAborted(
      deps.runtime.execSync(target.containerId, expanded, timeoutMs / 1000, signal),
      signal,
    );
    const text = new TextDecoder();
    const output = (text.decode(stdout) + text.decode(stderr)).slice(0, maxOutput);
    return { result: exitCode === 0 ? "success" : "failure", output };
  } catch (error) {
    if (signal.aborted || (error instanceof RuntimeError && error.code === "timeout")) {
      return { result: "failure", output: `command timed out: ${JSON.stringify(expanded.join(" "))} timed out after ${timeoutMs / 1000}s` };
    }
    return { result: "error", output: (error as Error).message };
  }
}

type HttpGet = NonNullable<Probe["httpGet"]>;

async function httpProbe(dial: ProbeDial, action: HttpGet, target: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
  const port = resolvePort(action.port, target.container);
  if (typeof port === "string") return { result: "error", output: port };
  const scheme = (action.scheme ?? "HTTP").toLowerCase() as "http" | "https";
  const host = action.host || target.podIp;
  let url = new URL(`${scheme}://${bracket(host)}:${port}${leadingSlash(action.path ?? "/")}`);
  const headers = probeHeaders(action.httpHeaders ?? []);
  for (let hops = 0; ; hops++) {
    const shown = url.href;
    let response: ProbeHttpResponse;
    try {
      const request = {
        scheme: url.protocol.slice(0, -1) as "http" | "https",
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: Number(url.port || (url.protocol === "https:" ? 443 : 80)),
        target: url.pathname + url.search,
        headers,
      };
      response = await untilAborted(dial.http(request, signal), signal);
    } catch (error) {
      const why = signal.aborted ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)" : (error as Error).message;
      return { result: "failure", output: `Get "${shown}": ${why}` };
    }
    const location = response.headers["location"];
    if (response.status >= 300 && response.status < 400 && location !== undefined) {
      let next: URL;
      try {
        next = new URL(location, url.href);
      } catch {
        return { result: "failure", output: `Get "${shown}": failed to parse Location header "${location}"` };
      }
      if (next.hostname !== url.hostname)
        return { result: "warning", output: `Probe terminated redirects, Response body: ${bodyText(response)}` };
      if (hops + 1 >= maxRedirects) return { result: "failure", output: `Get "${shown}": stopped after ${maxRedirects} redirects` };
      url = next;
      continue;
    }
    if (response.status >= 200 && response.status < 400) return { result: "success", output: bodyText(response) };
    return { result: "failure", output: `HTTP probe failed with statuscode: ${response.status}` };
  }
}

const bodyText = (response: ProbeHttpResponse): string => new TextDecoder().decode(response.body);
const bracket = (host: string): string => (host.includes(":") ? `[${host}]` : host);
const leadingSlash = (path: string): string => (path.startsWith("/") ? path : `/${path}`);

/** The pod's own headers, and the two that a probe is known by unless the pod set them (empty: left out). */
export function probeHeaders(own: readonly { readonly name: string; readonly value: string }[]): { name: string; value: string }[] {
  const has = (name: string): boolean => own.some((header) => header.name.toLowerCase() === name);
  const headers = own.filter((header) => !(header.value === "" && /^(user-agent|accept)$/i.test(header.name)));
  return [
    ...headers,
    ...(has("user-agent") ? [] : [{ name: "User-Agent", value: "kube-probe/1.36" }]),
    ...(has("accept") ? [] : [{ name: "Accept", value: "*/*" }]),
  ];
}

async function tcpProbe(
  dial: ProbeDial,
  action: NonNullable<Probe["tcpSocket"]>,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const port = resolvePort(action.port, target.container);
  if (typeof port === "string") return { result: "error", output: port };
  const host = action.host || target.podIp;
  try {
    await untilAborted(dial.tcp(host, port, signal), signal);
    return { result: "success", output: "" };
  } catch (error) {
    const why = signal.aborted ? `dial tcp ${bracket(host)}:${port}: i/o timeout` : (error as Error).message;
    return { result: "failure", output: why };
  }
}

async function grpcProbe(
  dial: ProbeDial,
  action: NonNullable<Probe["grpc"]>,
  target: ProbeTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  try {
    const status = await untilAborted(dial.grpc(target.podIp, action.port, action.service ?? "", signal), signal);
    if (status === "SERVING") return { result: "success", output: "service healthy" };
    return { result: "failure", output: `service unhealthy (responded with "${status}")` };
  } catch (error) {
    const address = `${bracket(target.podIp)}:${action.port}`;
    if (signal.aborted)
      return {
        result: "failure",
        output: `timeout: failed to connect service "${address}" within ${timeoutMs / 1000}s: context deadline exceeded`,
      };
    return { result: "failure", output: `error: failed to connect service at "${address}": ${(error as Error).message}` };
  }
}

/** A number, or the name of one of the container's ports; an explanation when there is no such port. */
export function resolvePort(port: number | string, container: ApiContainer): number | string {
  if (typeof port === "number") return port;
  const named = container.ports?.find((candidate) => candidate.name === port);
  if (named) return named.containerPort;
  const number = Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65536) return number;
  return `couldn't find port: ${JSON.stringify(port)}`;
}
