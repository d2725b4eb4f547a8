// Keys in order with their entries, for the memory backend: a list of short sorted chunks. Chunks are shared between an
// index and its copies until one of them writes, so a copy of 150,000 keys costs some hundred pointers.

import { compareKeys } from "./key.ts";
import type { Entry } from "./store.ts";

interface Chunk {
  readonly owner: object;
  readonly entries: Entry[];
}

const maxChunk = 512;
const beyondNative = /[\ud800-\uffff]/;
const nativeOrder = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

export class SortedIndex {
  #chunks: Chunk[];
  #owner: object = {};
  #size: number;
  /** While no key has a character from U+D800 on, JavaScript's own order is the right one, and faster. */
  #compare: (left: string, right: string) => number;

  constructor(source?: SortedIndex) {
    this.#chunks = source ? source.#chunks.slice() : [];
    this.#size = source?.size ?? 0;
    this.#compare = source ? source.#compare : nativeOrder;
    if (source) source.#owner = {};
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): Entry | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (!chunk) return undefined;
    const entry = chunk.entries[this.#position(chunk, key)];
    return entry?.key === key ? entry : undefined;
  }

  set(entry: Entry): void {
    if (this.#compare === nativeOrder && beyondNative.test(entry.key)) this.#compare = compareKeys;
    if (this.#chunks.length === 0) {
      this.#chunks.push({ owner: this.#owner, entries: [entry] });
      this.#size = 1;
      return;
    }
    const at = this.#chunkOf(entry.key);
    const chunk = this.#own(at);
    const position = this.#position(chunk, entry.key);
    if (chunk.entries[position]?.key === entry.key) {
      chunk.entries[position] = entry;
      return;
    }
    chunk.entries.splice(position, 0, entry);
    this.#size++;
    if (chunk.entries.length > maxChunk) {
      // Keys often arrive in order: the last chunk then stays nearly full instead of half empty.
      const last = at === this.#chunks.length - 1 && position === chunk.entries.length - 1;
      const upper = chunk.entries.splice(last ? maxChunk - 8 : maxChunk / 2);
      this.#chunks.splice(at + 1, 0, { owner: this.#owner, entries: upper });
    }
  }

  delete(key: string): boolean {
    const at = this.#chunkOf(key);
    const found = this.#chunks[at];
    if (!found || found.entries[this.#position(found, key)]?.key !== key) return false;
    const chunk = this.#own(at);
    chunk.entries.splice(this.#position(chunk, key), 1);
    this.#size--;
    if (chunk.entries.length === 0) this.#chunks.splice(at, 1);
    return true;
  }

  /** Entries from `from` on (inclusive) that start with `prefix`, in order. Do not write while iterating. */
  *scan(prefix: string, from: string): Generator<Entry, void> {
    const start = this.#start(prefix, from);
    for (let at = this.#chunkOf(start); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!;
      for (let i = this.#position(chunk, start); i < chunk.entries.length; i++) {
        const entry = chunk.entries[i]!;
        if (!entry.key.startsWith(prefix)) return;
        yield entry;
      }
    }
  }

  /** How many entries `scan` would give. */
  count(prefix: string, from: string): number {
    const start = this.#start(prefix, from);
    let count = 0;
    for (let at = this.#chunkOf(start); at < this.#chunks.length; at++) {
      const { entries } = this.#chunks[at]!;
      const first = this.#position(this.#chunks[at]!, start);
      if (first === entries.length) continue;
      if (!entries[first]!.key.startsWith(prefix)) return count;
      if (entries.at(-1)!.key.startsWith(prefix)) {
        count += entries.length - first;
        continue;
      }
      let low = first;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (entries[middle]!.key.startsWith(prefix)) low = middle + 1;
        else high = middle;
      }
      return count + low - first;
    }
    return count;
  }

  #start(prefix: string, from: string): string {
    return this.#compare(from, prefix) > 0 ? from : prefix;
  }

  /** Index of the chunk that holds the key or where it belongs. */
  #chunkOf(key: string): number {
    const compare = this.#compare;
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (compare(this.#chunks[middle]!.entries[0]!.key, key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where the key stands in the chunk, or where it would be inserted. */
  #position(chunk: Chunk, key: string): number {
    const compare = this.#compare;
    let low = 0;
    let high = chunk.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(chunk.entries[middle]!.key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The chunk at this place, copied first when it is shared with another index. */
  #own(at: number): Chunk {
    const chunk = this.#chunks[at]!;
    if (chunk.owner === this.#owner) return chunk;
    const own: Chunk = { owner: this.#owner, entries: chunk.entries.slice() };
    this.#chunks[at] = own;
    return own;
  }
}
