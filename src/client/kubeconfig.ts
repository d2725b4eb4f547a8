// The file that tells kubectl and everyone else where clusters are and who one is. Text in, text out: what it holds beside
// our own entries is kept as it is, unknown fields included.

import { formatYaml, parseYaml } from "../wire/yaml.ts";

export interface Kubeconfig {
  readonly apiVersion: "v1";
  readonly kind: "Config";
  readonly "current-context": string;
  readonly clusters: readonly { readonly name: string; readonly cluster: KubeconfigCluster }[];
  readonly contexts: readonly { readonly name: string; readonly context: KubeconfigContext }[];
  readonly users: readonly { readonly name: string; readonly user: KubeconfigUser }[];
  readonly [other: string]: unknown;
}
export interface KubeconfigCluster {
  readonly server?: string;
  readonly "certificate-authority-data"?: string;
  readonly "certificate-authority"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
  readonly [other: string]: unknown;
}
export interface KubeconfigContext {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  readonly [other: string]: unknown;
}
export interface KubeconfigUser {
  readonly "client-certificate-data"?: string;
  readonly "client-certificate"?: string;
  readonly "client-key-data"?: string;
  readonly "client-key"?: string;
  readonly token?: string;
  readonly [other: string]: unknown;
}

/** What one entry of a cluster adds; the three parts bear the entry's name. */
export interface KubeconfigEntry {
  readonly name: string;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
  readonly namespace?: string;
}

const empty: Kubeconfig = { apiVersion: "v1", kind: "Config", "current-context": "", clusters: [], contexts: [], users: [] };

/** A kubeconfig from its text; an empty text is an empty one. @throws Error that says what is wrong with the file */
export function parseKubeconfig(text: string): Kubeconfig {
  if (text.trim() === "") return empty;
  const { value } = parseYaml(text);
  if (value === null) return empty;
  if (typeof value !== "object" || Array.isArray(value)) throw new Error("a kubeconfig is a YAML mapping, this is not");
  const config = value as Record<string, unknown>;
  if (config["kind"] !== undefined && config["kind"] !== "Config") {
    throw new Error(`a kubeconfig has kind Config, this has ${JSON.stringify(config["kind"])}`);
  }
  for (const part of ["clusters", "contexts", "users"]) {
    const list = config[part];
    if (list !== undefined && list !== null && !Array.isArray(list)) throw new Error(`the kubeconfig's ${part} are no list`);
  }
  return {
    ...config,
    apiVersion: "v1",
    kind: "Config",
    "current-context": typeof config["current-context"] === "string" ? config["current-context"] : "",
    clusters: (config["clusters"] ?? []) as Kubeconfig["clusters"],
    contexts: (config["contexts"] ?? []) as Kubeconfig["contexts"],
    users: (config["users"] ?? []) as Kubeconfig["users"],
  };
}

export const formatKubeconfig = (config: Kubeconfig): string => formatYaml(config);

/**
 * Adds or replaces the cluster, context and user of this name, and leaves every other entry alone. The namespace that the
 * context had stays unless the entry states one.
 * `current`: "always" makes it the current context, "if-none" only when there is none or the present one does not exist.
 */
export function mergeEntry(config: Kubeconfig, entry: KubeconfigEntry, current: "always" | "if-none" | "never"): Kubeconfig {
  const { name } = entry;
  const present = config.contexts.find((context) => context.name === name)?.context;
  const namespace = entry.namespace ?? present?.namespace;
  const merged: Kubeconfig = {
    ...config,
    clusters: replace(config.clusters, { name, cluster: entry.cluster }),
    contexts: replace(config.contexts, {
      name,
      context: { cluster: name, ...(namespace !== undefined && { namespace }), user: name },
    }),
    users: replace(config.users, { name, user: entry.user }),
  };
  const dangling = !config.contexts.some((context) => context.name === config["current-context"]);
  const take = current === "always" || (current === "if-none" && dangling);
  return take ? { ...merged, "current-context": name } : merged;
}

/** Takes the cluster, context and user of this name away; a current context that went with them becomes none. */
export function removeEntry(config: Kubeconfig, name: string): Kubeconfig {
  return {
    ...config,
    clusters: config.clusters.filter((cluster) => cluster.name !== name),
    contexts: config.contexts.filter((context) => context.name !== name),
    users: config.users.filter((user) => user.name !== name),
    ...(config["current-context"] === name && { "current-context": "" }),
  };
}

/** What a context leads to. @throws Error with kubectl's words when the context, its cluster or its user does not exist */
export function resolveContext(
  config: Kubeconfig,
  context = config["current-context"],
): { readonly context: KubeconfigContext; readonly cluster: KubeconfigCluster; readonly user: KubeconfigUser } {
  if (context === "") throw new Error("no current context is set in the kubeconfig");
  const found = config.contexts.find((candidate) => candidate.name === context)?.context;
  if (found === undefined) throw new Error(`context "${context}" does not exist`);
  const cluster = config.clusters.find((candidate) => candidate.name === found.cluster)?.cluster;
  if (cluster === undefined) throw new Error(`cluster "${found.cluster ?? ""}" of context "${context}" does not exist`);
  const user = config.users.find((candidate) => candidate.name === found.user)?.user;
  if (user === undefined && found.user !== undefined && found.user !== "") {
    throw new Error(`auth info "${found.user}" of context "${context}" does not exist`);
  }
  return { context: found, cluster, user: user ?? {} };
}

function replace<T extends { readonly name: string }>(list: readonly T[], entry: T): readonly T[] {
  return list.some((other) => other.name === entry.name)
    ? list.map((other) => (other.name === entry.name ? entry : other))
    : [...list, entry];
}
