// Which cluster, as whom, in which namespace: kubeconfig files and the flags that override them.

import { decodeBase64 } from "../../base/base64.ts";
import type { Kubeconfig, KubeconfigCluster, KubeconfigContext, KubeconfigUser } from "../../client/kubeconfig.ts";
import { parseKubeconfig, resolveContext } from "../../client/kubeconfig.ts";
import type { MachineFiles } from "../../cluster/machine.ts";
import type { DialIdentity, DialTarget, DialTrust, Headers } from "../../wire/exchange.ts";
import { KubectlError } from "./errors.ts";
import type { Flags } from "./flags.ts";
import { absolutePath, directoryOf } from "./paths.ts";

export interface ConfigSource {
  readonly files: MachineFiles;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
}

/** Everything needed to connect. */
export interface ClientConfig {
  readonly server: string;
  readonly target: DialTarget;
  /** Path before every request, where the server's address has one. */
  readonly basePath: string;
  readonly trust: DialTrust;
  readonly identity: DialIdentity;
  /** Impersonation. */
  readonly headers: Headers;
}

/** The files that are read, first one first: --kubeconfig alone, else KUBECONFIG's, else the one in the home directory. */
export function configPaths(source: ConfigSource, flags: Flags): string[] {
  const given = flags.text("kubeconfig");
  if (given !== "") return [absolutePath(source.workingDirectory, given)];
  const listed = (source.variables["KUBECONFIG"] ?? "").split(":").filter((path) => path !== "");
  if (listed.length > 0) return [...new Set(listed)].map((path) => absolutePath(source.workingDirectory, path));
  return [`${source.variables["HOME"] ?? "/root"}/.kube/config`];
}

/** All files as one: the first to set a value or to name an entry wins. Paths inside are made absolute. */
export async function loadConfig(source: ConfigSource, flags: Flags): Promise<Kubeconfig> {
  let merged: Kubeconfig | undefined;
  for (const path of configPaths(source, flags)) {
    const content = await source.files.readText(path);
    if (content === undefined) {
      if (flags.text("kubeconfig") !== "") throw new KubectlError(`stat ${flags.text("kubeconfig")}: no such file or directory`);
      continue;
    }
    let config: Kubeconfig;
    try {
      config = withAbsolutePaths(parseKubeconfig(content), directoryOf(path));
    } catch (error) {
      throw new KubectlError(`error loading config file "${path}": ${(error as Error).message}`);
    }
    merged = merged === undefined ? config : mergeConfigs(merged, config);
  }
  return merged ?? parseKubeconfig("");
}

function mergeConfigs(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  const merge = <T extends { readonly name: string }>(a: readonly T[], b: readonly T[]): readonly T[] => [
    ...a,
    ...b.filter((entry) => !a.some((known) => known.name === entry.name)),
  ];
  return {
    ...second,
    ...first,
    "current-context": first["current-context"] === "" ? second["current-context"] : first["current-context"],
    clusters: merge(first.clusters, second.clusters),
    contexts: merge(first.contexts, second.contexts),
    users: merge(first.users, second.users),
  };
}

function withAbsolutePaths(config: Kubeconfig, directory: string): Kubeconfig {
  const resolve = <T extends Readonly<Record<string, unknown>>>(of: T, fields: readonly string[]): T => {
    const changed: Record<string, unknown> = { ...of };
    for (const field of fields) {
      const path = changed[field];
      if (typeof path === "string" && path !== "") changed[field] = absolutePath(directory, path);
    }
    return changed as T;
  };
  return {
    ...config,
    clusters: config.clusters.map(({ name, cluster }) => ({ name, cluster: resolve(cluster ?? {}, ["certificate-authority"]) })),
    users: config.users.map(({ name, user }) => ({ name, user: resolve(user ?? {}, ["client-certificate", "client-key", "tokenFile"]) })),
  };
}

/** The context that the flags choose, with the flags' own cluster, user and namespace in place of its. */
export function chosenContext(
  config: Kubeconfig,
  flags: Flags,
): { readonly context: KubeconfigContext; readonly cluster: KubeconfigCluster; readonly user: KubeconfigUser } {
  const name = flags.text("context") || config["current-context"];
  const [clusterName, userName] = [flags.text("cluster"), flags.text("user")];
  let found: ReturnType<typeof resolveContext> = { context: {}, cluster: {}, user: {} };
  try {
    if (name !== "") found = resolveContext(config, name);
  } catch (error) {
    if (flags.text("context") !== "" || (clusterName === "" && flags.text("server") === ""))
      throw new KubectlError((error as Error).message);
  }
  const cluster = clusterName === "" ? found.cluster : config.clusters.find((entry) => entry.name === clusterName)?.cluster;
  if (cluster === undefined) throw new KubectlError(`cluster "${clusterName}" does not exist`);
  const user = userName === "" ? found.user : config.users.find((entry) => entry.name === userName)?.user;
  if (user === undefined) throw new KubectlError(`auth info "${userName}" does not exist`);
  return { context: found.context, cluster, user };
}

/** @throws KubectlError where the files lead nowhere or ask for what we do not do */
export async function resolveClientConfig(source: ConfigSource, config: Kubeconfig, flags: Flags): Promise<ClientConfig> {
  const { cluster, user } = chosenContext(config, flags);
  const server = flags.text("server") || cluster.server || "http://localhost:8080";
  let url: URL;
  try {
    url = new URL(server.includes("://") ? server : `https://${server}`);
  } catch {
    throw new KubectlError(`the server's address ${JSON.stringify(server)} is no URL`);
  }
  const secure = url.protocol === "https:";
  const insecure = flags.has("insecure-skip-tls-verify")
    ? flags.bool("insecure-skip-tls-verify")
    : cluster["insecure-skip-tls-verify"] === true;
  const serverName = flags.text("tls-server-name") || cluster["tls-server-name"];
  const caPem = await pem(
    source,
    cluster["certificate-authority-data"],
    flags.text("certificate-authority") || cluster["certificate-authority"],
  );
  return {
    server: url.host,
    target: {
      scheme: secure ? "https" : "http",
      host: url.hostname.replaceAll(/^\[|\]$/g, ""),
      port: Number(url.port) || (secure ? 443 : 80),
    },
    basePath: url.pathname.replace(/\/+$/, ""),
    trust: {
      ...(insecure ? { insecure } : caPem !== undefined && { caPem }),
      ...(serverName !== undefined && serverName !== "" && { serverName }),
    },
    identity: await identityOf(source, user, flags),
    headers: impersonation(user, flags),
  };
}

async function identityOf(source: ConfigSource, user: KubeconfigUser, flags: Flags): Promise<DialIdentity> {
  const token = flags.text("token") || (user.token ?? "");
  if (token !== "") return { bearerToken: token };
  const tokenFile = user["tokenFile"];
  if (typeof tokenFile === "string" && tokenFile !== "") {
    const content = await source.files.readText(tokenFile);
    if (content === undefined) throw new KubectlError(`open ${tokenFile}: no such file or directory`);
    return { bearerToken: content.trim() };
  }
  const certificatePem = await pem(source, user["client-certificate-data"], flags.text("client-certificate") || user["client-certificate"]);
  const keyPem = await pem(source, user["client-key-data"], flags.text("client-key") || user["client-key"]);
  if (certificatePem === undefined && keyPem === undefined) {
    for (const way of ["exec", "auth-provider", "username"]) {
      if (user[way] !== undefined)
        throw new KubectlError(
          `the kubeconfig's user logs in by "${way}", which this kubectl does not do; give it a token or a client certificate`,
        );
    }
  }
  return { ...(certificatePem !== undefined && { certificatePem }), ...(keyPem !== undefined && { keyPem }) };
}

async function pem(source: ConfigSource, data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data !== undefined && data !== "") {
    const bytes = decodeBase64(data);
    if (bytes === undefined) throw new KubectlError("a certificate or key in the kubeconfig is no base64");
    return new TextDecoder().decode(bytes);
  }
  if (path === undefined || path === "") return undefined;
  const content = await source.files.readText(absolutePath(source.workingDirectory, path));
  if (content === undefined) throw new KubectlError(`unable to read ${path}: no such file or directory`);
  return content;
}

function impersonation(user: KubeconfigUser, flags: Flags): Headers {
  const name = flags.text("as") || (typeof user["as"] === "string" ? user["as"] : "");
  const groups = flags.list("as-group");
  const uid = flags.text("as-uid");
  if (name === "") {
    if (groups.length > 0 || uid !== "")
      throw new KubectlError("requesting uid, groups or user-extra for test without impersonating a user");
    return {};
  }
  return {
    "impersonate-user": name,
    ...(groups.length > 0 && { "impersonate-group": groups.join(", ") }),
    ...(uid !== "" && { "impersonate-uid": uid }),
  };
}
