// The admission plugins in their order. First all may change the object, then, after validation, all may refuse it.

import type { Server } from "../server.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeRestriction } from "./node-restriction.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { priority } from "./priority.ts";
import { ownerReferencesPermission } from "./owner-references-permission.ts";
import { serviceAccount } from "./service-account.ts";

const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  nodeRestriction,
  serviceAccount,
  priority,
  defaultTolerationSeconds,
  ownerReferencesPermission,
];

export async function mutateAdmission(server: Server, request: AdmissionRequest): Promise<void> {
  for (const plugin of admissionPlugins) if (plugin.mutate) await plugin.mutate(server, request);
}

export async function validateAdmission(server: Server, request: AdmissionRequest): Promise<void> {
  for (const plugin of admissionPlugins) if (plugin.validate) await plugin.validate(server, request);
}
