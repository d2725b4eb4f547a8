// The pools that Services draw from: cluster addresses by family, node ports. The first part of each range is given only when
// asked for by name, so that a wanted address is seldom taken by chance (KEP-3070, KEP-3668).

import { addressOffset, cidrSize, formatCidr, formatIp, invalidCidrMessage, nthAddress, parseCidr, parseIp } from "../../lang/ip.ts";
import type { ApiServerDeps } from "../deps.ts";
import type { Pool } from "./allocator.ts";

const known = new WeakMap<ApiServerDeps, ReadonlyMap<string, Pool>>();

export function poolsOf(deps: ApiServerDeps): ReadonlyMap<string, Pool> {
  let pools = known.get(deps);
  if (!pools) {
    pools = new Map(
      [...deps.serviceCidr.split(",").map((cidr) => addressPool(cidr.trim())), portPool(deps.nodePortRange)].map((pool) => [
        pool.name,
        pool,
      ]),
    );
    known.set(deps, pools);
  }
  return pools;
}

/** Largest part of an IPv6 range that is drawn from: nobody has more Services. */
const maxAddresses = 2 ** 20;

/** @throws RangeError when the text is no network. */
export function addressPool(text: string): Pool {
  const cidr = parseCidr(text);
  if (!cidr) throw new RangeError(`service CIDR: ${JSON.stringify(text)} ${invalidCidrMessage}`);
  // The network's own address is nobody's; of IPv4 neither is the last one, which means everybody.
  const usable = cidrSize(cidr) - (cidr.family === 4 ? 2n : 1n);
  const size = Number(usable < BigInt(maxAddresses) ? usable : BigInt(maxAddresses));
  if (size < 1) throw new RangeError(`service CIDR ${text} has no address to give`);
  return {
    name: `service-ip/IPv${cidr.family}`,
    size,
    reserved: size < 32 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256),
    valueAt: (index) => formatIp(nthAddress(cidr, index + 1)),
    indexOf: (value) => {
      const ip = parseIp(value);
      const offset = ip && addressOffset(cidr, ip);
      return offset !== undefined && offset >= 1n && offset <= BigInt(size) ? Number(offset) - 1 : undefined;
    },
    outside: (value) => `the provided IP (${value}) is not in the valid range. The range of valid IPs is ${formatCidr(cidr)}`,
  };
}

function portPool(range: string): Pool {
  const [low = 0, high = 0] = range.split("-").map(Number);
  const size = high - low + 1;
  return {
    name: "node-port",
    size,
    reserved: size < 32 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128),
    valueAt: (index) => String(low + index),
    indexOf: (value) => {
      const port = Number(value);
      return Number.isInteger(port) && port >= low && port <= high ? port - low : undefined;
    },
    outside: () => `provided port is not in the valid range. The range of valid ports is ${range}`,
  };
}
