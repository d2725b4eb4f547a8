// Lifecycle hooks: postStart and preStop by exec, HTTP or sleep.

import { sleep } from "../base/clock.ts";
import type { Container as ApiContainer, LifecycleHandler, Pod } from "../kinds/core/types.gen.ts";
import type { PodDeps } from "./pod-deps.ts";
import { probeHeaders, resolvePort } from "./probes/probe-runner.ts";

/** @throws Error that says why the hook failed. */
export async function runHook(
  deps: PodDeps,
  pod: Pod,
  container: ApiContainer,
  containerId: string,
  podIp: string,
  hook: LifecycleHandler,
  signal: AbortSignal,
): Promise<void> {
  if (hook.exec) {
    const command = hook.exec.command ?? [];
    const { exitCode, stdout, stderr } = await deps.runtime.execSync(containerId, command, 0, signal);
    if (exitCode === 0) return;
    const text = new TextDecoder();
    const output = `${text.decode(stdout)}${text.decode(stderr)}`;
    throw new Error(
      `Exec lifecycle hook (${JSON.stringify(command)}) for Container "${container.name}" in Pod "${podTitle(pod)}" failed - error: command '${command.join(" ")}' exited with ${exitCode}: ${output}`,
    );
  }
  if (hook.httpGet) {
    const port = resolvePort(hook.httpGet.port, container);
    if (typeof port === "string") throw new Error(port);
    const path = hook.httpGet.path ?? "/";
    const { status } = await deps.dial.http(
      {
        scheme: (hook.httpGet.scheme ?? "HTTP").toLowerCase() as "http" | "https",
        host: hook.httpGet.host || podIp,
        port,
        target: path.startsWith("/") ? path : `/${path}`,
        headers: probeHeaders(hook.httpGet.httpHeaders ?? []),
      },
      signal,
    );
    if (status >= 400)
      throw new Error(`HTTP lifecycle hook for Container "${container.name}" in Pod "${podTitle(pod)}" failed with status code ${status}`);
    return;
  }
  if (hook.sleep) await sleep(deps.clock, hook.sleep.seconds * 1000, signal);
}

const podTitle = (pod: Pod): string => `${pod.metadata!.name}_${pod.metadata!.namespace}(${pod.metadata!.uid})`;
