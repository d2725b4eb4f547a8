// The cluster's certificates on disk: one authority, and leaves for the server, the administrator and each node. Whatever is
// missing, about to expire, or no longer covers its names is issued anew; the authority and the token key stay for good.

import type { CertificateRequest, KeyPair, Keys } from "./keys.ts";
import type { MachineFiles } from "./machine.ts";

const dayMs = 24 * 3600 * 1000;
const caLifeMs = 3650 * dayMs;
const leafLifeMs = 365 * dayMs;
/** A leaf is replaced when less than this is left of it. */
const renewBeforeMs = 60 * dayMs;

export interface PkiDeps {
  readonly files: MachineFiles;
  readonly keys: Keys;
  /** Milliseconds since the epoch, by the host's clock: peers check certificates with theirs. */
  readonly now: () => number;
}

/** A leaf certificate's subject and names. */
export type LeafRequest = Omit<CertificateRequest, "ca" | "validForMs">;

export interface Pki {
  readonly caPem: string;
  readonly ca: KeyPair;
  /** PKCS #8 keys that sign service-account tokens, the signing one first. */
  readonly tokenKeyPems: readonly [string, ...string[]];
  /** The leaf of this name, issued now if need be. */
  leaf(name: string, request: LeafRequest): Promise<KeyPair>;
  /** Names of the leaves that were issued since this opened. */
  readonly issued: ReadonlySet<string>;
}

/** Opens the folder, creating the authority and the token key on the first call. */
export async function openPki(deps: PkiDeps, directory: string, clusterName: string): Promise<Pki> {
  const { files, keys } = deps;
  await files.makeDirectory(directory, 0o700);
  const ca = await once(files, directory, "ca", () => keys.createCa(`${clusterName}-ca`, caLifeMs));
  const tokenKeyPath = `${directory}/service-account.key`;
  let tokenKey = await files.readText(tokenKeyPath);
  if (tokenKey === undefined) await files.writeText(tokenKeyPath, (tokenKey = await keys.createTokenKey()), 0o600);
  const issuedNames = new Set<string>();
  return {
    ca,
    issued: issuedNames,
    caPem: ca.certificatePem,
    tokenKeyPems: [tokenKey],
    async leaf(name, request) {
      const found = await read(files, directory, name);
      if (found !== undefined && isGood(deps, found, request, ca)) return found;
      const issued = await keys.issue({ ...request, ca, validForMs: leafLifeMs });
      await write(files, directory, name, issued);
      issuedNames.add(name);
      return issued;
    },
  };
}

function isGood({ keys, now }: PkiDeps, pair: KeyPair, request: LeafRequest, ca: KeyPair): boolean {
  const facts = keys.inspect(pair.certificatePem);
  const covers = (wanted: readonly string[] = [], has: readonly string[]): boolean => wanted.every((value) => has.includes(value));
  return (
    facts.notAfterMs - now() > renewBeforeMs &&
    facts.commonName === request.commonName &&
    covers(request.organizations, facts.organizations) &&
    covers(request.dnsNames, facts.dnsNames) &&
    covers(request.ipAddresses, facts.ipAddresses) &&
    keys.signedBy(pair.certificatePem, ca.certificatePem)
  );
}

async function once(files: MachineFiles, directory: string, name: string, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const found = await read(files, directory, name);
  if (found !== undefined) return found;
  const made = await make();
  await write(files, directory, name, made);
  return made;
}

async function read(files: MachineFiles, directory: string, name: string): Promise<KeyPair | undefined> {
  const [certificatePem, keyPem] = await Promise.all([
    files.readText(`${directory}/${name}.crt`),
    files.readText(`${directory}/${name}.key`),
  ]);
  return certificatePem === undefined || keyPem === undefined ? undefined : { certificatePem, keyPem };
}

/** The key first: a certificate without its key would look whole. */
async function write(files: MachineFiles, directory: string, name: string, pair: KeyPair): Promise<void> {
  await files.writeText(`${directory}/${name}.key`, pair.keyPem, 0o600);
  await files.writeText(`${directory}/${name}.crt`, pair.certificatePem);
}

/** Names and addresses by which clients reach the API server. */
export function apiServerLeaf(options: {
  readonly addresses: readonly string[];
  readonly hostname: string;
  readonly clusterDomain: string;
}): LeafRequest {
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", `kubernetes.default.svc.${options.clusterDomain}`];
  return {
    commonName: "kube-apiserver",
    usages: ["server"],
    dnsNames: [...new Set([...service, "localhost", options.hostname])],
    ipAddresses: [...new Set(["127.0.0.1", ...options.addresses])],
  };
}

/** The administrator, whom authorization never refuses. */
export const adminLeaf: LeafRequest = { commonName: "timonier-admin", organizations: ["system:masters"], usages: ["client"] };

/** The API server when it calls a kubelet. */
export const kubeletClientLeaf: LeafRequest = {
  commonName: "kube-apiserver-kubelet-client",
  organizations: ["system:masters"],
  usages: ["client"],
};

/** Group of node agents beside `system:nodes`: what the service proxy and DNS need to read. */
export const agentsGroup = "timonier:agents";

/** A node agent towards the API server. */
export const nodeClientLeaf = (nodeName: string): LeafRequest => ({
  commonName: `system:node:${nodeName}`,
  organizations: ["system:nodes", agentsGroup],
  usages: ["client"],
});

/** A kubelet's own HTTPS API. */
export const nodeServerLeaf = (nodeName: string, addresses: readonly string[]): LeafRequest => ({
  commonName: `system:node:${nodeName}`,
  organizations: ["system:nodes"],
  dnsNames: [nodeName],
  ipAddresses: [...addresses],
  usages: ["server"],
});
