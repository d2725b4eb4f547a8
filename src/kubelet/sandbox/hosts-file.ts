// The /etc/hosts that every container of a pod sees.

import type { Pod } from "../../kinds/core/types.gen.ts";

/** `ips` are the pod's addresses; on the host's network the host's own file is the base. */
export function renderHostsFile(pod: Pod, ips: readonly string[], hostname: string, domain: string, hostFile: string): string {
  const spec = pod.spec!;
  let text: string;
  if (spec.hostNetwork === true) {
    text = "# Kubernetes-managed hosts file (host network).\n" + hostFile;
    if (!text.endsWith("\n")) text += "\n";
  } else {
    text = [
      "# Kubernetes-managed hosts file.",
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost ip6-localhost ip6-loopback",
      "fe00::0\tip6-localnet",
      "fe00::0\tip6-mcastprefix",
      "fe00::1\tip6-allnodes",
      "fe00::2\tip6-allrouters",
      ...ips.map((ip) => (domain === "" ? `${ip}\t${hostname}` : `${ip}\t${hostname}.${domain}\t${hostname}`)),
      "",
    ].join("\n");
  }
  const aliases = spec.hostAliases ?? [];
  if (aliases.length === 0) return text;
  const lines = aliases.map((alias) => `${alias.ip}\t${(alias.hostnames ?? []).join("\t")}`);
  return `${text}\n# Entries added by HostAliases.\n${lines.join("\n")}\n`;
}
