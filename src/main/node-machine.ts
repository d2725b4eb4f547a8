// The machine under a node's kubelet: a real one with a container runtime, or one in memory for `--runtime simulated`.

import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { ClusterConfig } from "../cluster/cluster-config.ts";
import { type ClusterLayout, firstNodePodCidr } from "../cluster/layout.ts";
import { CriRuntime } from "../host/cri/cri-runtime.ts";
import { detectCapabilities } from "../host/node/capabilities.ts";
import { openCgroups } from "../host/node/cgroups.ts";
import { hostFiles } from "../host/node/files.ts";
import { createHostInfo } from "../host/node/host-info.ts";
import { podNetworkRanges, writePodNetwork } from "../host/node/prepare-node.ts";
import { hostProbeDial } from "../host/node/probe-dial.ts";
import type { KubeletDeps } from "../kubelet/kubelet.ts";
import { createSimulatedNode } from "../sim/simulated-node.ts";

export interface NodeMachine extends Disposable {
  readonly isReal: boolean;
  readonly parts: Pick<KubeletDeps, "runtime" | "files" | "cgroups" | "hostInfo" | "probeDial">;
  /** Path of the host's resolver configuration. */
  readonly resolvConf: string;
  /** Pods get addresses from these ranges from now on. None: the cluster has not decided yet. */
  usePodRanges(ranges: readonly string[]): void;
}

export interface NodeMachineDeps {
  readonly config: ClusterConfig;
  readonly layout: ClusterLayout;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const hostResolvConf = "/etc/resolv.conf";

export async function openNodeMachine(deps: NodeMachineDeps): Promise<NodeMachine> {
  return deps.config.runtime === "simulated" ? simulatedMachine(deps) : await realMachine(deps);
}

function simulatedMachine({ config, layout, clock, random }: NodeMachineDeps): NodeMachine {
  const node = createSimulatedNode({ clock, random }, { name: config.nodeName, podCidr: firstNodePodCidr(layout) });
  return { isReal: false, parts: node, resolvConf: hostResolvConf, usePodRanges: () => undefined, [Symbol.dispose]: () => undefined };
}

async function realMachine({ config, layout, clock, log }: NodeMachineDeps): Promise<NodeMachine> {
  const isOwn = config.runtime === "containerd";
  const runtime = new CriRuntime({
    endpoint: isOwn ? layout.names.containerdSocket : config.runtime,
    clock,
    log,
    // Our own containerd has no other pods.
    ...(!isOwn && { owner: layout.context }),
  });
  const resolvConf = config.resolvConf ?? hostResolvConf;
  let writing = Promise.resolve();
  return {
    isReal: true,
    parts: {
      runtime,
      files: hostFiles,
      cgroups: await openCgroups(),
      hostInfo: createHostInfo({ resolvConf }),
      probeDial: hostProbeDial,
    },
    resolvConf,
    usePodRanges(ranges) {
      if (ranges.length === 0 || !isOwn) return;
      writing = writing.then(() =>
        configureRanges(layout, ranges, log).catch((error: unknown) =>
          log.error("the pod network could not be configured", { ranges, error: String(error) }),
        ),
      );
    },
    [Symbol.dispose]: () => runtime[Symbol.dispose](),
  };
}

async function configureRanges({ names }: ClusterLayout, podCidrs: readonly string[], log: Log): Promise<void> {
  if ((await podNetworkRanges(names))?.join() === podCidrs.join()) return;
  await writePodNetwork({ names, podCidrs, capabilities: await detectCapabilities(names.dataDir) });
  log.info("pods get addresses from another range", { podCidrs });
}
