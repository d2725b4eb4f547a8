// What one request to the registry is aimed at.

import type { Served } from "../resources.ts";
import { keyOf } from "../resources.ts";
import type { Server } from "../server.ts";
import type { Call } from "../route/call.ts";
import type { StructType } from "../../object/schema.ts";

export interface Target {
  readonly served: Served;
  /** "" for cluster-scoped kinds, and for all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export const targetKey = (target: Target): string => keyOf(target.served, target.namespace, target.name);

/** Schemas by apiVersion and kind, for reading protobuf bodies. */
export const schemasOf =
  (server: Server) =>
  (apiVersion: string, kind: string): StructType | undefined => {
    const slash = apiVersion.indexOf("/");
    return server.resources.schemaOf(apiVersion.slice(0, Math.max(0, slash)), apiVersion.slice(slash + 1), kind);
  };

/** A namespace is the object itself for the kind Namespace; its requests carry it as their namespace too. */
export function targetOf(call: Call, served: Served): Target {
  const { info } = call;
  const namespace = served.kind.namespaced ? info.namespace : "";
  return { served, namespace, name: info.name, subresource: info.subresource };
}
