// Certificates and token keys as making a cluster needs them; the host does the cryptography.

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface CertificateRequest {
  readonly ca: KeyPair;
  /** Of a client certificate: the user's name. */
  readonly commonName: string;
  /** Of a client certificate: the user's groups. */
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly ("server" | "client")[];
  /** From now, by the host's clock: the peer checks it with its own. Never outlives the CA. */
  readonly validForMs: number;
}

/** What is written in a certificate. */
export interface CertificateFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly isCa: boolean;
  /** SHA-256 of the certificate's bytes, in lower-case hex. */
  readonly fingerprint: string;
}

/** The mathematics behind certificates: P-256 keys, PEM texts. */
export interface Keys {
  /** A self-signed CA that may sign leaves only. */
  createCa(name: string, validForMs: number): Promise<KeyPair>;
  issue(request: CertificateRequest): Promise<KeyPair>;
  /** Facts of the first certificate in the text. Throws when there is none. */
  inspect(certificatePem: string): CertificateFacts;
  /** Whether `ca` signed the certificate. Dates are not looked at. */
  signedBy(certificatePem: string, caPem: string): boolean;
  /** A private key (PEM, PKCS #8) that signs service-account tokens. */
  createTokenKey(): Promise<string>;
}
