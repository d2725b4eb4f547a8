// Unique values in named pools: cluster addresses and node ports. Each taken value is a key of the store, written in the same
// transaction as the object that wants it, so that no crash can separate the two.

import type { Random } from "../../base/random.ts";
import { randomInt } from "../../base/random.ts";
import type { Allocator } from "../../object/kind.ts";
import type { Condition, Write } from "../../store/store.ts";
import { utf8 } from "../watch/bytes.ts";
import type { StoreFeed } from "../watch/store-feed.ts";
import { allocationsRoot } from "../watch/store-feed.ts";

/** The values of one pool, numbered from zero. */
export interface Pool {
  readonly name: string;
  readonly size: number;
  /** The text of a value by its number. */
  valueAt(index: number): string;
  /** The number of a value; undefined when it lies outside. */
  indexOf(value: string): number | undefined;
  /** How many values at the start are given only when asked for by name (KEP-3070, KEP-3668). */
  readonly reserved: number;
  /** Kubernetes' text for a value outside. */
  readonly outside: (value: string) => string;
}

/** How many random tries before every value is looked at in turn. */
const randomTries = 16;

export class TransactionAllocator implements Allocator {
  readonly conditions: Condition[] = [];
  readonly writes: Write[] = [];
  readonly #feed: StoreFeed;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #random: Random;
  readonly #owner: string;
  readonly #taken = new Set<string>();
  readonly #released = new Set<string>();

  constructor(feed: StoreFeed, pools: ReadonlyMap<string, Pool>, random: Random, owner: string) {
    this.#feed = feed;
    this.#pools = pools;
    this.#random = random;
    this.#owner = owner;
  }

  async take(poolName: string, wanted?: string): Promise<string | undefined> {
    const pool = this.#poolOf(poolName);
    if (wanted !== undefined) {
      const index = pool.indexOf(wanted);
      if (index === undefined) throw new RangeError(pool.outside(wanted));
      return this.#claim(pool, pool.valueAt(index)) ? pool.valueAt(index) : undefined;
    }
    for (let i = 0; i < randomTries; i++) {
      const value = pool.valueAt(pool.reserved + randomInt(this.#random, pool.size - pool.reserved));
      if (this.#free(pool, value) && this.#claim(pool, value)) return value;
    }
    const start = randomInt(this.#random, pool.size - pool.reserved);
    for (let i = 0; i < pool.size - pool.reserved; i++) {
      const value = pool.valueAt(pool.reserved + ((start + i) % (pool.size - pool.reserved)));
      if (this.#free(pool, value) && this.#claim(pool, value)) return value;
    }
    for (let i = 0; i < pool.reserved; i++) {
      const value = pool.valueAt(i);
      if (this.#free(pool, value) && this.#claim(pool, value)) return value;
    }
    return undefined;
  }

  release(poolName: string, value: string): void {
    const key = keyFor(poolName, value);
    if (this.#released.has(key)) return;
    if (this.#taken.delete(key)) {
      this.#drop(key);
      return;
    }
    const present = this.#feed.allocations().get(key);
    if (!present) return;
    this.#released.add(key);
    this.conditions.push({ key, revision: present.revision });
    this.writes.push({ type: "delete", key });
  }

  /** `node-port/TCP` is the range `node-port` with its own set of taken values. */
  #poolOf(name: string): Pool {
    const pool = this.#pools.get(name) ?? this.#pools.get(name.slice(0, Math.max(0, name.lastIndexOf("/"))));
    if (!pool) throw new RangeError(`there is no pool ${name}`);
    return { ...pool, name };
  }

  #free(pool: Pool, value: string): boolean {
    const key = keyFor(pool.name, value);
    return !this.#taken.has(key) && this.#feed.allocations().get(key) === undefined;
  }

  #claim(pool: Pool, value: string): boolean {
    const key = keyFor(pool.name, value);
    if (this.#taken.has(key)) return false;
    // Given back and taken again by the same object in one transaction: nothing changes.
    if (this.#released.delete(key)) {
      this.#drop(key);
      return true;
    }
    if (this.#feed.allocations().get(key)) return false;
    this.#taken.add(key);
    this.conditions.push({ key, revision: 0 });
    this.writes.push({ type: "put", key, value: utf8(JSON.stringify({ owner: this.#owner })) });
    return true;
  }

  #drop(key: string): void {
    const condition = this.conditions.findIndex((one) => one.key === key);
    if (condition >= 0) this.conditions.splice(condition, 1);
    const write = this.writes.findIndex((one) => one.key === key);
    if (write >= 0) this.writes.splice(write, 1);
  }
}

const keyFor = (pool: string, value: string): string => `${allocationsRoot}${pool}/${value}`;
