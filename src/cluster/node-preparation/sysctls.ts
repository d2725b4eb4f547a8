// Kernel settings that a node needs, as data; the host reads the old values into the ledger and writes these.

export interface WantedSysctl {
  /** "net.ipv4.ip_forward" */
  readonly name: string;
  readonly value: string;
  /** A number that may be higher already. */
  readonly atLeast?: boolean;
  /** Missing on kernels without the module: then there is nothing to set. */
  readonly optional?: boolean;
  readonly why: string;
}

export function wantedSysctls(families: { readonly ipv6: boolean }): readonly WantedSysctl[] {
  const wanted: WantedSysctl[] = [
    { name: "net.ipv4.ip_forward", value: "1", why: "packets pass between pods, nodes and the outside" },
    {
      name: "net.bridge.bridge-nf-call-iptables",
      value: "1",
      optional: true,
      why: "a pod that calls a service on its own node gets its answer through the bridge",
    },
    { name: "fs.inotify.max_user_instances", value: "8192", atLeast: true, why: "many containers watch files at once" },
    { name: "fs.inotify.max_user_watches", value: "524288", atLeast: true, why: "many containers watch files at once" },
  ];
  if (families.ipv6) {
    wanted.push(
      { name: "net.ipv6.conf.all.forwarding", value: "1", optional: true, why: "packets pass between pods, nodes and the outside" },
      { name: "net.bridge.bridge-nf-call-ip6tables", value: "1", optional: true, why: "as for IPv4" },
    );
  }
  return wanted;
}
