// Bound service-account tokens (KEP-1205): JWTs whose account, and whose pod, node or secret, must still be there under the
// same uid. The signature of a token is checked once and remembered; everything that can change is checked each time.

import { parseTime } from "../../base/clock.ts";
import type { ApiObject } from "../../object/kind.ts";
import type { UserInfo } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import { lookup } from "../registry/rule-context.ts";
import type { Claims } from "./token-keys.ts";
import { serviceAccountGroups, serviceAccountUser } from "./users.ts";

export interface ReadToken {
  readonly user: UserInfo;
  /** The audiences that the token and the question share. */
  readonly audiences: readonly string[];
}

export interface TokenReader {
  /** Undefined: the token is not ours, expired, for somebody else, or its account or pod is gone. */
  read(token: string, audiences: readonly string[]): Promise<ReadToken | undefined>;
}

/** Signatures remembered at most. */
const rememberedTokens = 2048;
/** Clocks of client and server may differ by this much. */
const leewaySeconds = 60;
/** A bound object that is being deleted counts as gone this long after its deletionTimestamp. */
const deletionLeewaySeconds = 60;

interface BoundRef {
  readonly name?: string;
  readonly uid?: string;
}

interface KubernetesClaims {
  readonly namespace?: string;
  readonly serviceaccount?: BoundRef;
  readonly pod?: BoundRef;
  readonly node?: BoundRef;
  readonly secret?: BoundRef;
}

const readers = new WeakMap<Server, TokenReader>();

/** One reader a server: authentication and TokenReview share what it remembers. */
export function createTokenReader(server: Server): TokenReader {
  let reader = readers.get(server);
  if (!reader) readers.set(server, (reader = new CachingReader(server)));
  return reader;
}

class CachingReader implements TokenReader {
  readonly #server: Server;
  readonly #verified = new Map<string, Claims>();

  constructor(server: Server) {
    this.#server = server;
  }

  async read(token: string, audiences: readonly string[]): Promise<ReadToken | undefined> {
    const claims = await this.#claims(token);
    if (!claims) return undefined;
    const now = this.#server.deps.clock.now() / 1000;
    const { iss, sub, aud, exp, nbf } = claims;
    if (iss !== this.#server.deps.issuer || typeof exp !== "number" || now > exp + leewaySeconds) return undefined;
    if (typeof nbf === "number" && now < nbf - leewaySeconds) return undefined;
    const meant = Array.isArray(aud) ? aud.map(String) : typeof aud === "string" ? [aud] : [];
    const shared = audiences.filter((audience) => meant.includes(audience));
    if (shared.length === 0) return undefined;
    const bound = claims["kubernetes.io"] as KubernetesClaims | undefined;
    const namespace = bound?.namespace ?? "";
    const account = bound?.serviceaccount;
    if (!account?.name || !account.uid || sub !== serviceAccountUser(namespace, account.name)) return undefined;
    await this.#server.feed.fresh();
    if (!this.#alive("ServiceAccount", namespace, account)) return undefined;
    if (bound?.pod && !this.#alive("Pod", namespace, bound.pod)) return undefined;
    if (bound?.secret && !this.#alive("Secret", namespace, bound.secret)) return undefined;
    // A token of a pod outlives its Node object; one bound to the node alone does not.
    if (bound?.node && !bound.pod && !this.#alive("Node", "", bound.node)) return undefined;
    return { user: userOf(namespace, account, bound ?? {}, claims), audiences: shared };
  }

  async #claims(token: string): Promise<Claims | undefined> {
    const known = this.#verified.get(token);
    if (known) return known;
    const claims = await this.#server.deps.tokenKeys.verify(token);
    if (!claims) return undefined;
    if (this.#verified.size >= rememberedTokens) this.#verified.delete(this.#verified.keys().next().value!);
    this.#verified.set(token, claims);
    return claims;
  }

  #alive(kind: string, namespace: string, ref: BoundRef): boolean {
    const object: ApiObject | undefined = lookup(this.#server, { group: "", kind }, namespace, ref.name ?? "");
    if (!object || object.metadata?.uid !== ref.uid) return false;
    const deleted = object.metadata?.deletionTimestamp;
    return deleted === undefined || this.#server.deps.clock.now() < parseTime(deleted) + deletionLeewaySeconds * 1000;
  }
}

function userOf(namespace: string, account: BoundRef, bound: KubernetesClaims, claims: Claims): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  const add = (name: string, value: unknown): void => {
    if (typeof value === "string" && value !== "") extra[`authentication.kubernetes.io/${name}`] = [value];
  };
  add("pod-name", bound.pod?.name);
  add("pod-uid", bound.pod?.uid);
  add("node-name", bound.node?.name);
  add("node-uid", bound.node?.uid);
  if (typeof claims["jti"] === "string") add("credential-id", `JTI=${claims["jti"]}`);
  return {
    name: serviceAccountUser(namespace, account.name!),
    uid: account.uid!,
    groups: serviceAccountGroups(namespace),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}
