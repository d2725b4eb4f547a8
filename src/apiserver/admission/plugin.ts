// The shape of an admission plugin: looks at one write, may change the object, may refuse.

import type { ApiObject } from "../../object/kind.ts";
import type { UserInfo } from "../../wire/exchange.ts";
import type { ObjectDraft } from "../registry/decode-body.ts";
import type { Served } from "../resources.ts";
import type { Server } from "../server.ts";

export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly served: Served;
  readonly namespace: string;
  /** "" while generateName has not been resolved. */
  readonly name: string;
  readonly subresource: string;
  /** The object in its storage version; of an operation subresource (binding, eviction, token) its body. Absent on delete. */
  readonly object?: ObjectDraft;
  readonly old?: ApiObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
}

export interface AdmissionPlugin {
  readonly name: string;
  /** Changes the draft in place. @throws StatusError to refuse */
  readonly mutate?: (server: Server, request: AdmissionRequest) => void | Promise<void>;
  /** @throws StatusError to refuse */
  readonly validate?: (server: Server, request: AdmissionRequest) => void | Promise<void>;
}

/** True for a write to this core resource itself or, when named, to its subresource. */
export const isFor = (request: AdmissionRequest, resource: string, subresource = "", group = ""): boolean =>
  request.served.kind.group === group && request.served.kind.plural === resource && request.subresource === subresource;
