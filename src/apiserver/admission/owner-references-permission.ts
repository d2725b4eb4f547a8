// OwnerReferencesPermissionEnforcement in its part for blockOwnerDeletion: whoever makes an object block the deletion of its
// owner must be allowed to set finalizers on that owner.

import type { OwnerReference } from "../../object/kind.ts";
import { forbidden } from "../../object/status.ts";
import type { AdmissionPlugin } from "./plugin.ts";

export const ownerReferencesPermission: AdmissionPlugin = {
  name: "OwnerReferencesPermissionEnforcement",
  validate: (server, request) => {
    const { object, old, user, namespace, operation, served, subresource } = request;
    if (!object || subresource !== "" || (operation !== "CREATE" && operation !== "UPDATE")) return;
    const before = new Set((old?.metadata?.ownerReferences ?? []).filter((ref) => ref.blockOwnerDeletion).map((ref) => ref.uid));
    for (const reference of object.metadata?.ownerReferences ?? []) {
      if (!reference.blockOwnerDeletion || before.has(reference.uid)) continue;
      const owner = ownerResource(reference);
      const resources = server.resources.kinds.byKind(owner.group, owner.version, reference.kind);
      if (!resources)
        throw forbidden(
          served.name,
          request.name,
          `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${reference.apiVersion} Kind ${reference.kind}`,
        );
      const decision = server.authorizer.authorize({
        user,
        verb: "update",
        isResource: true,
        ...owner,
        resource: resources.plural,
        subresource: "finalizers",
        namespace: resources.namespaced ? namespace : "",
        name: reference.name,
        path: "",
      });
      if (!decision.allowed)
        throw forbidden(
          served.name,
          request.name,
          `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${decision.reason}`,
        );
    }
  },
};

function ownerResource(reference: OwnerReference): { readonly group: string; readonly version: string } {
  const slash = reference.apiVersion.indexOf("/");
  return { group: reference.apiVersion.slice(0, Math.max(0, slash)), version: reference.apiVersion.slice(slash + 1) };
}
