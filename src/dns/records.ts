// Questions and answers of the Domain Name System as values; the host knows their bytes.

export interface DnsQuestion {
  /** Without the final dot, as asked: clients may mix upper and lower case and expect it back. */
  readonly name: string;
  /** "A", "AAAA", "SRV", "PTR", "CNAME", "TXT", "SOA", "NS", "ANY", ... */
  readonly type: string;
}

export type DnsRecord = { readonly name: string; readonly ttlSeconds: number } & (
  | { readonly type: "A" | "AAAA"; readonly address: string }
  | { readonly type: "CNAME" | "PTR" | "NS"; readonly target: string }
  | { readonly type: "SRV"; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string }
  | { readonly type: "TXT"; readonly text: string }
  | {
      readonly type: "SOA";
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refreshSeconds: number;
      readonly retrySeconds: number;
      readonly expireSeconds: number;
      readonly minimumSeconds: number;
    }
);

export type DnsResult =
  | {
      /** Ours: an authoritative answer, empty with NXDOMAIN (no such name) or with NOERROR (the name has no such type). */
      readonly kind: "answer";
      readonly code: "NOERROR" | "NXDOMAIN";
      readonly answers: readonly DnsRecord[];
      readonly additionals: readonly DnsRecord[];
      readonly authorities: readonly DnsRecord[];
      /** The answer ends in an alias outside the cluster; its addresses are to be asked for and appended. */
      readonly chase?: string;
    }
  /** Not a name of the cluster: ask the host's resolvers. */
  | { readonly kind: "forward" }
  /** The informers have not caught up yet: SERVFAIL, so that the client asks again. */
  | { readonly kind: "unready" };
