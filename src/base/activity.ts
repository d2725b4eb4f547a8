// Who is busy right now. A virtual cluster settles when nobody is: every queue, in-flight Exchange, undelivered watch
// event and pending effect holds one count while it lasts. In production the counting costs two additions.

/** Where whoever works says so. */
export interface Activity {
  /** Marks the start of some work; dispose the result exactly once when it ends. `what` names it in a stuck test. */
  begin(what: string): Disposable;
}

const idle: Disposable = { [Symbol.dispose]() {} };

/** Counts nothing: the activity of a production process. */
export const uncounted: Activity = { begin: () => idle };

/** Counts, names what is busy, and tells when nothing is. */
export class CountingActivity implements Activity {
  readonly #busy = new Map<string, number>();
  #count = 0;
  #changes = 0;
  #waiters: (() => void)[] = [];

  begin(what: string): Disposable {
    this.#count++;
    this.#changes++;
    this.#busy.set(what, (this.#busy.get(what) ?? 0) + 1);
    let ended = false;
    return {
      [Symbol.dispose]: () => {
        if (ended) return;
        ended = true;
        const left = this.#busy.get(what)! - 1;
        if (left === 0) this.#busy.delete(what);
        else this.#busy.set(what, left);
        this.#count--;
        this.#changes++;
        if (this.#count === 0) {
          const waiters = this.#waiters;
          this.#waiters = [];
          for (const wake of waiters) wake();
        }
      },
    };
  }

  get count(): number {
    return this.#count;
  }

  /** Grows with every begin and end: equal readings mean that nothing moved in between. */
  get changes(): number {
    return this.#changes;
  }

  /** What is busy and how often, for the message of a test that never settles. */
  busy(): ReadonlyMap<string, number> {
    return this.#busy;
  }

  /** Resolves when the count is zero; at once when it already is. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}

/** Runs `work` while counted. */
export async function counted<T>(activity: Activity, what: string, work: () => Promise<T>): Promise<T> {
  using _ = activity.begin(what);
  return await work();
}
