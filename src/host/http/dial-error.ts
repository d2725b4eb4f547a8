// Why a server could not be reached, in words for a person.

/** The far side could not be reached or broke off before it answered. */
export class DialError extends Error {
  override readonly name = "DialError";
  /** The operating system's or TLS library's code, like ECONNREFUSED. */
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: nothing listens there",
  ECONNRESET: "the server closed the connection",
  EPIPE: "the server closed the connection",
  ENOTFOUND: "no such host: the name does not resolve",
  EAI_AGAIN: "the name could not be resolved: no name server answered",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "the network is unreachable",
  ENOENT: "there is no such socket",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet; compare the clocks of both machines",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed and not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is signed by a CA that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is signed by a CA that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate is signed by a CA that is not trusted",
  CERT_SIGNATURE_FAILURE: "the server's certificate is not signed by the CA that it names",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is not made out to this name",
  EPROTO: "the TLS handshake failed; does the server speak TLS on this port?",
  ERR_SSL_WRONG_VERSION_NUMBER: "the server does not speak TLS on this port",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "the server wants a client certificate",
};

/** `where` is host:port. */
export function dialError(where: string, error: unknown): DialError {
  if (error instanceof DialError) return error;
  let { code, message } = error as { code?: string; message: string };
  // Several addresses were tried: the first one's reason is as good as any.
  if (error instanceof AggregateError && error.errors.length > 0)
    ({ code, message } = error.errors[0] as { code?: string; message: string });
  return new DialError(`cannot reach ${where}: ${words[code ?? ""] ?? message}`, code, error);
}
