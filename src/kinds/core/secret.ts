// Secret: data that few may see.

import { encodeBase64Text } from "../../base/base64.ts";
import type { Secret } from "./types.gen.ts";
import type { Draft } from "../../object/kind.ts";
import { validateSecret, validateSecretUpdate } from "./secret-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, countColumn, nameColumn, textColumn } from "../columns.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { boolean, bytes, field, map, pointer, string, struct } from "../../object/schema.ts";

export const secret = struct("core.v1.Secret", "Confidential data under keys.", {
  ...typeMeta,
  metadata: objectMetadata,
  data: field(2, map(bytes), "The values, base64 in JSON."),
  type: field(3, string, "What the data is, and which keys it must have.", { default: "Opaque" }),
  stringData: field(4, map(string), "Text that is moved into data on writing, and never read back."),
  immutable: pointer(5, boolean, "Once true, data never changes again."),
});

/** What was written as text moves into `data`, over a key of the same name. */
function moveText(draft: Draft<Secret>): void {
  if (draft.stringData === undefined) return;
  draft.data = { ...draft.data };
  for (const [key, text] of Object.entries(draft.stringData)) draft.data[key] = encodeBase64Text(text);
  delete draft.stringData;
}

export const secretKind = defineKind<Secret>({
  group: "",
  kind: "Secret",
  plural: "secrets",
  singular: "secret",
  namespaced: true,
  versions: [{ name: "v1", schema: secret, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    textColumn("Type", "What the data is.", (object) => object.type ?? ""),
    countColumn("Data", "How many keys it has.", (object) => Object.keys(object.data ?? {}).length),
    ageColumn,
  ],
  selectableFields: { type: (object) => object.type ?? "" },
  rules: { prepareCreate: moveText, prepareUpdate: moveText, validate: validateSecret, validateUpdate: validateSecretUpdate },
});
