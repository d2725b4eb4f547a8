// What a pod stands on before its containers start: directories, control group, volumes, sandbox. And its taking away.

import type { Pod, Secret } from "../kinds/core/types.gen.ts";
import type { SandboxConfig } from "./container-runtime.ts";
import { hostsFilePath } from "./container-start.ts";
import { podCgroup, podCgroupLimits, qosClass } from "./containers/resources.ts";
import type { ObservedPod } from "./observed.ts";
import { liveSandbox } from "./observed.ts";
import type { PodDeps } from "./pod-deps.ts";
import { podDns } from "./sandbox/dns.ts";
import { renderHostsFile } from "./sandbox/hosts-file.ts";
import { podLogDirectory, podNames, sandboxConfig } from "./sandbox/sandbox-config.ts";
import type { PodVolumes } from "./volumes/volumes.ts";
import { podDirectory } from "./volumes/volumes.ts";

/** Contents of volumes are brought up to date at least this often. */
const refreshMs = 60_000;
const firstVolumeRetryMs = 500;
const maxVolumeRetryMs = 122_000;

export class PodGround {
  readonly #deps: PodDeps;
  #volumes: PodVolumes | undefined;
  #refreshedAtMs = 0;
  #refreshedFor = "";
  #volumeRetryMs = firstVolumeRetryMs;
  #hosts = "";

  constructor(deps: PodDeps) {
    this.#deps = deps;
  }

  /** Volumes with present contents; a step that starts nothing reads them only now and then. @throws VolumesError */
  async volumes(pod: Pod, observed: ObservedPod, needed: boolean): Promise<PodVolumes> {
    const { clock, dirs, files } = this.#deps;
    const nowMs = clock.monotonicMs();
    const current = this.#volumes;
    // The downward API tells labels and annotations: a change of theirs is shown at once.
    const shown = JSON.stringify([pod.metadata!.labels, pod.metadata!.annotations]);
    const stale = nowMs - this.#refreshedAtMs >= refreshMs || shown !== this.#refreshedFor;
    if (!current || stale) {
      const uid = pod.metadata!.uid!;
      if (!current) await files.mkdir(podDirectory(dirs.root, uid), 0o750);
      const node = this.#deps.node();
      const podIps = liveSandbox(observed)?.ips ?? [];
      const fields = { podIps, hostIps: node.addresses, allocatable: node.allocatable };
      this.#volumes = await this.#deps.volumes.setUp(pod, { objects: this.#deps.objects, tokens: this.#deps.tokens, fields });
      this.#refreshedAtMs = nowMs;
      this.#refreshedFor = shown;
      this.#volumeRetryMs = firstVolumeRetryMs;
    }
    if (needed) await this.#writeHosts(pod, liveSandbox(observed)?.ips ?? []);
    return this.#volumes!;
  }

  nextVolumeRetryMs(): number {
    const delayMs = this.#volumeRetryMs;
    this.#volumeRetryMs = Math.min(delayMs * 2, maxVolumeRetryMs);
    return delayMs;
  }

  async createSandbox(pod: Pod, attempt: number, signal: AbortSignal): Promise<void> {
    const { runtime, cgroups, files } = this.#deps;
    await cgroups.ensure(this.#cgroup(pod), podCgroupLimits(pod));
    await files.mkdir(podLogDirectory(this.#deps.dirs.podLogs, pod), 0o755);
    const config = await this.sandboxConfig(pod, attempt, true);
    await runtime.runSandbox(config, "", signal);
  }

  async sandboxConfig(pod: Pod, attempt: number, tell = false): Promise<SandboxConfig> {
    const dns = podDns(pod, this.#deps.clusterDns, await this.#deps.hostInfo.resolvers());
    if (tell) for (const warning of dns.warnings) this.#deps.events.pod(pod, "Warning", warning.reason, warning.message);
    return sandboxConfig(pod, {
      attempt,
      dns: dns.config,
      podLogs: this.#deps.dirs.podLogs,
      cgroupParent: this.#deps.cgroups.version === "none" ? "" : this.#cgroup(pod),
      clusterDomain: this.#deps.clusterDns.domain,
    });
  }

  /** Missing secrets are skipped: the pull then shows whether it needed them. */
  async pullSecrets(pod: Pod): Promise<readonly Secret[]> {
    const names = (pod.spec!.imagePullSecrets ?? []).map((reference) => reference.name ?? "").filter((name) => name !== "");
    const secrets = await Promise.all(names.map((name) => this.#deps.objects.secret(pod.metadata!.namespace!, name)));
    const missing = names.filter((_, index) => !secrets[index]);
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`;
      this.#deps.events.pod(pod, "Warning", "FailedToRetrieveImagePullSecret", message);
    }
    return secrets.filter((secret) => secret !== undefined);
  }

  async tearDown(pod: Pod): Promise<void> {
    this.#volumes = undefined;
    await this.#deps.volumes.tearDown(pod.metadata!.uid!);
    await this.#deps.cgroups.remove(this.#cgroup(pod));
  }

  /** Of a pod whose object is unknown: its control group may lie in any class. */
  async tearDownByUid(uid: string): Promise<void> {
    await this.#deps.volumes.tearDown(uid);
    for (const middle of ["", "/burstable", "/besteffort"]) await this.#deps.cgroups.remove(`${this.#deps.cgroupRoot}${middle}/pod${uid}`);
  }

  #cgroup(pod: Pod): string {
    return podCgroup(this.#deps.cgroupRoot, pod, qosClass(pod));
  }

  async #writeHosts(pod: Pod, ips: readonly string[]): Promise<void> {
    if (ips.length === 0 && pod.spec!.hostNetwork !== true) return;
    const { hostname, domain } = podNames(pod, this.#deps.clusterDns.domain);
    const hostFile = pod.spec!.hostNetwork === true ? await this.#deps.hostInfo.hostsFile() : "";
    const text = renderHostsFile(pod, ips, hostname, domain, hostFile);
    if (text === this.#hosts) return;
    await this.#deps.files.writeFile(hostsFilePath(this.#deps, pod), new TextEncoder().encode(text), { mode: 0o644 });
    this.#hosts = text;
  }
}
