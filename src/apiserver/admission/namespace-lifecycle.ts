// NamespaceLifecycle: nothing is created in a namespace that is not there or is going away, and the namespaces that the cluster
// itself needs are not deleted.

import { StatusError, forbidden, notFound } from "../../object/status.ts";
import { lookup } from "../registry/rule-context.ts";
import type { AdmissionPlugin } from "./plugin.ts";

const immortal = new Set(["default", "kube-system", "kube-public"]);

/** Reviews ask a question about a namespace, they create nothing in it. */
const questions = new Set(["localsubjectaccessreviews"]);

export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  mutate: async (server, request) => {
    const { served, namespace, operation, name } = request;
    if (operation !== "CREATE" || !served.kind.namespaced || questions.has(served.kind.plural)) return;
    const find = () => lookup(server, { group: "", kind: "Namespace" }, "", namespace);
    let found = find();
    if (!found) {
      await server.feed.fresh();
      found = find();
    }
    if (!found) throw notFound({ group: "", resource: "namespaces" }, namespace);
    const phase = (found as { status?: { phase?: string } }).status?.phase;
    if (found.metadata?.deletionTimestamp === undefined && phase !== "Terminating") return;
    const error = forbidden(served.name, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
    throw new StatusError("Forbidden", error.message, {
      ...error.status.details,
      causes: [{ reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" }],
    });
  },
  validate: (_server, { operation, served, name }) => {
    if (operation === "DELETE" && served.kind.group === "" && served.kind.plural === "namespaces" && immortal.has(name))
      throw forbidden(served.name, name, "this namespace may not be deleted");
  },
};
