// DefaultTolerationSeconds: a pod stays 300 s on a node that is not ready or cannot be reached, unless it says otherwise.

import type { AdmissionPlugin } from "./plugin.ts";
import { isFor } from "./plugin.ts";

const seconds = 300;
const taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  mutate: (_server, request) => {
    if (request.operation !== "CREATE" || !isFor(request, "pods")) return;
    const spec = ((request.object as { spec?: { tolerations?: Toleration[] } }).spec ??= {});
    const present = spec.tolerations ?? [];
    const missing = taints.filter(
      (key) =>
        !present.some(
          (toleration) => ((toleration.key ?? "") === "" || toleration.key === key) && ["", "NoExecute"].includes(toleration.effect ?? ""),
        ),
    );
    if (missing.length === 0) return;
    spec.tolerations = [
      ...present,
      ...missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: seconds })),
    ];
  },
};
