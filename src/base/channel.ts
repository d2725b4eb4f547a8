// A bounded hand-over from one writer to one async reader: watch streams, terminal bytes, log lines.

/** One writer, one reader; the writer is told when there is no more room. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  #head = 0;
  #wake: (() => void) | undefined;
  #closed = false;
  #failure: unknown;
  #onReturn: (() => void) | undefined;

  /** `limit`: how many items wait at most; `push` returns false beyond it and the writer decides what happens. */
  constructor(limit: number, onReturn?: () => void) {
    this.#limit = limit;
    this.#onReturn = onReturn;
  }

  /** How many items wait to be read. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** False when the channel is full or closed; the item was not taken. */
  push(item: T): boolean {
    if (this.#closed || this.size >= this.#limit) return false;
    this.#items.push(item);
    this.#signal();
    return true;
  }

  /** Ends the stream after what already waits; with a failure, the reader's next step throws it. */
  close(failure?: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure = failure;
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #take(): T {
    const item = this.#items[this.#head]!;
    this.#items[this.#head] = undefined as T;
    this.#head++;
    if (this.#head === this.#items.length || this.#head > 1024) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => {
        for (;;) {
          if (this.size > 0) return { done: false, value: this.#take() };
          if (this.#closed) {
            if (this.#failure !== undefined) {
              const failure = this.#failure;
              this.#failure = undefined;
              throw failure;
            }
            return { done: true, value: undefined };
          }
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      },
      return: async () => {
        this.close();
        this.#items.length = 0;
        this.#head = 0;
        this.#onReturn?.();
        return { done: true, value: undefined };
      },
    };
  }
}
