// Priority: a pod's priority as a number, from its class. Without PriorityClass objects only the two system classes exist.

import { forbidden } from "../../object/status.ts";
import { lookup } from "../registry/rule-context.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { isFor } from "./plugin.ts";

const systemClasses: Readonly<Record<string, number>> = { "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000 };

interface PodSpec {
  priorityClassName?: string;
  priority?: number;
  preemptionPolicy?: string;
}

export const priority: AdmissionPlugin = {
  name: "Priority",
  mutate: (server, request) => {
    if (request.operation !== "CREATE" || !isFor(request, "pods")) return;
    const spec = ((request.object as { spec?: PodSpec }).spec ??= {});
    const className = spec.priorityClassName;
    let value = 0;
    let policy = "PreemptLowerPriority";
    if (className !== undefined && className !== "") {
      const found = lookup(server, { group: "scheduling.k8s.io", kind: "PriorityClass" }, "", className) as
        | { value?: number; preemptionPolicy?: string }
        | undefined;
      const known = found?.value ?? (Object.hasOwn(systemClasses, className) ? systemClasses[className] : undefined);
      if (known === undefined) throw forbidden(request.served.name, request.name, `no PriorityClass with name ${className} was found`);
      value = known;
      policy = found?.preemptionPolicy ?? policy;
    }
    if (spec.priority !== undefined && spec.priority !== value)
      throw forbidden(
        request.served.name,
        request.name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    spec.priority = value;
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
      throw forbidden(
        request.served.name,
        request.name,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    spec.preemptionPolicy = policy;
  },
};
