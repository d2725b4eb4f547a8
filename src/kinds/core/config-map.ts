// ConfigMap: configuration that is no secret.

import type { ConfigMap } from "./types.gen.ts";
import { validateConfigMap, validateConfigMapUpdate } from "./config-map-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, countColumn, nameColumn } from "../columns.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { boolean, bytes, field, map, pointer, string, struct } from "../../object/schema.ts";

export const configMap = struct("core.v1.ConfigMap", "Configuration as text and bytes under keys.", {
  ...typeMeta,
  metadata: objectMetadata,
  data: field(2, map(string), "Text values; the keys are fit to be file names."),
  binaryData: field(3, map(bytes), "Values that are not UTF-8; keys differ from those of data."),
  immutable: pointer(4, boolean, "Once true, data never changes again."),
});

export const configMapKind = defineKind<ConfigMap>({
  group: "",
  kind: "ConfigMap",
  plural: "configmaps",
  singular: "configmap",
  shortNames: ["cm"],
  namespaced: true,
  versions: [{ name: "v1", schema: configMap, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    countColumn(
      "Data",
      "How many keys it has.",
      (object) => Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length,
    ),
    ageColumn,
  ],
  rules: { validate: validateConfigMap, validateUpdate: validateConfigMapUpdate },
});
