// Which credentials of a pod's pull secrets fit an image: docker's two file formats, matched by registry and path.

import type { Secret } from "../../kinds/core/types.gen.ts";
import { decodeBase64, decodeCheckedBase64 } from "../../base/base64.ts";
import type { RegistryAuth } from "../container-runtime.ts";
import type { ImageReference } from "./reference.ts";

interface AuthEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/**
 * Credentials that fit, the longest match first. The server's address is left out: a runtime that asks a mirror sends
 * credentials only when the address is empty or the mirror's.
 */
export function matchingCredentials(secrets: readonly Secret[], image: ImageReference): readonly RegistryAuth[] {
  const matches: { readonly key: string; readonly auth: RegistryAuth }[] = [];
  for (const secret of secrets) {
    for (const [key, entry] of Object.entries(authsOf(secret))) {
      if (registryMatches(key, image)) matches.push({ key, auth: toAuth(entry) });
    }
  }
  return matches.toSorted((a, b) => b.key.length - a.key.length).map((match) => match.auth);
}

function authsOf(secret: Secret): Readonly<Record<string, AuthEntry>> {
  const text = (key: string): unknown => {
    const data = secret.data?.[key];
    if (data === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(decodeCheckedBase64(data)));
    } catch {
      // A malformed secret is one without credentials; the pull then says that it was refused.
      return undefined;
    }
  };
  if (secret.type === "kubernetes.io/dockerconfigjson")
    return (text(".dockerconfigjson") as { auths?: Record<string, AuthEntry> } | undefined)?.auths ?? {};
  if (secret.type === "kubernetes.io/dockercfg") return (text(".dockercfg") as Record<string, AuthEntry> | undefined) ?? {};
  return {};
}

function toAuth(entry: AuthEntry): RegistryAuth {
  let { username, password } = entry;
  if (entry.auth && !username) {
    // A pair that is no base64 counts as none; padding at its end is no part of the password.
    const pair = new TextDecoder().decode(decodeBase64(entry.auth)).replace(/\0+$/, "");
    const colon = pair.indexOf(":");
    if (colon >= 0) {
      username = pair.slice(0, colon);
      password = pair.slice(colon + 1);
    }
  }
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(entry.identitytoken && { identityToken: entry.identitytoken }),
    ...(entry.registrytoken && { registryToken: entry.registrytoken }),
  };
}

/** Keys are hosts, with optional scheme, port and path; `*` stands for one part of the host's name. */
export function registryMatches(key: string, image: ImageReference): boolean {
  const bare = key
    .replace(/^https?:\/\//, "")
    .replace(/\/v[12]\/?$/, "")
    .replace(/\/$/, "");
  const slash = bare.indexOf("/");
  let host = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? "" : bare.slice(slash + 1);
  if (host === "index.docker.io" || host === "registry-1.docker.io") host = "docker.io";
  if (path !== "" && image.path !== path && !image.path.startsWith(`${path}/`)) return false;
  const [wantedName, wantedPort] = splitPort(host);
  const [name, port] = splitPort(image.domain);
  if (wantedPort !== port) return false;
  const wantedParts = wantedName.split(".");
  const parts = name.split(".");
  return wantedParts.length === parts.length && wantedParts.every((part, index) => partMatches(part, parts[index]!));
}

const splitPort = (host: string): readonly [string, string] => {
  const at = host.lastIndexOf(":");
  return at < 0 || host.endsWith("]") ? [host, ""] : [host.slice(0, at), host.slice(at + 1)];
};

/** "*" matches within one part only. */
function partMatches(pattern: string, part: string): boolean {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return pattern === part;
  if (!part.startsWith(pieces[0]!) || !part.endsWith(pieces.at(-1)!)) return false;
  let at = pieces[0]!.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = part.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= part.length - pieces.at(-1)!.length;
}
