// The kubelet's HTTPS API as an Exchange: route → authenticate → authorize → answer. The API server calls it for logs, exec,
// attach and port-forward; people and metrics servers for the rest.

import { StatusError } from "../../object/status.ts";
import type { Exchange, Request, Response } from "../../wire/exchange.ts";
import { RuntimeError } from "../container-runtime.ts";
import { latestRun, liveSandbox } from "../observed.ts";
import type { PodWorker } from "../pod-worker.ts";
import { Access } from "./access.ts";
import { containerLogs } from "./container-logs.ts";
import { flag } from "./log-options.ts";
import { servePortForward, upgradePortForward } from "./port-forward.ts";
import { bridgeProcess } from "./process-bridge.ts";
import { upgradeStreams } from "./remote-streams.ts";
import { errorResponse, jsonResponse, statusResponse, textResponse } from "./responses.ts";
import type { KubeletCall } from "./route.ts";
import { routeCall } from "./route.ts";
import type { ServerDeps } from "./server-deps.ts";
import type { StatsInputs } from "./stats.ts";
import { CpuSamples, resourceMetrics, statsSummary } from "./stats.ts";

export function createKubeletServer(deps: ServerDeps): Exchange {
  const access = new Access(deps);
  const samples = new CpuSamples();
  return async (request, signal) => {
    const routed = routeCall(request);
    if (!routed) return errorResponse(404, "404 page not found");
    try {
      const user = await access.authenticate(request);
      if (!user) return errorResponse(401, "Unauthorized");
      if (!(await access.allowed(user, routed.access))) {
        const { verb, subresource } = routed.access;
        return errorResponse(403, `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}])`);
      }
      return await answer(deps, samples, routed.call, routed.query, request, AbortSignal.any([signal, deps.lifetime.signal]));
    } catch (error) {
      if (error instanceof StatusError) return statusResponse(error);
      if (!(error instanceof RuntimeError))
        deps.log.warn("a request to the kubelet failed", { target: request.target, error: String(error) });
      return errorResponse(500, (error as Error).message);
    }
  };
}

async function answer(
  deps: ServerDeps,
  samples: CpuSamples,
  call: KubeletCall,
  query: URLSearchParams,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  switch (call.type) {
    case "healthz":
      return textResponse("ok");
    case "pods":
      return jsonResponse({ kind: "PodList", apiVersion: "v1", metadata: {}, items: deps.pods.list() });
    case "runningPods":
      return jsonResponse({ kind: "PodList", apiVersion: "v1", metadata: {}, items: runningPods(deps) });
    case "summary":
      return jsonResponse(statsSummary(await collectStats(deps, samples)));
    case "metrics":
      return textResponse(
        call.which === "resource" ? resourceMetrics(await collectStats(deps, samples)) : kubeletMetrics(deps),
        "text/plain; version=0.0.4; charset=utf-8",
      );
    case "logs":
      return containerLogs(deps, call, query, signal);
    case "exec":
    case "attach":
      return await enterContainer(deps, call, query, request, signal);
    case "portForward": {
      const worker = findPod(deps, call);
      const sandbox = worker.observed && liveSandbox(worker.observed);
      if (!sandbox)
        throw new StatusError(
          "BadRequest",
          `unable to forward port because pod is not running. Current status=${worker.pod?.status?.phase ?? "Unknown"}`,
        );
      const upgrade = upgradePortForward(request);
      if (!upgrade.duplex) return upgrade.response;
      const target = await deps.runtime.portForward(sandbox.id, signal);
      background(deps, servePortForward(upgrade.duplex, target, deps.zlib, `${call.pod}_${call.namespace}`, signal));
      return upgrade.response;
    }
  }
}

/** A session goes on after its response; its failure is the client's to see, and ours to note. */
function background(deps: ServerDeps, session: Promise<void>): void {
  session.catch((error: unknown) => deps.log.debug("a streaming session broke off", { error: String(error) }));
}

function findPod(deps: ServerDeps, of: { readonly namespace: string; readonly pod: string; readonly uid?: string }): PodWorker {
  const worker = deps.podSet.find(of.namespace, of.pod);
  if (!worker || (of.uid !== undefined && worker.identity.uid !== of.uid)) throw new StatusError("NotFound", `pod does not exist`);
  return worker;
}

async function enterContainer(
  deps: ServerDeps,
  call: Extract<KubeletCall, { type: "exec" | "attach" }>,
  query: URLSearchParams,
  request: Request,
  signal: AbortSignal,
): Promise<Response> {
  const worker = findPod(deps, call);
  const run = worker.observed && latestRun(worker.observed, call.container);
  if (run?.status.state !== "running")
    throw new StatusError("InternalError", `unable to upgrade connection: container not found ("${call.container}")`);
  const wanted = { stdin: flag(query, "input"), stdout: flag(query, "output"), stderr: flag(query, "error"), tty: flag(query, "tty") };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr)
    throw new StatusError("BadRequest", "you must specify at least 1 of stdin, stdout, stderr");
  const options = { ...wanted, stderr: wanted.stderr && !wanted.tty };
  const command = query.getAll("command");
  if (call.type === "exec" && command.length === 0) throw new StatusError("BadRequest", "you must specify a command");
  const upgrade = upgradeStreams(request, wanted, deps.zlib, deps.clock);
  if (!upgrade.streams) return upgrade.response;
  upgrade.streams.catch(() => undefined); // seen below; the process may fail first
  let process;
  try {
    process =
      call.type === "exec"
        ? await deps.runtime.exec(run.status.id, { command, ...options }, signal)
        : await deps.runtime.attach(run.status.id, options, signal);
  } catch (error) {
    upgrade.response.duplex?.destroy();
    throw error;
  }
  const session = process;
  const serve = async (): Promise<void> => {
    try {
      await bridgeProcess(session, await upgrade.streams!);
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  };
  background(deps, serve());
  return upgrade.response;
}

function runningPods(deps: ServerDeps): readonly unknown[] {
  const pods: unknown[] = [];
  for (const { observed } of deps.podSet.workers()) {
    const running = observed?.containers.filter((container) => container.status.state === "running") ?? [];
    if (!observed || running.length === 0) continue;
    const { name, namespace, uid } = observed;
    pods.push({
      metadata: { name, namespace, uid },
      spec: { containers: running.map((container) => ({ name: container.name, image: container.status.imageRef, resources: {} })) },
      status: {},
    });
  }
  return pods;
}

async function collectStats(deps: ServerDeps, samples: CpuSamples): Promise<StatsInputs> {
  const [load, disk, containers] = await Promise.all([
    deps.hostInfo.load(),
    deps.files.space(deps.dirs.root),
    deps.runtime.listContainerStats(),
  ]);
  const startedAtMs = new Map<string, number>();
  for (const { observed } of deps.podSet.workers())
    for (const { status } of observed?.containers ?? []) startedAtMs.set(status.id, status.startedAtMs);
  const nanoCores = new Map([["", samples.add("", load.timestampMs, load.cpuNanoSeconds)]]);
  for (const { id, cpu } of containers) if (cpu) nanoCores.set(id, samples.add(id, cpu.timestampMs, cpu.usageCoreNanoSeconds));
  samples.keepOnly(new Set(nanoCores.keys()));
  return { nodeName: deps.nodeName, load, disk, containers, startedAtMs, nanoCores };
}

function kubeletMetrics(deps: ServerDeps): string {
  let running = 0;
  const states = new Map<string, number>();
  for (const { observed } of deps.podSet.workers()) {
    if (observed && liveSandbox(observed)) running++;
    for (const { status } of observed?.containers ?? []) states.set(status.state, (states.get(status.state) ?? 0) + 1);
  }
  return [
    "# HELP kubelet_node_name [ALPHA] The node's name. The count is always 1.",
    "# TYPE kubelet_node_name gauge",
    `kubelet_node_name{node="${deps.nodeName}"} 1`,
    "# HELP kubelet_running_containers [ALPHA] Number of containers currently running",
    "# TYPE kubelet_running_containers gauge",
    ...[...states].map(([state, count]) => `kubelet_running_containers{container_state="${state}"} ${count}`),
    "# HELP kubelet_running_pods [ALPHA] Number of pods that have a running pod sandbox",
    "# TYPE kubelet_running_pods gauge",
    `kubelet_running_pods ${running}`,
    "",
  ].join("\n");
}
