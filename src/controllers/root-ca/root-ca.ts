// Every namespace has a ConfigMap kube-root-ca.crt with the certificate that pods verify the API server by.

import { configMapKind } from "../../kinds/core/config-map.ts";
import { namespaceKind } from "../../kinds/core/namespace.ts";
import type { ConfigMap } from "../../kinds/core/types.gen.ts";
import type { Controller } from "../controller.ts";
import { watch } from "../controller.ts";
import { create, nothing, update } from "../decision.ts";

const name = "kube-root-ca.crt";
const annotations = {
  "kubernetes.io/description":
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
};

/** `caPem`: the bundle, PEM. */
export function rootCaController(caPem: string): Controller {
  const data = { "ca.crt": caPem };
  return {
    name: "root-ca-cert-publisher",
    watches: [
      watch(namespaceKind, (namespace) => [namespace.metadata?.name ?? ""]),
      watch(configMapKind, (map) => (map.metadata?.name === name ? [map.metadata.namespace ?? ""] : [])),
    ],
    decide: (view, namespaceName) => {
      const namespace = view.get(namespaceKind, "", namespaceName);
      if (namespace === undefined || namespace.metadata?.deletionTimestamp !== undefined) return nothing;
      const present = view.get(configMapKind, namespaceName, name);
      if (present === undefined) {
        const map = { metadata: { name, namespace: namespaceName, annotations }, data } as ConfigMap;
        return { about: namespace, writes: [create(configMapKind, map, "root certificate", { ignore: ["AlreadyExists"] })] };
      }
      if (present.data?.["ca.crt"] === caPem && Object.keys(present.data).length === 1) return nothing;
      const map = {
        ...present,
        metadata: { ...present.metadata, annotations: { ...present.metadata?.annotations, ...annotations } },
        data,
      };
      return { about: present, writes: [update(configMapKind, map as ConfigMap, "root certificate")] };
    },
  };
}
