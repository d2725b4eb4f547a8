// What the proxy needs from the kernel. The host runs `nft` and `conntrack`; a simulated node keeps the text.

/** A flow that must not go on to a backend that is gone. */
export interface StaleFlow {
  readonly protocol: "tcp" | "udp" | "sctp";
  /** Service address that the client asked; undefined for a node port, on any local address. */
  readonly address?: string;
  readonly port: number;
  /** Backend that the flow was sent to. */
  readonly backend: string;
}

/** The kernel's packet filter and its table of flows. */
export interface PacketFilter {
  /**
   * Applies one nftables script as one transaction: all of it or nothing.
   * @throws Error with nft's words when the kernel refuses it.
   */
  apply(script: string): Promise<void>;
  /** Forgets established flows, so that the next packet is routed anew. Missing flows are no error. */
  forget(flows: readonly StaleFlow[]): Promise<void>;
}
