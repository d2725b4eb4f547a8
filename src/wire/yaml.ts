// YAML as Kubernetes reads it: YAML 1.1 plain scalars by Go's rules, keys turned to strings, then only what JSON can say.
// js-yaml splits the text into events; the values are built here, so that duplicate keys are collected with their lines and
// aliases and nesting are counted before they cost anything.

import { getScalarValue, parseEvents, SCALAR_STYLE, EVENT_ID, YAMLException } from "js-yaml";
import type { Event, ScalarEvent } from "js-yaml";
import type { ReadLimits } from "./json.ts";
import { decodeUtf8, defaultMaxBytes, defaultMaxDepth } from "./json.ts";
import { TooDeepError, TooLargeError, YamlSyntaxError } from "./syntax-errors.ts";
import { resolvePlainScalar } from "./yaml-scalars.ts";
import type { PlainValue } from "./yaml-scalars.ts";

export { formatYaml, formatYamlDocuments } from "./yaml-format.ts";

export interface YamlDocument {
  /** Plain JSON values only; null for an empty document. */
  readonly value: unknown;
  /** One text for each key that stands twice in one mapping, the last value kept: `line 3: key "a" already set in map`. */
  readonly duplicates: readonly string[];
  /** Line of the document's first node; the first line of the text is 1. */
  readonly line: number;
}

export interface YamlLimits extends ReadLimits {
  /** How many nodes aliases may copy in one document. Default 100,000. */
  readonly maxAliasedNodes?: number;
}

/**
 * Reads a stream of documents. Documents without any node (comments only, `---` twice) are left out.
 * @throws YamlSyntaxError, TooDeepError, TooLargeError; JsonSyntaxError for bytes that are not UTF-8.
 */
export function parseYamlDocuments(input: string | Uint8Array, limits: YamlLimits = {}): YamlDocument[] {
  const maxBytes = limits.maxBytes ?? defaultMaxBytes;
  if (input.length > maxBytes) throw new TooLargeError(maxBytes);
  const text = (typeof input === "string" ? input : decodeUtf8(input)).replace(/^\uFEFF/, "");
  const maxDepth = limits.maxDepth ?? defaultMaxDepth;
  const builder = new Builder(text, maxDepth, limits.maxAliasedNodes ?? 100_000);
  return builder.build(readEvents(text, maxDepth));
}

/**
 * Reads exactly one document; null when the text has none.
 * @throws as parseYamlDocuments, and YamlSyntaxError for more than one document.
 */
export function parseYaml(input: string | Uint8Array, limits: YamlLimits = {}): YamlDocument {
  const documents = parseYamlDocuments(input, limits);
  if (documents.length > 1) throw new YamlSyntaxError("expected a single document in the stream", documents[1]!.line);
  return documents[0] ?? { value: null, duplicates: [], line: 1 };
}

/** The strict reader's error for duplicate keys, as Go's words it. */
export const duplicateKeysMessage = (duplicates: readonly string[]): string => `yaml: unmarshal errors:\n  ${duplicates.join("\n  ")}`;

function readEvents(text: string, maxDepth: number): Event[] {
  try {
    return parseEvents(text, { maxDepth });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (error.reason.includes("maxDepth")) throw new TooDeepError(maxDepth);
    throw new YamlSyntaxError(error.reason, error.mark ? error.mark.line + 1 : 0, { cause: error });
  }
}

type Container = unknown[] | Record<string, unknown>;
interface Anchor {
  readonly value: unknown;
  /** A collection that is still open: an alias to it would make a circle. */
  open: boolean;
}
interface Frame {
  readonly container: Container;
  readonly anchor: Anchor | undefined;
  /** The key that waits for its value, in a mapping. */
  key: string | undefined;
  keyLine: number;
  hasKey: boolean;
  isMerge: boolean;
  /** Keys written out in a mapping; others came by a merge and may be replaced. */
  readonly written: Set<string>;
}

class Builder {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #maxAliasedNodes: number;
  #aliasedNodes = 0;
  #frames: Frame[] = [];
  #anchors = new Map<string, Anchor>();
  #duplicates: string[] = [];
  #documents: YamlDocument[] = [];
  #root: { value: unknown; line: number } | undefined;
  #linePosition = 0;
  #line = 1;

  constructor(text: string, maxDepth: number, maxAliasedNodes: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#maxAliasedNodes = maxAliasedNodes;
  }

  build(events: readonly Event[]): YamlDocument[] {
    for (const event of events) this.#step(event);
    return this.#documents;
  }

  #step(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        this.#anchors = new Map();
        this.#duplicates = [];
        this.#aliasedNodes = 0;
        this.#root = undefined;
        this.#frames = [];
        return;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING: {
        const line = this.#lineOf(event.start);
        const container: Container = event.type === EVENT_ID.SEQUENCE ? [] : {};
        const anchor: Anchor = { value: container, open: true };
        if (event.anchorStart >= 0) this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), anchor);
        this.#add(container, line, false);
        this.#frames.push({ container, anchor, key: undefined, keyLine: 0, hasKey: false, isMerge: false, written: new Set() });
        return;
      }
      case EVENT_ID.SCALAR: {
        const position = event.valueStart >= 0 ? event.valueStart : Math.max(event.tagStart, event.anchorStart);
        if (position < 0 && this.#frames.length === 0) return;
        const line = position >= 0 ? this.#lineOf(position) : this.#line;
        const scalar = this.#scalar(event, line);
        if (event.anchorStart >= 0) {
          this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), { value: scalar, open: false });
        }
        const isMerge = scalar === "<<" && event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0;
        this.#add(scalar, line, isMerge);
        return;
      }
      case EVENT_ID.ALIAS: {
        const name = this.#text.slice(event.anchorStart, event.anchorEnd);
        const line = this.#lineOf(event.anchorStart);
        const anchor = this.#anchors.get(name);
        if (anchor === undefined) throw new YamlSyntaxError(`unknown anchor '${name}' referenced`, 0);
        if (anchor.open) throw new YamlSyntaxError(`anchor '${name}' value contains itself`, 0);
        this.#add(this.#copy(anchor.value, this.#maxDepth - this.#frames.length), line, false);
        return;
      }
      case EVENT_ID.POP: {
        const frame = this.#frames.pop();
        if (frame === undefined) {
          // The end of a document.
          const root = this.#root as { value: unknown; line: number } | undefined;
          if (root) this.#documents.push({ value: root.value, duplicates: this.#duplicates, line: root.line });
        } else if (frame.anchor) frame.anchor.open = false;
        return;
      }
    }
  }

  /** Positions only grow from event to event, so all lines are counted in one pass. */
  #lineOf(position: number): number {
    for (;;) {
      const next = this.#text.indexOf("\n", this.#linePosition);
      if (next === -1 || next >= position) return this.#line;
      this.#linePosition = next + 1;
      this.#line++;
    }
  }

  #add(value: unknown, line: number, isMerge: boolean): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) {
      this.#root = { value: this.#jsonValue(value, line), line };
      return;
    }
    if (Array.isArray(frame.container)) {
      frame.container.push(this.#jsonValue(value, line));
      return;
    }
    if (!frame.hasKey) {
      frame.hasKey = true;
      frame.isMerge = isMerge;
      frame.keyLine = line;
      frame.key = isMerge ? "<<" : keyText(value, line);
      return;
    }
    frame.hasKey = false;
    if (frame.isMerge) this.#merge(frame.container, value, frame.written, line);
    else {
      const key = frame.key!;
      if (frame.written.has(key)) this.#duplicates.push(`line ${frame.keyLine}: key ${JSON.stringify(key)} already set in map`);
      frame.written.add(key);
      frame.container[key] = this.#jsonValue(value, line);
    }
  }

  /** JSON has no infinities. */
  #jsonValue(value: unknown, line: number): unknown {
    if (typeof value === "number" && !Number.isFinite(value)) {
      const shown = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
      throw new YamlSyntaxError(`json: unsupported value: ${shown}`, line);
    }
    return value;
  }

  #merge(into: Record<string, unknown>, source: unknown, written: ReadonlySet<string>, line: number): void {
    const sources = Array.isArray(source) ? source : [source];
    for (const from of sources) {
      if (typeof from !== "object" || from === null || Array.isArray(from)) {
        throw new YamlSyntaxError("map merge requires map or sequence of maps as the value", line);
      }
      for (const [key, value] of Object.entries(from)) {
        if (!written.has(key) && !Object.hasOwn(into, key)) into[key] = value;
      }
    }
  }

  /** Aliases copy, so that no two places of a document share an object; the copying is what bombs make expensive. */
  #copy(value: unknown, depthLeft: number): unknown {
    if (++this.#aliasedNodes > this.#maxAliasedNodes) throw new YamlSyntaxError("document contains excessive aliasing", 0);
    if (typeof value !== "object" || value === null) return value;
    if (depthLeft <= 0) throw new TooDeepError(this.#maxDepth);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, depthLeft - 1));
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) copy[key] = this.#copy((value as Record<string, unknown>)[key], depthLeft - 1);
    return copy;
  }

  #scalar(event: ScalarEvent, line: number): PlainValue {
    const source = getScalarValue(this.#text, event);
    if (event.tagStart < 0) return event.style === SCALAR_STYLE.PLAIN ? resolvePlainScalar(source) : source;
    const tag = this.#text
      .slice(event.tagStart, event.tagEnd)
      .replace(/^!<(.*)>$/, "$1")
      .replace(/^tag:yaml.org,2002:/, "!!");
    return taggedScalar(tag, source, line);
  }
}

function taggedScalar(tag: string, source: string, line: number): PlainValue {
  const value = resolvePlainScalar(source);
  const kind = value === null ? "!!null" : typeof value === "boolean" ? "!!bool" : typeof value === "string" ? "!!str" : "number";
  switch (tag) {
    case "!!int":
    case "!!float":
      if (kind === "number" && (tag === "!!float" || Number.isInteger(value))) return value;
      break;
    case "!!bool":
    case "!!null":
      if (kind === tag) return value;
      break;
    case "!!binary":
      throw new YamlSyntaxError("!!binary is not supported, write the base64 text as a string", line);
    default:
      // !!str, and tags that mean nothing here.
      return source;
  }
  throw new YamlSyntaxError(`cannot decode ${kind === "number" ? "!!float" : kind} \`${source}\` as a ${tag}`, 0);
}

/** Keys become strings as Go turns them. */
function keyText(key: unknown, line: number): string {
  if (key === "__proto__") throw new YamlSyntaxError('the key "__proto__" is not allowed', line);
  if (typeof key === "string") return key;
  if (typeof key === "boolean") return String(key);
  if (typeof key === "number") return Number.isFinite(key) ? String(key) : Number.isNaN(key) ? ".nan" : key > 0 ? ".inf" : "-.inf";
  throw new YamlSyntaxError(key === null ? "unsupported map key of type: null" : "invalid map key", line);
}
