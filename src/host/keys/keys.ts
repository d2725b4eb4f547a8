// Certificates and token keys by Node's own cryptography; issuing is a file of its own, loaded when it is needed.

import { generateKeyPairSync, X509Certificate as NodeCertificate } from "node:crypto";
import type { CertificateFacts, Keys } from "../../cluster/keys.ts";

export const hostKeys: Keys = {
  createCa: async (name, validForMs) => await (await import("./certificate-issuer.ts")).createCa(name, validForMs),
  issue: async (request) => await (await import("./certificate-issuer.ts")).issue(request),
  inspect,
  signedBy,
  createTokenKey,
};

function inspect(certificatePem: string): CertificateFacts {
  const certificate = new NodeCertificate(certificatePem);
  const subject = certificate.toLegacyObject().subject as unknown as Record<string, string | string[] | undefined> | undefined;
  const texts = (value: string | string[] | undefined): string[] =>
    value === undefined ? [] : typeof value === "string" ? [value] : value;
  const names = (certificate.subjectAltName ?? "").split(", ");
  const having = (prefix: string): string[] => names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  return {
    commonName: texts(subject?.["CN"])[0] ?? "",
    organizations: texts(subject?.["O"]),
    dnsNames: having("DNS:"),
    ipAddresses: having("IP Address:"),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    isCa: certificate.ca,
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

function signedBy(certificatePem: string, caPem: string): boolean {
  const certificate = new NodeCertificate(certificatePem);
  const ca = new NodeCertificate(caPem);
  return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}

async function createTokenKey(): Promise<string> {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}
