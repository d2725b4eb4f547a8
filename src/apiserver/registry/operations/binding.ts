// pods/binding: a scheduler places a pod, once.

import { formatTime } from "../../../base/clock.ts";
import { clone } from "../../../object/copy.ts";
import { invalidValue, notSupported, required } from "../../../object/field-error.ts";
import type { FieldError } from "../../../object/field-error.ts";
import { badRequest, conflict, invalid, notFound } from "../../../object/status.ts";
import { statusStruct } from "../../../object/meta.ts";
import { respondValue } from "../../route/respond.ts";
import type { ObjectDraft } from "../decode-body.ts";
import { ownerOfUpdate } from "../field-ownership.ts";
import { updateObject } from "../update.ts";
import type { Target } from "../target.ts";
import type { Operation, OperationRequest } from "./operation.ts";

interface BindingBody {
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
  };
  readonly target?: { readonly kind?: string; readonly name?: string };
}
interface Condition {
  type: string;
  status: string;
  lastTransitionTime?: string;
  lastProbeTime?: string | null;
}
interface PodDraft {
  metadata: {
    uid?: string;
    resourceVersion?: string;
    deletionTimestamp?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  };
  spec: { nodeName?: string; schedulingGates?: unknown[] };
  status?: { conditions?: Condition[] };
}

export const bind: Operation = async (request) => {
  const { server, call, options } = request;
  const body = request.draft as BindingBody;
  const target = podOf(request, body);
  const errors = validate(body);
  if (errors.length > 0) throw invalid({ group: "", kind: "Binding" }, body.metadata?.name ?? target.name, errors);
  await updateObject(server, call, { ...target, subresource: "" }, options, {
    internal: true,
    change: (old) => placed({ ...request, target }, clone(old) as unknown as PodDraft, body),
    own: (draft, old) => ownerOfUpdate(server, target.served, draft, old, options.fieldManager, "binding"),
  });
  return respondValue(call, 201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }, statusStruct);
};

/** Posted to `bindings` itself, the body names the pod. */
function podOf({ server, target }: OperationRequest, body: BindingBody): Target {
  if (target.served.kind.plural === "pods") return target;
  const name = body.metadata?.name ?? "";
  if (name === "") throw badRequest("name is required");
  const served = server.resources.find("", "v1", "pods");
  if (!served) throw notFound(target.served.name, name);
  return { served, namespace: target.namespace, name, subresource: "" };
}

function validate(body: BindingBody): FieldError[] {
  const errors: FieldError[] = [];
  const { kind = "", name = "" } = body.target ?? {};
  if (kind !== "" && kind !== "Node") errors.push(notSupported("target.kind", kind, ["Node", "<empty>"]));
  if (name === "") errors.push(required("target.name"));
  else if (name.includes("/") || name.includes("%")) errors.push(invalidValue("target.name", name, "may not contain '/'"));
  return errors;
}

function placed({ server, target }: OperationRequest, pod: PodDraft, body: BindingBody): ObjectDraft {
  const { name } = target;
  const refuse = (why: string): Error => conflict({ group: "", resource: "pods/binding" }, name, why);
  if (body.metadata?.uid && body.metadata.uid !== pod.metadata.uid)
    throw refuse(`Precondition failed: UID in precondition: ${body.metadata.uid}, UID in object meta: ${pod.metadata.uid}`);
  if (body.metadata?.resourceVersion && body.metadata.resourceVersion !== pod.metadata.resourceVersion)
    throw refuse(
      `Precondition failed: ResourceVersion in precondition: ${body.metadata.resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`,
    );
  if (pod.metadata.deletionTimestamp !== undefined) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if (pod.spec.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = body.target!.name!;
  if (body.metadata?.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...body.metadata.annotations };
  if (body.metadata?.labels) pod.metadata.labels = { ...pod.metadata.labels, ...body.metadata.labels };
  const conditions = (pod.status ??= {}).conditions ?? [];
  const others = conditions.filter((condition) => condition.type !== "PodScheduled");
  pod.status.conditions = [...others, { type: "PodScheduled", status: "True", lastTransitionTime: formatTime(server.deps.clock.now()) }];
  return pod as unknown as ObjectDraft;
}
