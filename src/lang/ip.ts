// IP addresses and networks of both families, as numbers: parse, print in the one canonical form, contain, count.

export interface Ip {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Cidr {
  readonly family: 4 | 6;
  /** The address as written, host bits included. */
  readonly address: Ip;
  /** The first address. */
  readonly network: Ip;
  readonly prefixLength: number;
}

const bitsOf = (family: 4 | 6): number => (family === 4 ? 32 : 128);

/**
 * Reads an address. IPv4 with leading zeros is refused (tools disagree about what it means), as are IPv6 zones. An IPv6
 * address that carries an IPv4 one (`::ffff:1.2.3.4`) is that IPv4 address.
 */
export function parseIp(text: string): Ip | undefined {
  if (text.length > 45) return undefined;
  if (text.includes(":")) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = match[i]!;
    if ((part.length > 1 && part.startsWith("0")) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

function parseIpv6(text: string): Ip | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value };
}

/** Groups of 16 bits between colons; the last may be a dotted IPv4 address where `mayEndDotted`. */
function parseGroups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const dotted = mayEndDotted && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (dotted === undefined) return undefined;
      groups.push(Math.floor(dotted / 65536), dotted % 65536);
    }
  }
  return groups;
}

/** Canonical text: dotted IPv4, RFC 5952 for IPv6. */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) {
    const value = Number(ip.value);
    return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  }
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((ip.value >> shift) & 0xffffn));
  // The longest run of two or more zero groups, the first of equals, becomes "::".
  let best = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > bestLength) {
      best = start;
      bestLength = end - start;
    }
    if (end > start) start = end;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best === -1) return hex(groups);
  return `${hex(groups.slice(0, best))}::${hex(groups.slice(best + bestLength))}`;
}

/** Canonical text of an address; undefined when the text is none. */
export function canonicalIp(text: string): string | undefined {
  const ip = parseIp(text);
  return ip && formatIp(ip);
}

/** 4 or 6; undefined when the text is no address. */
export const ipFamily = (text: string): 4 | 6 | undefined => parseIp(text)?.family;

/** Reads `address/length`. Undefined when the text is no network. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.lastIndexOf("/");
  if (slash === -1) return undefined;
  const address = parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  // `::ffff:1.2.3.0/120` says an IPv4 network in IPv6 terms.
  const mapped = address.family === 4 && text.includes(":");
  const prefixLength = Number(length) - (mapped ? 96 : 0);
  if (prefixLength < 0 || prefixLength > bitsOf(address.family)) return undefined;
  return makeCidr(address, prefixLength);
}

function makeCidr(address: Ip, prefixLength: number): Cidr {
  const hostBits = BigInt(bitsOf(address.family) - prefixLength);
  const network: Ip = { family: address.family, value: (address.value >> hostBits) << hostBits };
  return { family: address.family, address, network, prefixLength };
}

/** Canonical text of the network, host bits cleared. */
export const formatCidr = (cidr: Cidr): string => `${formatIp(cidr.network)}/${cidr.prefixLength}`;

/** How many addresses the network has, first and last included. */
export const cidrSize = (cidr: Cidr): bigint => 1n << BigInt(bitsOf(cidr.family) - cidr.prefixLength);

export function cidrContains(cidr: Cidr, ip: Ip): boolean {
  const offset = ip.value - cidr.network.value;
  return ip.family === cidr.family && offset >= 0n && offset < cidrSize(cidr);
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b.network) || cidrContains(b, a.network);
}

/** The address `offset` places after the first. @throws RangeError beyond the network. */
export function nthAddress(cidr: Cidr, offset: number | bigint): Ip {
  const distance = BigInt(offset);
  if (distance < 0n || distance >= cidrSize(cidr)) throw new RangeError(`${formatCidr(cidr)} has no address number ${distance}`);
  return { family: cidr.family, value: cidr.network.value + distance };
}

/** How many places `ip` stands after the first address; undefined outside the network. */
export const addressOffset = (cidr: Cidr, ip: Ip): bigint | undefined =>
  cidrContains(cidr, ip) ? ip.value - cidr.network.value : undefined;

/** The addresses in order, from the first. The caller stops in time: an IPv6 network has more than it can use. */
export function* addressesOf(cidr: Cidr): Generator<Ip, undefined> {
  const size = cidrSize(cidr);
  for (let offset = 0n; offset < size; offset++) yield nthAddress(cidr, offset);
}

/** How many networks of `prefixLength` fit in `cidr`. */
export const subnetCount = (cidr: Cidr, prefixLength: number): bigint =>
  prefixLength < cidr.prefixLength ? 0n : 1n << BigInt(prefixLength - cidr.prefixLength);

/** The network number `index` of `prefixLength` inside `cidr`: a node's pod range. @throws RangeError */
export function nthSubnet(cidr: Cidr, prefixLength: number, index: number | bigint): Cidr {
  const position = BigInt(index);
  if (prefixLength > bitsOf(cidr.family) || position < 0n || position >= subnetCount(cidr, prefixLength)) {
    throw new RangeError(`${formatCidr(cidr)} has no network number ${position} of length ${prefixLength}`);
  }
  const step = BigInt(bitsOf(cidr.family) - prefixLength);
  return makeCidr({ family: cidr.family, value: cidr.network.value + (position << step) }, prefixLength);
}

/** What Kubernetes says of a text that is no address. */
export const invalidIpMessage = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
/** What Kubernetes says of a text that is no network. */
export const invalidCidrMessage = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
