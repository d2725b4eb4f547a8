// Default roles inside kube-system and kube-public.

import type { PolicyRule } from "../attributes.ts";
import { allow } from "./rule-words.ts";

export interface NamespacedRole {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}
export interface NamespacedBinding {
  readonly namespace: string;
  /** Also the name of the role. */
  readonly name: string;
  readonly subjects: readonly { readonly kind: "User" | "Group" | "ServiceAccount"; readonly name: string; readonly namespace?: string }[];
}

export const namespacedRoles: readonly NamespacedRole[] = [
  {
    namespace: "kube-system",
    name: "extension-apiserver-authentication-reader",
    rules: [{ ...allow("core", "configmaps", "get list watch"), resourceNames: ["extension-apiserver-authentication"] }],
  },
  {
    namespace: "kube-system",
    name: "system::leader-locking-kube-controller-manager",
    rules: [allow("core", "configmaps", "watch"), allow("coordination.k8s.io", "leases", "create get update patch")],
  },
  {
    namespace: "kube-system",
    name: "system::leader-locking-kube-scheduler",
    rules: [allow("core", "configmaps", "watch"), allow("coordination.k8s.io", "leases", "create get update patch")],
  },
];

export const namespacedBindings: readonly NamespacedBinding[] = [
  {
    namespace: "kube-system",
    name: "extension-apiserver-authentication-reader",
    subjects: [
      { kind: "User", name: "system:kube-controller-manager" },
      { kind: "User", name: "system:kube-scheduler" },
    ],
  },
  {
    namespace: "kube-system",
    name: "system::leader-locking-kube-controller-manager",
    subjects: [{ kind: "User", name: "system:kube-controller-manager" }],
  },
  { namespace: "kube-system", name: "system::leader-locking-kube-scheduler", subjects: [{ kind: "User", name: "system:kube-scheduler" }] },
];
