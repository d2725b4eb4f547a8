// Every namespace has a ServiceAccount named default, for pods that name none.

import { namespaceKind } from "../../kinds/core/namespace.ts";
import { serviceAccountKind } from "../../kinds/core/service-account.ts";
import type { ServiceAccount } from "../../kinds/core/types.gen.ts";
import type { Controller } from "../controller.ts";
import { watch } from "../controller.ts";
import { create, nothing } from "../decision.ts";

export const serviceAccountController: Controller = {
  name: "service-account-controller",
  watches: [
    watch(namespaceKind, (namespace) => [namespace.metadata?.name ?? ""]),
    watch(serviceAccountKind, (account) => (account.metadata?.name === "default" ? [account.metadata.namespace ?? ""] : [])),
  ],
  decide: (view, name) => {
    const namespace = view.get(namespaceKind, "", name);
    if (namespace === undefined || namespace.metadata?.deletionTimestamp !== undefined) return nothing;
    if (view.get(serviceAccountKind, name, "default") !== undefined) return nothing;
    const account = { metadata: { name: "default", namespace: name } } as ServiceAccount;
    return { about: namespace, writes: [create(serviceAccountKind, account, "default account", { ignore: ["AlreadyExists"] })] };
  },
};
