// Tokens of service accounts for projected volumes: asked for once, renewed when 80 % of their life or 24 hours are over.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Client } from "../../client/client.ts";
import type { Pod } from "../../kinds/core/types.gen.ts";
import type { TokenSource } from "./payload.ts";

const dayMs = 24 * 3600 * 1000;

interface Held {
  readonly token: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}
interface TokenAnswer {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
}

export class TokenCache implements TokenSource {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #held = new Map<string, Held>();

  constructor(client: Client, clock: Clock, log: Log) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  async token(pod: Pod, audience: string, expirationSeconds: number): Promise<string> {
    const { uid, name, namespace } = pod.metadata!;
    const account = pod.spec!.serviceAccountName || "default";
    const key = JSON.stringify([uid, account, audience, expirationSeconds]);
    const held = this.#held.get(key);
    const nowMs = this.#clock.now();
    if (held && nowMs < held.renewAtMs) return held.token;
    try {
      const fresh = await this.#request(namespace!, account, { name: name!, uid: uid! }, audience, expirationSeconds);
      this.#held.set(key, fresh);
      return fresh.token;
    } catch (error) {
      // A token that still lives serves until a renewal succeeds.
      if (!held || nowMs >= held.expiresAtMs) throw error;
      this.#log.warn("cannot renew a service account token yet", { namespace, account, error: String(error) });
      return held.token;
    }
  }

  /** Forgets the tokens of a pod that is gone. */
  forget(uid: string): void {
    for (const key of this.#held.keys()) if (key.startsWith(`[${JSON.stringify(uid)},`)) this.#held.delete(key);
  }

  async #request(
    namespace: string,
    account: string,
    pod: { name: string; uid: string },
    audience: string,
    expirationSeconds: number,
  ): Promise<Held> {
    const askedAtMs = this.#clock.now();
    const target = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(account)}/token`;
    const answer = await this.#client.request<TokenAnswer>("POST", target, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: audience === "" ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid },
      },
    });
    const token = answer.status?.token;
    if (!token) throw new Error(`the API server answered a token request for ${namespace}/${account} without a token`);
    const expiresAtMs = answer.status?.expirationTimestamp
      ? Date.parse(answer.status.expirationTimestamp)
      : askedAtMs + expirationSeconds * 1000;
    return { token, expiresAtMs, renewAtMs: Math.min(askedAtMs + 0.8 * (expiresAtMs - askedAtMs), askedAtMs + dayMs) };
  }
}
