// ServiceAccount: every pod runs as an account, gets the account's token, CA and namespace mounted, and its pull secrets.

import { randomSuffix } from "../../base/random.ts";
import type { ApiObject } from "../../object/kind.ts";
import { forbidden } from "../../object/status.ts";
import { lookup } from "../registry/rule-context.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { isFor } from "./plugin.ts";

const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const volumePrefix = "kube-api-access-";
/** A bit more than an hour, so that clients that reload hourly never hold an expired token. */
const expirationSeconds = 3607;
const mirrorAnnotation = "kubernetes.io/config.mirror";

interface Mount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
}
interface Container {
  volumeMounts?: Mount[];
}
interface Volume {
  name?: string;
  projected?: unknown;
}
interface PodSpec {
  serviceAccountName?: string;
  serviceAccount?: string;
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name?: string }[];
  volumes?: Volume[];
  containers?: Container[];
  initContainers?: Container[];
}
interface AccountObject extends ApiObject {
  readonly automountServiceAccountToken?: boolean;
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
}

export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  mutate: async (server, request) => {
    if (request.operation !== "CREATE" || !isFor(request, "pods")) return;
    const spec = ((request.object as { spec?: PodSpec }).spec ??= {});
    if (request.object?.metadata?.annotations?.[mirrorAnnotation] !== undefined) return refuseMirror(request, spec);
    const name = spec.serviceAccountName || spec.serviceAccount || "default";
    spec.serviceAccountName = name;
    spec.serviceAccount = name;
    const find = () => lookup(server, { group: "", kind: "ServiceAccount" }, request.namespace, name) as AccountObject | undefined;
    let account = find();
    if (!account) {
      await server.feed.fresh();
      account = find();
    }
    if (!account)
      throw forbidden(
        request.served.name,
        request.name,
        `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
      );
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)
      mountToken(spec, volumePrefix + randomSuffix(server.deps.random));
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
      spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
  },
};

/** A static pod's mirror shows what runs on a node; it may not reach into the API. */
function refuseMirror(request: AdmissionRequest, spec: PodSpec): void {
  if (spec.serviceAccountName) throw forbidden(request.served.name, request.name, "a mirror pod may not reference service accounts");
}

function mountToken(spec: PodSpec, volumeName: string): void {
  const reused = spec.volumes?.find((volume) => volume.name?.startsWith(volumePrefix))?.name;
  const name = reused ?? volumeName;
  let mounted = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === mountPath)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
    mounted = true;
  }
  if (!mounted || reused !== undefined) return;
  spec.volumes = [
    ...(spec.volumes ?? []),
    {
      name,
      projected: {
        sources: [
          { serviceAccountToken: { expirationSeconds, path: "token" } },
          { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
        ],
        defaultMode: 420,
      },
    },
  ];
}
