// Subresources that many kinds have alike.

import { clone } from "../object/copy.ts";
import type { FieldError } from "../object/field-error.ts";
import type { Subresource } from "../object/kind.ts";

/** `status`: everything but what is wanted. The spec stays as it was. `validateUpdate` checks what is reported. */
export const statusSubresource = (validateUpdate?: (object: any, old: any) => readonly FieldError[]): Subresource<any> => ({
  type: "view",
  name: "status",
  ...(validateUpdate && { validateUpdate }),
  prepareUpdate(draft, old) {
    draft.spec = clone(old.spec);
  },
});

/** `proxy`: requests passed on to whatever listens there. `options` is the kind of its query parameters. */
export const proxySubresource = (options: string, operation: string): Subresource<any> => ({
  type: "connect",
  name: "proxy",
  represents: { group: "", version: "v1", kind: options },
  verbs: ["create", "delete", "get", "patch", "update"],
  operation,
});
