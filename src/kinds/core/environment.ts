// Where a container's environment variables come from.

import { localObjectReference } from "./references.ts";
import { boolean, embedded, field, pointer, quantity, requiredField, string, struct } from "../../object/schema.ts";

export const configMapKeySelector = struct(
  "core.v1.ConfigMapKeySelector",
  "Selects a key of a ConfigMap.",
  {
    ...embedded(1, localObjectReference.fields),
    key: requiredField(2, string, "The key."),
    optional: pointer(3, boolean, "Whether the ConfigMap or the key may be missing."),
  },
  { atomic: true },
);

export const secretKeySelector = struct(
  "core.v1.SecretKeySelector",
  "Selects a key of a Secret.",
  {
    ...embedded(1, localObjectReference.fields),
    key: requiredField(2, string, "The key."),
    optional: pointer(3, boolean, "Whether the Secret or the key may be missing."),
  },
  { atomic: true },
);

export const objectFieldSelector = struct(
  "core.v1.ObjectFieldSelector",
  "Selects a field of the pod.",
  {
    apiVersion: field(1, string, "Version of the API that the path is written in.", { default: "v1" }),
    fieldPath: requiredField(2, string, "Path of the field, such as metadata.name."),
  },
  { atomic: true },
);

export const resourceFieldSelector = struct(
  "core.v1.ResourceFieldSelector",
  "Selects a request or limit of a container.",
  {
    containerName: field(1, string, "Which container; required in volumes, the container itself in its environment."),
    resource: requiredField(2, string, "Which value, such as limits.cpu."),
    divisor: field(3, quantity, "Unit of the output; 1 when zero.", { default: "0" }),
  },
  { atomic: true },
);

export const fileKeySelector = struct(
  "core.v1.FileKeySelector",
  "Selects a variable from an environment file in a volume.",
  {
    volumeName: requiredField(1, string, "Volume that holds the file."),
    path: requiredField(2, string, 'Path of the file in the volume; relative, without "..".'),
    key: requiredField(3, string, "Name of the variable in the file."),
    optional: pointer(4, boolean, "Whether the file or the key may be missing.", { default: false }),
  },
  { atomic: true },
);

export const envVarSource = struct("core.v1.EnvVarSource", "Where a variable's value comes from; exactly one source.", {
  fieldRef: pointer(1, objectFieldSelector, "A field of the pod."),
  resourceFieldRef: pointer(2, resourceFieldSelector, "A request or limit of a container."),
  configMapKeyRef: pointer(3, configMapKeySelector, "A key of a ConfigMap in the pod's namespace."),
  secretKeyRef: pointer(4, secretKeySelector, "A key of a Secret in the pod's namespace."),
  fileKeyRef: pointer(5, fileKeySelector, "A variable of an environment file in a volume."),
});

export const envVar = struct("core.v1.EnvVar", "An environment variable.", {
  name: requiredField(1, string, "Name of the variable."),
  value: field(2, string, "Value, in which $(NAME) is replaced by earlier variables and $$ stands for $."),
  valueFrom: pointer(3, envVarSource, "Where the value comes from, instead of value."),
});

export const configMapEnvSource = struct("core.v1.ConfigMapEnvSource", "All keys of a ConfigMap.", {
  ...embedded(1, localObjectReference.fields),
  optional: pointer(2, boolean, "Whether the ConfigMap may be missing."),
});

export const secretEnvSource = struct("core.v1.SecretEnvSource", "All keys of a Secret.", {
  ...embedded(1, localObjectReference.fields),
  optional: pointer(2, boolean, "Whether the Secret may be missing."),
});

export const envFromSource = struct("core.v1.EnvFromSource", "A source of many variables.", {
  prefix: field(1, string, "Put before each name."),
  configMapRef: pointer(2, configMapEnvSource, "A ConfigMap whose keys become variables."),
  secretRef: pointer(3, secretEnvSource, "A Secret whose keys become variables."),
});
