// Every kind that is served, by resource and by kind. Custom resources come and go while the server runs, so whoever derives
// something from the kinds (discovery, OpenAPI, routes, watch caches) listens for changes.

import { assert } from "../base/assert.ts";
import type { Kind, KindVersion } from "./kind.ts";

export interface KindChange {
  readonly type: "added" | "removed";
  readonly kind: Kind;
}

/** A kind at one of its served versions. */
export interface ServedKind {
  readonly kind: Kind;
  readonly version: KindVersion;
}

/** Reading is cheap enough for every request; whoever derives something costly keeps it by `generation`. */
export class KindRegistry {
  /** By "group/plural". */
  readonly #kinds = new Map<string, Kind>();
  /** By "group/version/plural" and "group/version/Kind": a plural has no capital, a kind has. */
  readonly #served = new Map<string, Kind>();
  readonly #listeners = new Set<(change: KindChange) => void>();
  #generation = 0;

  constructor(kinds: Iterable<Kind> = []) {
    for (const kind of kinds) this.add(kind);
  }

  /** Grows with each change: a key for what is derived and cached. */
  get generation(): number {
    return this.#generation;
  }

  /** Adds a kind; one of the same group and plural is replaced. @throws BugError when the storage version is missing. */
  add(kind: Kind): void {
    const id = `${kind.group}/${kind.plural}`;
    assert(
      kind.versions.some((version) => version.name === kind.storageVersion),
      `kind ${kind.kind} has no version ${kind.storageVersion} to store`,
    );
    const previous = this.#kinds.get(id);
    if (previous === kind) return;
    if (previous !== undefined) this.remove(kind.group, kind.plural);
    this.#kinds.set(id, kind);
    for (const version of kind.versions) {
      if (!version.served) continue;
      this.#served.set(`${kind.group}/${version.name}/${kind.plural}`, kind);
      this.#served.set(`${kind.group}/${version.name}/${kind.kind}`, kind);
    }
    this.#tell({ type: "added", kind });
  }

  /** False when there was no such kind. */
  remove(group: string, plural: string): boolean {
    const id = `${group}/${plural}`;
    const kind = this.#kinds.get(id);
    if (kind === undefined) return false;
    this.#kinds.delete(id);
    for (const [key, served] of this.#served) if (served === kind) this.#served.delete(key);
    this.#tell({ type: "removed", kind });
    return true;
  }

  /** The kind behind "/apis/GROUP/VERSION/PLURAL"; undefined when that version is not served. */
  byResource(group: string, version: string, plural: string): Kind | undefined {
    return this.#served.get(`${group}/${version}/${plural}`);
  }

  /** The kind of an object's apiVersion and kind; undefined when that version is not served. */
  byKind(group: string, version: string, kind: string): Kind | undefined {
    return this.#served.get(`${group}/${version}/${kind}`);
  }

  /** The kind whatever its version. */
  byGroupResource(group: string, plural: string): Kind | undefined {
    return this.#kinds.get(`${group}/${plural}`);
  }

  /** In the order of adding. */
  all(): readonly Kind[] {
    return [...this.#kinds.values()];
  }

  /** Each kind at each served version. */
  served(): readonly ServedKind[] {
    return this.all().flatMap((kind) => kind.versions.filter((version) => version.served).map((version) => ({ kind, version })));
  }

  /**
   * Kinds that a person may mean by a word: plural, singular, kind in any case, or short name, with or without ".group".
   * More than one where groups share a name (events).
   */
  named(word: string): readonly Kind[] {
    const lower = word.toLowerCase();
    const matches = (kind: Kind, name: string): boolean =>
      kind.plural === name || kind.singular === name || kind.kind.toLowerCase() === name || kind.shortNames?.includes(name) === true;
    const direct = this.all().filter((kind) => matches(kind, lower));
    if (direct.length > 0) return direct;
    const dot = lower.indexOf(".");
    if (dot < 0) return [];
    const [name, rest] = [lower.slice(0, dot), lower.slice(dot + 1)];
    const inGroup = (kind: Kind): boolean =>
      kind.group === rest || kind.versions.some((version) => version.served && rest === `${version.name}.${kind.group}`);
    return this.all().filter((kind) => inGroup(kind) && matches(kind, name));
  }

  /** Calls `listener` after each change until the result is disposed. */
  onChange(listener: (change: KindChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #tell(change: KindChange): void {
    this.#generation++;
    for (const listener of this.#listeners) listener(change);
  }
}
