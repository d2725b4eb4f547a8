// What a cluster made on the host, written down before it is made, so that `delete` undoes exactly that and a crash in between
// loses nothing. One JSON line per entry; entries are facts to undo, not steps to replay.

/** Something on the host that is this cluster's. */
export type LedgerEntry =
  /** A directory and all that is in it; mounts below it are taken down first. */
  | { readonly type: "directory"; readonly path: string }
  | { readonly type: "file"; readonly path: string }
  /** A kernel setting, with the value that it had. */
  | { readonly type: "sysctl"; readonly key: string; readonly previous: string }
  | { readonly type: "interface"; readonly name: string }
  | { readonly type: "nft-table"; readonly family: "ip" | "ip6" | "inet"; readonly name: string }
  /** A control group and all below it, in every hierarchy. */
  | { readonly type: "cgroup"; readonly path: string }
  /** Entries of one kubeconfig file: context, cluster and user of this name. */
  | { readonly type: "kubeconfig"; readonly path: string; readonly context: string; readonly previousContext?: string }
  /** A unit of systemd. */
  | { readonly type: "systemd-unit"; readonly name: string; readonly path: string }
  /** What CNI's library and its portmap plugin keep outside our directories for pods of this cluster's network. */
  | { readonly type: "cni-network"; readonly network: string }
  /** The shims of the containerd that listens here, and what they and runc keep of its containers in /run/containerd. */
  | { readonly type: "shims"; readonly containerdSocket: string; readonly stateDir: string };

/** One line of the file. */
export function formatLedgerEntry(entry: LedgerEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * The entries of a ledger file, each once, in the order in which they were made. A last line without an end is what a crash
 * left of a write: what it stood for was not made yet.
 * @throws Error naming the line that is not an entry
 */
export function parseLedger(text: string): LedgerEntry[] {
  const lines = text.split("\n");
  lines.pop();
  const seen = new Set<string>();
  const entries: LedgerEntry[] = [];
  lines.forEach((line, position) => {
    if (line === "" || seen.has(line)) return;
    seen.add(line);
    try {
      entries.push(JSON.parse(line) as LedgerEntry);
    } catch {
      throw new Error(`line ${position + 1} of the ledger is damaged: ${line.slice(0, 80)}; correct it or take it out, and begin again`);
    }
  });
  return entries;
}

/** The order of undoing: latest first, but sysctls get the value that the first entry remembers. */
export function undoOrder(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const firstSysctls = new Set<string>();
  const kept = entries.filter((entry) => {
    if (entry.type !== "sysctl") return true;
    if (firstSysctls.has(entry.key)) return false;
    firstSysctls.add(entry.key);
    return true;
  });
  return kept.toReversed();
}
