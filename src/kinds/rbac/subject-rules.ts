// Rules about the subjects and roles of bindings.

type Members = Record<string, any>;

export const rbacGroup = "rbac.authorization.k8s.io";

/** Users and groups belong to the RBAC group, service accounts to the core group. */
export function defaultSubject(subject: Members): void {
  if (subject["kind"] === "User" || subject["kind"] === "Group") subject["apiGroup"] ??= rbacGroup;
}
