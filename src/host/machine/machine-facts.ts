// The machine itself: its name and addresses, and who we are on it.

import * as os from "node:os";
import type { MachineFacts } from "../../cluster/machine.ts";

/** Interfaces that containers and clusters make; nobody outside reaches their addresses. */
const virtualInterface = /^(lo|docker|br-|veth|cni|flannel|cali|timonier|tm-|virbr|tun|tap)/;

export function machineFacts(): MachineFacts {
  const interfaces = Object.entries(os.networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map((address) => ({ name, ...address })),
  );
  const usable = interfaces.filter(({ name, internal, scopeid }) => !internal && !scopeid && !virtualInterface.test(name));
  const addresses = usable.map(({ address }) => address);
  return {
    isRoot: process.getuid?.() === 0,
    hostname: nodeNameOf(os.hostname()),
    // Without any network the node still has itself.
    addresses: addresses.length > 0 ? addresses : ["127.0.0.1"],
    localAddresses: interfaces.map(({ address }) => address),
    platform: os.platform(),
  };
}

/** The host's name as a node may be called: lower case, and nothing but letters, digits, dashes and dots. */
function nodeNameOf(hostname: string): string {
  const name = hostname
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, "-")
    .replaceAll(/^[.-]+|[.-]+$/g, "")
    .slice(0, 63);
  return name === "" ? "node" : name;
}
