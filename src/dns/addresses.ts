// Addresses inside names: reverse names, and pods named by their address with dashes.

/** 4 or 6, by the look of it. */
export const ipFamily = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);

/** "1.0.244.10.in-addr.arpa" → "10.244.0.1"; undefined when the name is no reverse name of a whole address. */
export function addressOfReverseName(name: string): string | undefined {
  if (name.endsWith(".in-addr.arpa")) {
    const labels = name.slice(0, -".in-addr.arpa".length).split(".");
    return labels.length === 4 && labels.every(isOctet) ? labels.toReversed().join(".") : undefined;
  }
  if (name.endsWith(".ip6.arpa")) {
    const nibbles = name.slice(0, -".ip6.arpa".length).split(".");
    if (nibbles.length !== 32 || !nibbles.every((nibble) => /^[0-9a-f]$/.test(nibble))) return undefined;
    const hex = nibbles.toReversed().join("");
    return compressIpv6(hex.match(/.{4}/g)!.map((group) => Number.parseInt(group, 16)));
  }
  return undefined;
}

/** "10-244-0-5" → "10.244.0.5", "fd00--1" → "fd00::1"; undefined when the label is no address. */
export function podAddress(label: string): string | undefined {
  const octets = label.split("-");
  if (octets.length === 4 && octets.every(isOctet)) return octets.join(".");
  const address = label.replaceAll("-", ":");
  const isWhole = octets.length === 8 || (address.includes("::") && octets.length <= 9);
  return isWhole && /^[0-9a-f]{0,4}(:[0-9a-f]{0,4})*$/.test(address) && !/:::|::.*::/.test(address) ? address : undefined;
}

const isOctet = (text: string): boolean => /^(0|[1-9][0-9]{0,2})$/.test(text) && Number(text) <= 255;

/** RFC 5952: the longest run of zero groups becomes "::". */
function compressIpv6(groups: readonly number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best.at < 0) return text(groups);
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`;
}
