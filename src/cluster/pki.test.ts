import { describe, expect, it } from "vitest";
import type { CertificateFacts, CertificateRequest, KeyPair, Keys } from "./keys.ts";
import type { MachineFiles } from "./machine.ts";
import { adminLeaf, apiServerLeaf, openPki } from "./pki.ts";

const dayMs = 24 * 3600 * 1000;

/** Certificates as JSON, files as a map: what is issued, when, and why. */
function machine() {
  const stored = new Map<string, string>();
  const modes = new Map<string, number | undefined>();
  const issued: string[] = [];
  let now = 0;
  const files: MachineFiles = {
    readText: async (path) => stored.get(path),
    writeText: async (path, text, mode) => void (stored.set(path, text), modes.set(path, mode)),
    makeDirectory: async () => {},
    list: async () => [],
    removeEmptyDirectory: async () => undefined,
    claim: async () => true,
    remove: async (path) => void stored.delete(path),
  };
  const pair = (facts: Partial<CertificateFacts> & { signer: string }): KeyPair => ({
    certificatePem: JSON.stringify(facts),
    keyPem: "key",
  });
  const keys: Keys = {
    createCa: async (commonName) => pair({ commonName, signer: "self" }),
    issue: async ({ ca, commonName, organizations = [], dnsNames = [], ipAddresses = [], validForMs }: CertificateRequest) => {
      issued.push(commonName);
      return pair({ commonName, organizations, dnsNames, ipAddresses, notAfterMs: now + validForMs, signer: ca.certificatePem });
    },
    inspect: (pem) => JSON.parse(pem) as CertificateFacts,
    signedBy: (pem, ca) => (JSON.parse(pem) as { signer: string }).signer === ca,
    createTokenKey: async () => "token key",
  };
  const open = () => openPki({ files, keys, now: () => now }, "/pki", "timonier");
  return { open, stored, modes, issued, pass: (ms: number) => (now += ms) };
}

describe("the cluster's certificates", () => {
  it("are made once and read afterwards, keys for root alone", async () => {
    const { open, modes, issued } = machine();
    const first = await (await open()).leaf("admin", adminLeaf);
    const pki = await open();
    expect(await pki.leaf("admin", adminLeaf)).toEqual(first);
    expect(pki.tokenKeyPems).toEqual(["token key"]);
    expect(issued).toEqual(["timonier-admin"]);
    expect([modes.get("/pki/admin.key"), modes.get("/pki/ca.key"), modes.get("/pki/service-account.key")]).toEqual([0o600, 0o600, 0o600]);
  });

  it("are issued anew when they are about to expire", async () => {
    const { open, issued, pass } = machine();
    await (await open()).leaf("admin", adminLeaf);
    pass(300 * dayMs);
    await (await open()).leaf("admin", adminLeaf);
    pass(10 * dayMs);
    await (await open()).leaf("admin", adminLeaf);
    expect(issued).toHaveLength(2);
  });

  it("are issued anew when the machine got another address, or the authority changed", async () => {
    const { open, issued, stored } = machine();
    const leaf = (address: string) => apiServerLeaf({ addresses: [address], hostname: "box", clusterDomain: "cluster.local" });
    await (await open()).leaf("apiserver", leaf("192.0.2.1"));
    await (await open()).leaf("apiserver", leaf("192.0.2.2"));
    stored.delete("/pki/ca.crt");
    stored.set("/pki/ca.key", "other");
    await (await open()).leaf("apiserver", leaf("192.0.2.2"));
    // The fake authority is the same text again, so only the address counted.
    expect(issued).toHaveLength(2);
    stored.set("/pki/ca.crt", JSON.stringify({ commonName: "another", signer: "self" }));
    await (await open()).leaf("apiserver", leaf("192.0.2.2"));
    expect(issued).toHaveLength(3);
  });

  it("cover every name by which pods and people reach the server", () => {
    const { dnsNames, ipAddresses } = apiServerLeaf({
      addresses: ["10.96.0.1", "192.0.2.1"],
      hostname: "box",
      clusterDomain: "cluster.local",
    });
    expect(dnsNames).toContain("kubernetes.default.svc.cluster.local");
    expect(ipAddresses).toEqual(["127.0.0.1", "10.96.0.1", "192.0.2.1"]);
  });
});
