// Options of writes, from the query string or the DeleteOptions body, checked as Kubernetes checks them.

import type { FieldError } from "../../object/field-error.ts";
import { invalidValue, notSupported, required, tooLong } from "../../object/field-error.ts";
import { badRequest, invalid } from "../../object/status.ts";
import type { Call } from "../route/call.ts";
import { isTrue } from "../route/request-info.ts";

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly unknownFields: "strict" | "warn" | "ignore";
  readonly force: boolean;
}

const maxManagerLength = 128;

export function writeOptions(call: Call, type: "CreateOptions" | "UpdateOptions" | "PatchOptions", apply = false): WriteOptions {
  const { query } = call.info;
  const errors: FieldError[] = [];
  const dryRun = query.getAll("dryRun").filter((value) => value !== "");
  errors.push(...checkDryRun(dryRun));
  const manager = query.get("fieldManager") ?? "";
  if (manager.length > maxManagerLength) errors.push(tooLong("fieldManager", maxManagerLength));
  if (/\p{Cc}/u.test(manager)) errors.push(invalidValue("fieldManager", manager, "should only contain printable characters"));
  if (apply && manager === "") errors.push(required("fieldManager", "is required for apply patch"));
  const force = isTrue(query.get("force"));
  if (type === "PatchOptions" && !apply && query.has("force"))
    errors.push({ type: "FieldValueForbidden", field: "force", detail: "may not be specified for non-apply patch" });
  const validation = query.get("fieldValidation") ?? "";
  if (!["", "Ignore", "Warn", "Strict"].includes(validation))
    errors.push(notSupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: type }, "", errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager !== "" ? manager : managerFromAgent(call.request.headers["user-agent"]),
    unknownFields: validation === "Strict" ? "strict" : validation === "Ignore" ? "ignore" : "warn",
    force,
  };
}

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly orphanDependents?: boolean;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

/** `body` is the parsed DeleteOptions, which wins over the query when it is there. */
export function deleteOptions(call: Call, body: unknown): DeleteOptions {
  const { query } = call.info;
  const given: Record<string, unknown> = typeof body === "object" && body !== null ? { ...(body as Record<string, unknown>) } : {};
  if (body === undefined) {
    const grace = query.get("gracePeriodSeconds");
    if (grace !== null && grace !== "") {
      if (!/^-?\d+$/.test(grace)) throw badRequest(`invalid gracePeriodSeconds: ${JSON.stringify(grace)}`);
      given["gracePeriodSeconds"] = Number(grace);
    }
    if (query.has("propagationPolicy")) given["propagationPolicy"] = query.get("propagationPolicy");
    if (query.has("orphanDependents")) given["orphanDependents"] = isTrue(query.get("orphanDependents"));
    if (query.has("dryRun")) given["dryRun"] = query.getAll("dryRun");
  } else if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest("expected DeleteOptions in the body");
  }
  const errors: FieldError[] = [];
  const dryRun = list(given["dryRun"]);
  errors.push(...checkDryRun(dryRun));
  const policy = given["propagationPolicy"];
  if (policy !== undefined && policy !== null && policy !== "Background" && policy !== "Foreground" && policy !== "Orphan")
    errors.push(notSupported("propagationPolicy", policy, ["Background", "Foreground", "Orphan"]));
  const orphan = given["orphanDependents"];
  if (typeof policy === "string" && typeof orphan === "boolean")
    errors.push(invalidValue("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
  const grace = given["gracePeriodSeconds"];
  if (grace !== undefined && grace !== null && (typeof grace !== "number" || !Number.isInteger(grace)))
    throw badRequest("json: cannot unmarshal value into Go struct field DeleteOptions.gracePeriodSeconds of type int64");
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
  const preconditions = (given["preconditions"] ?? {}) as { uid?: unknown; resourceVersion?: unknown };
  return {
    dryRun: dryRun.length > 0,
    preconditions: {
      ...(typeof preconditions.uid === "string" && { uid: preconditions.uid }),
      ...(typeof preconditions.resourceVersion === "string" && { resourceVersion: preconditions.resourceVersion }),
    },
    // A negative period is a mistake that Kubernetes reads as "now".
    ...(typeof grace === "number" && { gracePeriodSeconds: grace < 0 ? 1 : grace }),
    ...(typeof policy === "string" && { propagationPolicy: policy as "Background" }),
    ...(typeof orphan === "boolean" && { orphanDependents: orphan }),
  };
}

function checkDryRun(values: readonly string[]): FieldError[] {
  return values.some((value) => value !== "All") ? [notSupported("dryRun", values, ["All"])] : [];
}

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === "string" && value !== "" ? [value] : [];

/** Who wrote, when the writer does not say: the program's name out of its User-Agent. */
function managerFromAgent(agent: string | undefined): string {
  const name = (agent ?? "").split("/")[0]!.trim();
  return name === "" ? "unknown" : name.replaceAll(/\p{Cc}/gu, "").slice(0, maxManagerLength);
}
