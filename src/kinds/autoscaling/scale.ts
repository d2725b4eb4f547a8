// Scale: how many replicas something wants and has, whatever its kind.

import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, int32, requiredField, string, struct } from "../../object/schema.ts";

export const scaleSpec = struct("autoscaling.v1.ScaleSpec", "What is wanted.", {
  replicas: field(1, int32, "How many."),
});

export const scaleStatus = struct("autoscaling.v1.ScaleStatus", "What is observed.", {
  replicas: requiredField(1, int32, "How many there are."),
  selector: field(2, string, "Label selector of the pods, in the form of the query parameter."),
});

export const scale = struct("autoscaling.v1.Scale", "How many replicas something wants and has.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, scaleSpec, "What is wanted."),
  status: field(3, scaleStatus, "What is observed."),
});
