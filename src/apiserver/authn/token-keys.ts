// Signing and checking of service-account tokens as the API server sees it; the host does the cryptography.

/** Claims of a JSON Web Token. */
export type Claims = Readonly<Record<string, unknown>>;

export interface TokenKeys {
  /** A compact JWT with these claims. */
  sign(claims: Claims): Promise<string>;
  /** The claims when one of our keys signed the token, else undefined. Time, issuer and audience are checked by the caller. */
  verify(token: string): Promise<Claims | undefined>;
  /** The public keys as a JSON Web Key Set, served at /openid/v1/jwks. */
  jwks(): { readonly keys: readonly unknown[] };
}
