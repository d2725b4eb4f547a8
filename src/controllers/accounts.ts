// The identities of control-plane components: what they authenticate as, and the groups that come with it.

import type { UserInfo } from "../wire/exchange.ts";

/** A service account as the API server knows it, with the groups that every one of its namespace has. */
export const serviceAccountUser = (namespace: string, name: string): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
});

/** Each controller writes as its own account in kube-system, so that its rights can be read and limited. */
export const controllerUser = (name: string): UserInfo => serviceAccountUser("kube-system", name);

/** Reads for all controllers: the shared informers. */
export const controllersUser: UserInfo = { name: "system:kube-controller-manager", groups: ["system:authenticated"] };
