// JSON Web Tokens of service accounts: ES256 on a P-256 key, RS256 when the given key is RSA. The first key signs, all of
// them verify, so that a key can be replaced while its tokens still live.

import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Claims, TokenKeys } from "../../apiserver/authn/token-keys.ts";

interface TokenKey {
  readonly id: string;
  readonly algorithm: "ES256" | "RS256";
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** `keyPems`: PKCS #8 private keys, the signing one first. Throws when there is none, or one is neither P-256 nor RSA. */
export function hostTokenKeys(keyPems: readonly [string, ...string[]]): TokenKeys {
  const keys = keyPems.map(readKey);
  const byId = new Map(keys.map((key) => [key.id, key]));
  const signing = keys[0]!;
  const header = encode({ alg: signing.algorithm, kid: signing.id });
  return {
    sign: async (claims) => {
      const signed = `${header}.${encode(claims)}`;
      const signature = sign("sha256", Buffer.from(signed), { key: signing.privateKey, dsaEncoding: "ieee-p1363" });
      return `${signed}.${signature.toString("base64url")}`;
    },
    verify: async (token) => {
      const parts = token.split(".");
      if (parts.length !== 3) return undefined;
      const given = decode(parts[0]!);
      const key = byId.get(given?.["kid"] as string);
      // The key decides on the algorithm; what the token says must agree, it never chooses.
      if (!key || given?.["alg"] !== key.algorithm || given["crit"] !== undefined) return undefined;
      const signature = Buffer.from(parts[2]!, "base64url");
      const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
      if (!verify("sha256", signed, { key: key.publicKey, dsaEncoding: "ieee-p1363" }, signature)) return undefined;
      return decode(parts[1]!);
    },
    jwks: () => ({
      keys: keys.map((key) => ({ use: "sig", kid: key.id, alg: key.algorithm, ...key.publicKey.export({ format: "jwk" }) })),
    }),
  };
}

function readKey(pem: string): TokenKey {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey;
  const isP256 = type === "ec" && details?.namedCurve === "prime256v1";
  if (!isP256 && type !== "rsa") throw new Error(`a service-account key must be P-256 or RSA, not ${details?.namedCurve ?? type}`);
  // Kubernetes' key id: the SHA-256 of the public key's DER form.
  const id = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
  return { id, algorithm: isP256 ? "ES256" : "RS256", privateKey, publicKey };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The object in a part of a token; undefined when it is none. */
function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined; // not JSON: simply not one of our tokens
  }
}
