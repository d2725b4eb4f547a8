// Who calls, and may they? Client certificates and tokens; the API server decides about both tokens and rights.

import type { Clock } from "../../base/clock.ts";
import type { Client } from "../../client/client.ts";
import type { Request, UserInfo } from "../../wire/exchange.ts";
import type { Routed } from "./route.ts";

export interface AccessDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly nodeName: string;
  /** Common name of the API server's client certificate. */
  readonly apiServerClientName: string;
}

const tokenTtlMs = 120_000;
const allowedTtlMs = 300_000;
const deniedTtlMs = 30_000;
const maxRemembered = 1000;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: { username?: string; uid?: string; groups?: readonly string[]; extra?: Record<string, readonly string[]> };
  };
}
interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

export class Access {
  readonly #deps: AccessDeps;
  readonly #users = new Remembered<UserInfo | undefined>();
  readonly #rights = new Remembered<boolean>();

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Undefined: nobody that we know. */
  async authenticate(request: Request): Promise<UserInfo | undefined> {
    const { peer } = request;
    if (peer.user) return peer.user;
    if (peer.certificate) return { name: peer.certificate.commonName, groups: [...peer.certificate.organizations, "system:authenticated"] };
    const token = /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
    return token === undefined ? undefined : await this.#userOf(token);
  }

  async allowed(user: UserInfo, access: Routed["access"]): Promise<boolean> {
    const { client, clock, nodeName, apiServerClientName } = this.#deps;
    // The API server has authorized the request that it passes on.
    if (user.name === apiServerClientName || user.groups.includes("system:masters")) return true;
    const key = JSON.stringify([user, access]);
    const known = this.#rights.get(key, clock.monotonicMs());
    if (known !== undefined) return known.value;
    const review = await client.request<AccessReview>("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: user.name,
        groups: user.groups,
        ...(user.uid !== undefined && { uid: user.uid }),
        ...(user.extra && { extra: user.extra }),
        resourceAttributes: { verb: access.verb, version: "v1", resource: "nodes", subresource: access.subresource, name: nodeName },
      },
    });
    const allowed = review.status?.allowed === true;
    this.#rights.set(key, allowed, clock.monotonicMs() + (allowed ? allowedTtlMs : deniedTtlMs));
    return allowed;
  }

  async #userOf(token: string): Promise<UserInfo | undefined> {
    const { client, clock } = this.#deps;
    const known = this.#users.get(token, clock.monotonicMs());
    if (known !== undefined) return known.value;
    const review = await client.request<TokenReview>("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token },
    });
    const found = review.status?.authenticated ? review.status.user : undefined;
    const user = found && {
      name: found.username ?? "",
      groups: found.groups ?? [],
      ...(found.uid && { uid: found.uid }),
      ...(found.extra && { extra: found.extra }),
    };
    this.#users.set(token, user, clock.monotonicMs() + tokenTtlMs);
    return user;
  }
}

/** Answers kept until a time; the oldest go first when there are too many. */
class Remembered<T> {
  readonly #answers = new Map<string, { readonly value: T; readonly untilMs: number }>();

  get(key: string, nowMs: number): { readonly value: T } | undefined {
    const answer = this.#answers.get(key);
    return answer && answer.untilMs > nowMs ? answer : undefined;
  }
  set(key: string, value: T, untilMs: number): void {
    this.#answers.delete(key);
    this.#answers.set(key, { value, untilMs });
    if (this.#answers.size > maxRemembered) this.#answers.delete(this.#answers.keys().next().value!);
  }
}
