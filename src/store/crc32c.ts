// CRC-32C (Castagnoli, the polynomial of iSCSI and ext4), four bytes at a time.

const tables: readonly Uint32Array[] = buildTables();

function buildTables(): Uint32Array[] {
  const built = [0, 1, 2, 3].map(() => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    built[0]![byte] = crc;
  }
  for (let byte = 0; byte < 256; byte++) {
    for (let table = 1; table < 4; table++) {
      const previous = built[table - 1]![byte]!;
      built[table]![byte] = (previous >>> 8) ^ built[0]![previous & 0xff]!;
    }
  }
  return built;
}

/** The checksum of `bytes` from `start` on; pass the checksum of what came before to go on from it. */
export function crc32c(bytes: Uint8Array, start = 0, before = 0): number {
  const t0 = tables[0]!;
  const t1 = tables[1]!;
  const t2 = tables[2]!;
  const t3 = tables[3]!;
  let crc = ~before;
  let i = start;
  for (const end = bytes.length - 3; i < end; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}
