// Makes X.509 certificates on P-256, with @peculiar/x509 and Node's own cryptography. Loading that takes longer than a server may take
// to start, so keys.ts loads this file only when something is to be issued.

import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  cryptoProvider,
} from "@peculiar/x509";
import type { Extension } from "@peculiar/x509";
import type { CertificateRequest, KeyPair } from "../../cluster/keys.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** Certificates are valid from a little earlier, for machines whose clock is behind. */
const backdatedMs = 5 * 60_000;

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);

export async function createCa(name: string, validForMs: number): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    ...validity(Date.now() + validForMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: withNewline(certificate.toString("pem")), keyPem: await privatePem(keys.privateKey) };
}

export async function issue(request: CertificateRequest): Promise<KeyPair> {
  const ca = new X509Certificate(request.ca.certificatePem);
  const signingKey = await importPrivateKey(request.ca.keyPem);
  const keys = await generateKeys();
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(
      request.usages.map((usage) => (usage === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth)),
    ),
    await AuthorityKeyIdentifierExtension.create(ca),
  ];
  const names = [
    ...(request.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...(request.organizations ?? []).map((name) => ({ O: [name] })), { CN: [request.commonName] }],
    issuer: ca.subjectName.toJSON(),
    ...validity(Math.min(Date.now() + request.validForMs, ca.notAfter.getTime())),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions,
  });
  return { certificatePem: withNewline(certificate.toString("pem")), keyPem: await privatePem(keys.privateKey) };
}

/** A positive 126-bit serial number without leading zero bytes. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** Whole seconds, as certificates count. */
function validity(notAfterMs: number): { notBefore: Date; notAfter: Date } {
  const second = (ms: number): Date => new Date(Math.floor(ms / 1_000) * 1_000);
  return { notBefore: second(Date.now() - backdatedMs), notAfter: second(notAfterMs) };
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
}

async function importPrivateKey(pem: string): Promise<CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
  return await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

async function privatePem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})(?=.)/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
}

const withNewline = (pem: string): string => (pem.endsWith("\n") ? pem : `${pem}\n`);

type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;
