// Small pieces of byte work that the read path lives on: nothing is parsed there, only copied.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** One array out of many. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const metadataStart = utf8('"metadata":{');

/** Where the fields of `metadata` begin in a stored record. Records are written by `storedBytes`, so it stands near the front. */
function metadataOffset(bytes: Uint8Array): number {
  const limit = Math.min(bytes.length - metadataStart.length, 1024);
  outer: for (let at = 0; at <= limit; at++) {
    for (let i = 0; i < metadataStart.length; i++) if (bytes[at + i] !== metadataStart[i]) continue outer;
    return at + metadataStart.length;
  }
  return -1;
}

/** The JSON of a stored object with its revision in `metadata.resourceVersion`, without parsing it. */
export function spliceRevision(bytes: Uint8Array, revision: number): Uint8Array {
  const at = metadataOffset(bytes);
  if (at < 0) throw new Error("stored record has no metadata");
  const empty = bytes[at] === 0x7d; // "}"
  return concat([bytes.subarray(0, at), utf8(`"resourceVersion":"${revision}"${empty ? "" : ","}`), bytes.subarray(at)]);
}

interface Storable {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: object;
}

/** The stored form of an object: kind, apiVersion and metadata first, no resourceVersion. */
export function storedBytes(object: Storable): Uint8Array {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _, ...meta } = (metadata ?? {}) as Record<string, unknown>;
  return utf8(JSON.stringify({ kind, apiVersion, metadata: meta, ...rest }));
}
