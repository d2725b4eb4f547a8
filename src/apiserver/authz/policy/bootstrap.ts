// Reconciles, at each start, the objects that the API server itself needs: the four namespaces and the default roles and
// bindings. What an administrator added to a default role stays, what is missing comes back; the annotation
// `rbac.authorization.kubernetes.io/autoupdate: "false"` leaves an object alone.

import { clone } from "../../../object/copy.ts";
import type { ApiObject } from "../../../object/kind.ts";
import { StatusError } from "../../../object/status.ts";
import type { Exchange, UserInfo } from "../../../wire/exchange.ts";
import { Decoded } from "../../../wire/exchange.ts";
import type { PolicyRule } from "../attributes.ts";
import type { BindingObject, RoleObject } from "../rbac.ts";
import { uncovered } from "../rule-match.ts";
import { defaultClusterRoleBindings, defaultClusterRoles } from "./bootstrap-roles.ts";
import { namespacedBindings, namespacedRoles } from "./namespaced-roles.ts";

const autoUpdate = "rbac.authorization.kubernetes.io/autoupdate";
const apiVersion = "rbac.authorization.k8s.io/v1";
const serverUser: UserInfo = { name: "system:apiserver", groups: ["system:masters"] };
const systemNamespaces = ["kube-system", "default", "kube-public", "kube-node-lease"] as const;

const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const annotations = { [autoUpdate]: "true" };

/** Runs through the whole pipeline, as the server's own user. */
export async function bootstrapObjects(exchange: Exchange, signal: AbortSignal): Promise<void> {
  const ask = new Asker(exchange, signal);
  for (const name of systemNamespaces)
    await ask.ensure("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } }, () => undefined);
  const root = `/apis/${apiVersion}`;
  for (const role of defaultClusterRoles) {
    const wanted: RoleObject = {
      apiVersion,
      kind: "ClusterRole",
      metadata: { name: role.name, labels: { ...labels, ...role.labels }, annotations },
      rules: role.rules,
      ...(role.aggregates !== undefined && {
        aggregationRule: {
          clusterRoleSelectors: [{ matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${role.aggregates}`]: "true" } }],
        },
      }),
    };
    await ask.ensure(`${root}/clusterroles`, wanted, (present) => mendRole(present as RoleObject, wanted.rules ?? [], wanted));
  }
  for (const binding of defaultClusterRoleBindings) {
    const wanted = bindingOf("ClusterRoleBinding", binding.name, undefined, { kind: "ClusterRole", name: binding.role }, binding.subjects);
    await ask.ensure(`${root}/clusterrolebindings`, wanted, (present) => mendBinding(present as BindingObject, wanted));
  }
  for (const role of namespacedRoles) {
    const wanted: RoleObject = {
      apiVersion,
      kind: "Role",
      metadata: { name: role.name, namespace: role.namespace, labels, annotations },
      rules: role.rules,
    };
    await ask.ensure(`${root}/namespaces/${role.namespace}/roles`, wanted, (present) =>
      mendRole(present as RoleObject, role.rules, wanted),
    );
  }
  for (const binding of namespacedBindings) {
    const wanted = bindingOf("RoleBinding", binding.name, binding.namespace, { kind: "Role", name: binding.name }, binding.subjects);
    await ask.ensure(`${root}/namespaces/${binding.namespace}/rolebindings`, wanted, (present) =>
      mendBinding(present as BindingObject, wanted),
    );
  }
}

function bindingOf(
  kind: string,
  name: string,
  namespace: string | undefined,
  roleRef: { kind: string; name: string },
  subjects: readonly { kind: string; name: string; namespace?: string }[],
): BindingObject {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }), labels, annotations },
    roleRef: { ...roleRef, apiGroup: "rbac.authorization.k8s.io" } as BindingObject["roleRef"] & object,
    ...(subjects.length > 0 && {
      subjects: subjects.map((subject) =>
        subject.kind === "ServiceAccount" ? subject : { ...subject, apiGroup: "rbac.authorization.k8s.io" },
      ),
    }),
  };
}

const isLeftAlone = (present: ApiObject): boolean => present.metadata?.annotations?.[autoUpdate] === "false";

function mendRole(present: RoleObject, rules: readonly PolicyRule[], wanted: RoleObject): ApiObject | undefined {
  if (isLeftAlone(present)) return undefined;
  const missing = uncovered(present.rules ?? [], rules);
  const missingLabels = Object.entries(wanted.metadata?.labels ?? {}).some(([key, value]) => present.metadata?.labels?.[key] !== value);
  if (missing.length === 0 && !missingLabels) return undefined;
  const draft = clone(present) as unknown as { rules?: PolicyRule[]; metadata: { labels?: Record<string, string> } };
  if (missing.length > 0) draft.rules = [...(draft.rules ?? []), ...missing];
  draft.metadata.labels = { ...draft.metadata.labels, ...wanted.metadata?.labels };
  return draft as unknown as ApiObject;
}

function mendBinding(present: BindingObject, wanted: BindingObject): ApiObject | undefined {
  if (isLeftAlone(present)) return undefined;
  const same = (a: { kind?: string; name?: string; namespace?: string }, b: typeof a): boolean =>
    a.kind === b.kind && a.name === b.name && (a.namespace ?? "") === (b.namespace ?? "");
  const missing = (wanted.subjects ?? []).filter((subject) => !(present.subjects ?? []).some((other) => same(subject, other)));
  if (missing.length === 0) return undefined;
  return { ...present, subjects: [...(present.subjects ?? []), ...missing] } as ApiObject;
}

class Asker {
  readonly #exchange: Exchange;
  readonly #signal: AbortSignal;
  constructor(exchange: Exchange, signal: AbortSignal) {
    this.#exchange = exchange;
    this.#signal = signal;
  }

  /** Creates the object, or mends the present one with what `mend` gives. */
  async ensure(collection: string, wanted: ApiObject, mend: (present: ApiObject) => ApiObject | undefined): Promise<void> {
    const name = wanted.metadata!.name!;
    const path = `${collection}/${encodeURIComponent(name)}`;
    const present = await this.#ask("GET", path);
    if (present.status === 404) {
      const created = await this.#ask("POST", collection, wanted);
      if (created.status >= 400 && created.status !== 409) throw StatusError.from(created.value as never);
      return;
    }
    if (present.status >= 400) throw StatusError.from(present.value as never);
    const mended = mend(present.value as ApiObject);
    if (!mended) return;
    const updated = await this.#ask("PUT", path, mended);
    // Another server mended it at the same time.
    if (updated.status >= 400 && updated.status !== 409) throw StatusError.from(updated.value as never);
  }

  async #ask(method: string, target: string, body?: object): Promise<{ readonly status: number; readonly value: unknown }> {
    const response = await this.#exchange(
      {
        method,
        target,
        headers: { "user-agent": "timonier-apiserver" },
        peer: { address: "", user: serverUser },
        decoded: true,
        cause: { actor: "apiserver", rule: "bootstrap" },
        ...(body && { body: new Decoded(body) }),
      },
      this.#signal,
    );
    return { status: response.status, value: response.body instanceof Decoded ? response.body.value : undefined };
  }
}
