// Makes this machine a node: packages, directories, containerd's configuration, kernel settings, the sandbox image.

import { parseYaml } from "../../wire/yaml.ts";
import { noRegistries, readRegistries } from "../../cluster/node-preparation/registries.ts";
import { type ClusterLayout, firstNodePodCidr } from "../../cluster/layout.ts";
import type { NodePreparer } from "../../cluster/machine.ts";
import { silentLog } from "../../base/log.ts";
import { realClock } from "../clock.ts";
import { CriRuntime } from "../cri/cri-runtime.ts";
import { detectCapabilities, type HostCapabilities } from "../node/capabilities.ts";
import { createHostInfo } from "../node/host-info.ts";
import { installCommand, installPackages, missingPackages } from "../node/packages.ts";
import { finishNode, prepareNode, waitForRuntime } from "../node/prepare-node.ts";
import { removeAllPods } from "../node/remove-node.ts";

export function createNodePreparer(): NodePreparer {
  let capabilities: Promise<HostCapabilities> | undefined;
  const detect = (layout: ClusterLayout): Promise<HostCapabilities> => (capabilities ??= detectCapabilities(layout.names.dataDir));
  const open = (layout: ClusterLayout, endpoint: string | undefined): CriRuntime =>
    new CriRuntime({
      endpoint: endpoint ?? layout.names.containerdSocket,
      clock: realClock(),
      log: silentLog,
      ...(endpoint !== undefined && { owner: layout.context }),
    });

  return {
    missingPackages,
    installCommand: (packages) => installCommand(packages).join(" "),
    installPackages,
    async prepare(layout, options, record) {
      const registries = options.registriesYaml === undefined ? noRegistries : readRegistries(parseYaml(options.registriesYaml).value);
      const { containerd, changed } = await prepareNode({
        names: layout.names,
        capabilities: await detect(layout),
        // The first node gets the first part; the agent mends it when the cluster decided otherwise.
        podCidrs: [firstNodePodCidr(layout)],
        streamAddress: "127.0.0.1",
        registries,
        defaultEndpoint: true,
        setSysctls: true,
        record,
      });
      return options.runtimeEndpoint === undefined ? { ...containerd, changed } : undefined;
    },
    async finish(layout, endpoint, timeoutMs) {
      using runtime = open(layout, endpoint);
      await waitForRuntime(runtime, timeoutMs);
      if (endpoint !== undefined) return;
      const { architecture } = await createHostInfo().facts();
      await finishNode(runtime, { names: layout.names, capabilities: await detect(layout), architecture });
    },
    async removePods(layout, endpoint) {
      using runtime = open(layout, endpoint);
      await removeAllPods(runtime);
    },
  };
}
