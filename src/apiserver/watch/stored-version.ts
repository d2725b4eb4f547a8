// One version of one stored object and everything that was ever derived from it: decoded at most once, encoded at most once
// per served version and format, shared by every reader, list and watcher.

import type { ApiObject } from "../../object/kind.ts";
import { deepFreeze } from "../../object/copy.ts";
import { spliceRevision, textOf } from "./bytes.ts";

export class StoredVersion {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly createRevision: number;
  readonly expiresAtMs: number | undefined;
  readonly revision: number;
  #object: ApiObject | undefined;
  #json: Uint8Array | undefined;
  #forms: Map<string, unknown> | undefined;

  constructor(
    key: string,
    bytes: Uint8Array,
    revision: number,
    options: { readonly createRevision?: number; readonly expiresAtMs?: number; readonly object?: ApiObject } = {},
  ) {
    this.key = key;
    this.bytes = bytes;
    this.revision = revision;
    this.createRevision = options.createRevision ?? revision;
    this.expiresAtMs = options.expiresAtMs;
    if (options.object) this.#object = withRevision(options.object, revision);
  }

  /** The decoded, frozen object in the storage version, with its resourceVersion. */
  get object(): ApiObject {
    return (this.#object ??= deepFreeze(withRevision(JSON.parse(textOf(this.bytes)) as ApiObject, this.revision)));
  }

  /** Its JSON in the storage version, with its resourceVersion. */
  get json(): Uint8Array {
    return (this.#json ??= spliceRevision(this.bytes, this.revision));
  }

  /** A derived form, made once; one whose making fails is made again when it is asked for again. */
  form<T>(name: string, make: () => T): T {
    const forms = (this.#forms ??= new Map<string, unknown>());
    if (!forms.has(name)) {
      const made = make();
      forms.set(name, made);
      if (made instanceof Promise) made.catch(() => forms.delete(name));
    }
    return forms.get(name) as T;
  }

  /** The same content as seen at another revision: the last state of something that was deleted then. */
  at(revision: number): StoredVersion {
    if (revision === this.revision) return this;
    return this.form(`at:${revision}`, () => new StoredVersion(this.key, this.bytes, revision, { createRevision: this.createRevision }));
  }
}

function withRevision(object: ApiObject, revision: number): ApiObject {
  const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(revision) });
  return Object.freeze({ ...object, metadata });
}
