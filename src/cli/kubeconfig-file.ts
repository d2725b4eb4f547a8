// Our entry in a person's kubeconfig: added beside what is there, and taken away again without a trace.

import { encodeBase64Text } from "../base/base64.ts";
import { formatKubeconfig, mergeEntry, parseKubeconfig, removeEntry } from "../client/kubeconfig.ts";
import type { ClusterLayout } from "../cluster/layout.ts";
import type { KeyPair } from "../cluster/keys.ts";
import type { MachineFiles } from "../cluster/machine.ts";

export interface AdminAccess {
  readonly layout: ClusterLayout;
  readonly address: string;
  readonly caPem: string;
  readonly admin: KeyPair;
}

/**
 * Writes the context and makes it the current one.
 * @returns the context that was current before, if any
 */
export async function addContext(files: MachineFiles, path: string, access: AdminAccess): Promise<string | undefined> {
  const text = (await files.readText(path)) ?? "";
  const before = parseKubeconfig(text);
  const merged = mergeEntry(
    before,
    {
      name: access.layout.context,
      cluster: {
        server: `https://${access.address}:${access.layout.ports.api}`,
        "certificate-authority-data": encodeBase64Text(access.caPem),
      },
      user: {
        "client-certificate-data": encodeBase64Text(access.admin.certificatePem),
        "client-key-data": encodeBase64Text(access.admin.keyPem),
      },
    },
    "always",
  );
  const wanted = formatKubeconfig(merged);
  if (wanted !== text) {
    await files.makeDirectory(path.slice(0, path.lastIndexOf("/")) || "/", 0o700);
    await files.writeText(path, wanted, 0o600);
  }
  const previous = before["current-context"];
  return previous === "" || previous === access.layout.context ? undefined : previous;
}

/** Takes the context away; the one before it becomes current again if it is still there. */
export async function removeContext(files: MachineFiles, path: string, context: string, previous: string | undefined): Promise<void> {
  const text = await files.readText(path);
  if (text === undefined) return;
  const before = parseKubeconfig(text);
  let after = removeEntry(before, context);
  if (before["current-context"] === context && previous !== undefined && after.contexts.some(({ name }) => name === previous)) {
    after = { ...after, "current-context": previous };
  }
  if (after.contexts.length + after.clusters.length + after.users.length === 0) await files.remove(path);
  else if (JSON.stringify(after) !== JSON.stringify(before)) await files.writeText(path, formatKubeconfig(after), 0o600);
}
