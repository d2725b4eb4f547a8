// The one HTTP shape of the house. The API server is an Exchange, the client takes one; in one process that is a function
// call that still runs every stage, between processes the host carries it over TLS. Kubelet, webhooks and aggregated
// servers are Exchanges too.

/** Header names in lower case; repeated headers joined with ", ". */
export type Headers = Readonly<Record<string, string>>;

/** Who a request runs as, once authenticated. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What the transport knows about the caller. */
export interface Peer {
  /** IP address of the caller, or "" inside the process. */
  readonly address: string;
  /** Subject of a client certificate whose chain the transport has verified against the client CA. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[]; readonly fingerprint: string };
  /** The identity that the composition root gives an in-process component. Never set from anything on the wire. */
  readonly user?: UserInfo;
}

/** Why a write happens: who acted, on which object at which revision, by which rule. Kept beside the object, never in it. */
export interface Cause {
  readonly actor: string;
  readonly object?: string;
  readonly revision?: string;
  readonly rule: string;
}

/** A decoded, frozen object (or list, or Status) handed over without bytes, on one thread only. */
export class Decoded {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** A stream of decoded, frozen watch events, on one thread only. */
export class DecodedStream {
  readonly events: AsyncIterable<WatchEvent>;
  constructor(events: AsyncIterable<WatchEvent>) {
    this.events = events;
  }
}

/** One event of a watch as it goes over the wire; the object of an ERROR is a Status. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: unknown;
}

/** Bytes, whole or as they come, or what the in-process caller may have without bytes. */
export type Body = undefined | Uint8Array | AsyncIterable<Uint8Array> | Decoded | DecodedStream;

export interface Request {
  /** Upper case. */
  readonly method: string;
  /** Path and query as on the request line: "/api/v1/pods?watch=1". */
  readonly target: string;
  readonly headers: Headers;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | Decoded;
  readonly peer: Peer;
  /** The caller takes Decoded and DecodedStream bodies. Only an in-process caller sets it. */
  readonly decoded?: boolean;
  readonly cause?: Cause;
}

export interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body?: Body;
  /** With status 101: the server's far end of the upgraded connection, raw bytes both ways. */
  readonly duplex?: Duplex;
}

/**
 * One HTTP exchange. The signal ends it: a watch stops, an upgraded connection closes.
 * Rejects only with cancellation or when the far side cannot be reached; HTTP errors are responses.
 */
export type Exchange = (request: Request, signal: AbortSignal) => Promise<Response>;

/** One end of a two-way byte connection. */
export interface Duplex {
  /** Bytes from the far end; iterate once. Ends when the far end half-closes; throws when it breaks. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when the far end can take more. Rejects once the connection is closed. */
  write(bytes: Uint8Array): Promise<void>;
  /** Half-close: nothing more will be written. */
  end(): void;
  /** Closes both ways at once. */
  destroy(reason?: Error): void;
  /** Resolves when both directions are over, for whatever reason. */
  readonly closed: Promise<void>;
}

/** A connection to somebody else: where, whom to trust, who we are. */
export interface DialTarget {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number;
  /** Connect to this IP address although the name above is verified; set after an address was checked. */
  readonly address?: string;
}
export interface DialTrust {
  /** PEM certificates that may sign the server's. */
  readonly caPem?: string;
  readonly serverName?: string;
  /** Accept any certificate (kubelet serving certificates of probes, `--insecure-skip-tls-verify`). */
  readonly insecure?: boolean;
}
export interface DialIdentity {
  readonly certificatePem?: string;
  readonly keyPem?: string;
  readonly bearerToken?: string;
}
/** Opens Exchanges to other servers: follows no redirect, keeps connections alive, closes them with its own disposal. */
export type Dial = (target: DialTarget, trust: DialTrust, identity: DialIdentity) => Exchange;
