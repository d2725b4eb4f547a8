// GET /containerLogs/NAMESPACE/POD/CONTAINER: which run's log, and why there is none.

import { StatusError } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import { latestRun } from "../observed.ts";
import type { ObservedContainer } from "../observed.ts";
import type { PodWorker } from "../pod-worker.ts";
import type { ServerDeps } from "./server-deps.ts";
import { logOptions } from "./log-options.ts";
import { readLog } from "./log-reader.ts";

const bad = (message: string): StatusError => new StatusError("BadRequest", message);

/** @throws StatusError */
export function containerLogs(
  deps: ServerDeps,
  of: { readonly namespace: string; readonly pod: string; readonly container: string },
  query: URLSearchParams,
  signal: AbortSignal,
): Response {
  const options = logOptions(query, deps.clock.now());
  const worker = deps.podSet.find(of.namespace, of.pod);
  if (!worker) throw new StatusError("NotFound", `pod "${of.pod}" not found`);
  const run = chooseRun(worker, of.container, options.previous);
  const path = run.status.logPath;
  const running = async (): Promise<boolean> => {
    if (options.previous) return false;
    try {
      return (await deps.runtime.containerStatus(run.status.id)).state === "running";
    } catch {
      // A runtime that does not answer or has no such container writes no more either.
      return false;
    }
  };
  const body = readLog({ files: deps.files, clock: deps.clock, running }, path, options, signal);
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

function chooseRun(worker: PodWorker, container: string, previous: boolean): ObservedContainer {
  const pod = worker.pod;
  const name = worker.identity.name;
  const spec = pod?.spec;
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  if (spec && !all.some((candidate) => candidate.name === container))
    throw bad(`container "${container}" in pod "${name}" is not available`);
  const { observed } = worker;
  const latest = observed && latestRun(observed, container);
  if (previous) {
    const before = observed?.containers.filter((candidate) => candidate.name === container && candidate.status.state === "exited");
    const found = before?.find((candidate) => candidate !== latest) ?? (latest?.status.state === "exited" ? latest : undefined);
    if (!found) throw bad(`previous terminated container "${container}" in pod "${name}" not found`);
    return found;
  }
  if (latest && latest.status.state !== "created") return latest;
  const status = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])].find(
    (candidate) => candidate.name === container,
  );
  const waiting = status?.state?.waiting;
  const reason = waiting?.reason ?? "ContainerCreating";
  if (reason === "ErrImagePull") throw bad(`container "${container}" in pod "${name}" is waiting to start: image can't be pulled`);
  if (reason === "ImagePullBackOff")
    throw bad(`container "${container}" in pod "${name}" is waiting to start: trying and failing to pull image`);
  throw bad(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
}
