import { generateKeyPairSync } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { describe, expect, it } from "vitest";
import { hostKeys } from "./keys.ts";
import { hostTokenKeys } from "./token-keys.ts";

const dayMs = 86_400_000;

describe("hostKeys", () => {
  it("issues certificates that say what was asked and that the CA has signed", async () => {
    const ca = await hostKeys.createCa("test-ca", 10 * dayMs);
    const other = await hostKeys.createCa("test-ca", dayMs);
    expect(hostKeys.inspect(ca.certificatePem)).toMatchObject({ commonName: "test-ca", isCa: true });
    const issued = await hostKeys.issue({
      ca,
      commonName: "system:node:n1",
      organizations: ["system:nodes", "second, with comma"],
      dnsNames: ["n1", "n1.example"],
      ipAddresses: ["127.0.0.1", "::1"],
      usages: ["server", "client"],
      validForMs: 100 * dayMs,
    });
    const facts = hostKeys.inspect(issued.certificatePem);
    expect(facts).toMatchObject({
      commonName: "system:node:n1",
      organizations: ["system:nodes", "second, with comma"],
      dnsNames: ["n1", "n1.example"],
      ipAddresses: ["127.0.0.1", "0:0:0:0:0:0:0:1"],
      isCa: false,
    });
    expect(facts.notAfterMs).toBe(hostKeys.inspect(ca.certificatePem).notAfterMs);
    expect(facts.notBeforeMs).toBeLessThan(Date.now());
    expect(hostKeys.signedBy(issued.certificatePem, ca.certificatePem)).toBe(true);
    expect(hostKeys.signedBy(issued.certificatePem, other.certificatePem)).toBe(false);
  });
});

describe("hostTokenKeys", () => {
  it("signs tokens that another library verifies by the published key set", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    for (const pem of [await hostKeys.createTokenKey(), rsa]) {
      const keys = hostTokenKeys([pem]);
      const token = await keys.sign({ sub: "system:serviceaccount:a:b", aud: ["x"], iss: "https://kubernetes.default.svc" });
      const { payload } = await jwtVerify(token, createLocalJWKSet(keys.jwks() as JSONWebKeySet), { audience: "x" });
      expect(payload.sub).toBe("system:serviceaccount:a:b");
      expect(await keys.verify(token)).toEqual(payload);
      expect(JSON.stringify(keys.jwks())).not.toContain('"d"');
    }
  });

  it("accepts older keys and refuses everything else", async () => {
    const [first, second, foreign] = await Promise.all([hostKeys.createTokenKey(), hostKeys.createTokenKey(), hostKeys.createTokenKey()]);
    const old = hostTokenKeys([first]);
    const renewed = hostTokenKeys([second, first]);
    const token = await old.sign({ sub: "a" });
    expect(await renewed.verify(token)).toEqual({ sub: "a" });
    expect(await hostTokenKeys([foreign]).verify(token)).toBeUndefined();
    const [header, body, signature] = token.split(".") as [string, string, string];
    const other = Buffer.from(JSON.stringify({ sub: "b" })).toString("base64url");
    const none = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(header, "base64url").toString()), alg: "none" })).toString(
      "base64url",
    );
    for (const forged of [
      `${header}.${other}.${signature}`,
      `${none}.${body}.`,
      `${header}.${body}.`,
      `${header}.${body}`,
      "",
      "a.b.c",
      `${header}..${signature}`,
    ]) {
      expect(await renewed.verify(forged), forged).toBeUndefined();
    }
  });
});
