// Where images come from: a registries.yaml as k3s users know it (mirrors and configs) becomes containerd's tree of
// hosts.toml files, read by containerd at each pull, and the credentials for its main configuration, read at its start.

import type { TomlTable } from "./toml.ts";
import { formatToml } from "./toml.ts";

export interface RegistryMirror {
  /** URLs, tried in order: "http://127.0.0.1:5000", "https://mirror.example/v2/docker-hub". */
  readonly endpoints: readonly string[];
}
export interface RegistryConfig {
  readonly auth?: Omit<RegistryCredential, "host">;
  readonly tls?: {
    readonly caFile?: string;
    readonly certFile?: string;
    readonly keyFile?: string;
    readonly insecureSkipVerify?: boolean;
  };
}
export interface Registries {
  /** By registry name as in image references; "*" for every registry that has no entry. */
  readonly mirrors: Readonly<Record<string, RegistryMirror>>;
  /** By host of an endpoint: "127.0.0.1:5000". */
  readonly configs: Readonly<Record<string, RegistryConfig>>;
}
export interface RegistryCredential {
  readonly host: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** base64 of "user:password" */
  readonly auth?: string | undefined;
  readonly identityToken?: string | undefined;
}

export const noRegistries: Registries = { mirrors: {}, configs: {} };

/** Reads the parsed YAML of a registries.yaml. @throws Error naming the field that is wrong */
export function readRegistries(document: unknown): Registries {
  if (document === null || document === undefined) return noRegistries;
  const top = mapping(document, "registries");
  known(top, ["mirrors", "configs"], "registries");
  const mirrors: Record<string, RegistryMirror> = {};
  for (const [name, value] of Object.entries(mapping(top["mirrors"] ?? {}, "mirrors"))) {
    const at = `mirrors[${JSON.stringify(name)}]`;
    const mirror = mapping(value ?? {}, at);
    known(mirror, ["endpoint"], at);
    const endpoints = list(mirror["endpoint"] ?? [], `${at}.endpoint`).map((item, index) =>
      endpointUrl(text(item, `${at}.endpoint[${index}]`)!, `${at}.endpoint[${index}]`),
    );
    mirrors[name] = { endpoints };
  }
  const configs: Record<string, RegistryConfig> = {};
  for (const [host, value] of Object.entries(mapping(top["configs"] ?? {}, "configs"))) {
    const at = `configs[${JSON.stringify(host)}]`;
    const config = mapping(value ?? {}, at);
    known(config, ["auth", "tls"], at);
    configs[host] = { ...readAuth(config["auth"], `${at}.auth`), ...readTls(config["tls"], `${at}.tls`) };
  }
  return { mirrors, configs };
}

function readAuth(value: unknown, at: string): Pick<RegistryConfig, "auth"> {
  if (value === undefined || value === null) return {};
  const auth = mapping(value, at);
  known(auth, ["username", "password", "auth", "identity_token"], at);
  return {
    auth: {
      username: text(auth["username"], `${at}.username`),
      password: text(auth["password"], `${at}.password`),
      auth: text(auth["auth"], `${at}.auth`),
      identityToken: text(auth["identity_token"], `${at}.identity_token`),
    },
  };
}

function readTls(value: unknown, at: string): Pick<RegistryConfig, "tls"> {
  if (value === undefined || value === null) return {};
  const tls = mapping(value, at);
  known(tls, ["ca_file", "cert_file", "key_file", "insecure_skip_verify"], at);
  const skip = tls["insecure_skip_verify"];
  if (skip !== undefined && typeof skip !== "boolean") throw new Error(`${at}.insecure_skip_verify must be true or false`);
  return {
    tls: {
      caFile: text(tls["ca_file"], `${at}.ca_file`),
      certFile: text(tls["cert_file"], `${at}.cert_file`),
      keyFile: text(tls["key_file"], `${at}.key_file`),
      insecureSkipVerify: skip ?? false,
    },
  };
}

function mapping(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${at} must be a mapping`);
  return value as Readonly<Record<string, unknown>>;
}
function known(value: Readonly<Record<string, unknown>>, fields: readonly string[], at: string): void {
  for (const field of Object.keys(value)) {
    if (!fields.includes(field)) throw new Error(`${at} has the unknown field "${field}" (known: ${fields.join(", ")})`);
  }
}
function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${at} must be a list`);
  return value;
}
function text(value: unknown, at: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw new Error(`${at} must be a string`);
  return value;
}
function endpointUrl(value: string, at: string): string {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new Error(`${at} ${JSON.stringify(value)} is no URL; write it like "https://mirror.example:5000"`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new Error(`${at} ${JSON.stringify(value)} must be http or https`);
  return value.replace(/\/+$/, "");
}

export interface RegistryFiles {
  /** Path below the registries directory -> text. */
  readonly files: ReadonlyMap<string, string>;
  /** For containerd's main configuration. */
  readonly credentials: readonly RegistryCredential[];
}

/**
 * The hosts.toml tree. `defaultEndpoint`: after its mirrors a registry is asked itself (as k3s does); without it a registry with
 * mirrors is never asked, and one without mirrors and without "*" as usual.
 */
export function renderRegistries(registries: Registries, options: { readonly defaultEndpoint: boolean }): RegistryFiles {
  const files = new Map<string, string>();
  const names = new Set([...Object.keys(registries.mirrors), ...Object.keys(registries.configs)]);
  for (const name of names) {
    const endpoints = registries.mirrors[name]?.endpoints ?? [];
    const ownTls = registries.configs[name]?.tls;
    if (endpoints.length === 0 && ownTls === undefined) continue;
    const directory = name === "*" ? "_default" : name;
    files.set(`${directory}/hosts.toml`, renderHosts(name, endpoints, registries, options.defaultEndpoint));
  }
  const credentials = Object.entries(registries.configs).flatMap(([host, { auth }]) => (auth ? [{ host, ...auth }] : []));
  return { files, credentials };
}

function renderHosts(name: string, endpoints: readonly string[], registries: Registries, defaultEndpoint: boolean): string {
  const upstream = name === "*" ? undefined : name === "docker.io" ? "https://registry-1.docker.io" : `https://${name}`;
  const host: Record<string, TomlTable> = {};
  for (const endpoint of endpoints) host[endpoint] = hostTable(endpoint, registries);
  // containerd asks the image's own registry when `server` is absent; naming a mirror there keeps it from doing so.
  let server = defaultEndpoint ? upstream : endpoints.at(-1);
  if (upstream !== undefined && (endpoints.length === 0 || defaultEndpoint)) {
    server = upstream;
    if (registries.configs[name]?.tls) host[upstream] ??= hostTable(upstream, registries);
  }
  const overridden = server !== undefined && host[server]?.["override_path"] === true;
  return formatToml({ server, ...(overridden ? { override_path: true } : {}), host });
}

function hostTable(endpoint: string, registries: Registries): TomlTable {
  const url = new URL(endpoint);
  const tls = registries.configs[url.host]?.tls;
  const path = url.pathname.replace(/\/+$/, "");
  return {
    capabilities: ["pull", "resolve"],
    // A path is the API's whole root; without one containerd adds /v2.
    override_path: path !== "" && path !== "/v2" ? true : undefined,
    ca: tls?.caFile,
    client: tls?.certFile === undefined ? undefined : [[tls.certFile, tls.keyFile ?? ""]],
    skip_verify: tls?.insecureSkipVerify ? true : undefined,
  };
}
