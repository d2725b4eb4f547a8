// `scale`: the number of replicas of a workload, read and written without knowing its kind.

import { formatLabelSelector, selectorFromObject } from "../../lang/label-selector.ts";
import type { LabelSelectorObject } from "../../lang/label-selector.ts";
import { invalidValue } from "../../object/field-error.ts";
import type { ApiObject, Subresource } from "../../object/kind.ts";
import type { Scale } from "./types.gen.ts";

/** What a kind must look like to be scaled. */
interface Scalable extends ApiObject {
  readonly spec?: { readonly replicas?: number; readonly selector?: LabelSelectorObject };
  readonly status?: { readonly replicas?: number };
}

/** The Scale of an object with spec.replicas, spec.selector and status.replicas. */
export function scaleOf(object: Scalable): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const selector = selectorFromObject(object.spec?.selector);
  const text = selector === undefined ? "" : formatLabelSelector(selector);
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
  return {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)),
    spec: { ...((object.spec?.replicas ?? 0) !== 0 && { replicas: object.spec!.replicas! }) },
    status: { replicas: object.status?.replicas ?? 0, ...(text !== "" && { selector: text }) },
  };
}

export const scaleSubresource = (): Subresource<any> => ({
  type: "projection",
  name: "scale",
  represents: { group: "autoscaling", version: "v1", kind: "Scale" },
  read: scaleOf,
  write(draft, representation) {
    draft.spec.replicas = (representation as Scale).spec?.replicas ?? 0;
  },
  validate(representation) {
    const replicas = (representation as Scale).spec?.replicas ?? 0;
    return replicas < 0 ? [invalidValue("spec.replicas", replicas, "must be greater than or equal to 0")] : [];
  },
});
