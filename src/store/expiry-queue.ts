// Which keys expire when, for the memory backend: a binary heap by time. A key that was rewritten or deleted leaves a stale
// entry behind, which its revision gives away when it comes up.

export interface Expiry {
  readonly atMs: number;
  readonly key: string;
  /** The revision of the version that expires. */
  readonly revision: number;
}

export class ExpiryQueue {
  readonly #heap: Expiry[] = [];

  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  push(expiry: Expiry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(expiry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]!.atMs <= expiry.atMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = expiry;
  }

  /** Takes the earliest one out when it is due. */
  popDue(nowMs: number): Expiry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (!first || first.atMs > nowMs) return undefined;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
      if (heap[child]!.atMs >= last.atMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
