// JSON from strangers to plain values. The text is checked for size, nesting and duplicate keys before anything recursive
// sees it; JSON.parse then does the work. Only a text with an error or a duplicate is read a second time, slowly, to say where.

import { JsonSyntaxError, TooDeepError, TooLargeError } from "./syntax-errors.ts";

/** Largest request body that is read: 3 MiB, as Kubernetes. */
export const defaultMaxBytes = 3 * 1024 * 1024;
/** Deepest nesting that is read; recursive walks further in need no check of their own. */
export const defaultMaxDepth = 512;

export interface ReadLimits {
  /** Default 3 MiB. */
  readonly maxBytes?: number;
  /** Default 512. */
  readonly maxDepth?: number;
}

export interface ParsedJson {
  readonly value: unknown;
  /** One text for each key that stands twice in one object, the last value kept: `duplicate field "spec.replicas"`. */
  readonly duplicates: readonly string[];
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Text of UTF-8 bytes.
 * @throws JsonSyntaxError when they are not valid UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new JsonSyntaxError("invalid UTF-8 in input", 0, { cause: error });
  }
}

/**
 * Reads one JSON value.
 *
 * Numbers are doubles: integers beyond 2^53 lose their last digits, and numbers beyond the range of a double are refused.
 * A `__proto__` key is refused.
 * @throws JsonSyntaxError with the wording of Go's decoder, TooDeepError, TooLargeError.
 */
export function parseJson(input: Uint8Array | string, limits: ReadLimits = {}): ParsedJson {
  const maxBytes = limits.maxBytes ?? defaultMaxBytes;
  if (input.length > maxBytes) throw new TooLargeError(maxBytes);
  const text = typeof input === "string" ? input : decodeUtf8(input);
  const keyCount = countKeys(text, limits.maxDepth ?? defaultMaxDepth);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    scanJson(text);
    throw new JsonSyntaxError("invalid JSON", 0, { cause: error });
  }
  return { value, duplicates: countOwnKeys(value) === keyCount ? [] : scanJson(text) };
}

/** How many keys the objects of `text` have altogether, duplicates included, if it is JSON at all. @throws TooDeepError */
function countKeys(text: string, maxDepth: number): number {
  let depth = 0;
  let keys = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i);
        break;
      case 0x3a: // :
        keys++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > maxDepth) throw new TooDeepError(maxDepth);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      default:
    }
  }
  return keys;
}

/** Position of the quote that closes the string opened at `start`; the text's length when it stays open. */
function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

/** Keys that really arrived; recursion is bounded by the depth checked before. */
function countOwnKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "number" && !Number.isFinite(value)) throw new JsonSyntaxError("number out of range", 0);
    return 0;
  }
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "object" || typeof item === "number") keys += countOwnKeys(item);
    }
    return keys;
  }
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw new JsonSyntaxError('the key "__proto__" is not allowed', 0);
    keys++;
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === "object" || typeof item === "number") keys += countOwnKeys(item);
  }
  return keys;
}

interface Frame {
  readonly path: string;
  /** Keys seen so far; undefined in an array. */
  readonly keys: Set<string> | undefined;
  index: number;
}

/**
 * Reads the text strictly, without recursion, for the sake of what it says about it.
 * @returns the duplicate keys' messages. @throws JsonSyntaxError at the first error.
 */
function scanJson(text: string): string[] {
  const duplicates = new Set<string>();
  const frames: Frame[] = [];
  let at = 0;
  const skipSpace = (): void => {
    while (at < text.length && " \t\r\n".includes(text[at]!)) at++;
  };
  const fail = (context: string): never => {
    if (at >= text.length) throw new JsonSyntaxError("unexpected end of JSON input", at);
    throw new JsonSyntaxError(`invalid character ${quoteCharacter(text.slice(at))} ${context}`, at);
  };
  const readString = (): string => {
    const start = at++;
    for (;;) {
      if (at >= text.length) fail("in string literal");
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code < 0x20) fail("in string literal");
      if (code === 0x5c) {
        at++;
        if (at >= text.length || !'"\\/bfnrtu'.includes(text[at]!)) fail("in string escape code");
        if (text[at] === "u") {
          for (let digit = 0; digit < 4; digit++) {
            at++;
            if (at >= text.length || !/[0-9a-fA-F]/.test(text[at]!)) fail("in \\u hexadecimal character escape");
          }
        }
      }
      at++;
    }
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };
  const isDigit = (): boolean => at < text.length && text[at]! >= "0" && text[at]! <= "9";
  const readNumber = (): void => {
    if (text[at] === "-") at++;
    if (text[at] === "0") at++;
    else if (isDigit()) while (isDigit()) at++;
    else fail("in numeric literal");
    if (text[at] === ".") {
      at++;
      if (!isDigit()) fail("after decimal point in numeric literal");
      while (isDigit()) at++;
    }
    if (text[at] === "e" || text[at] === "E") {
      at++;
      if (text[at] === "+" || text[at] === "-") at++;
      if (!isDigit()) fail("in exponent of numeric literal");
      while (isDigit()) at++;
    }
  };
  const readWord = (word: string): void => {
    for (const expected of word) {
      if (text[at] !== expected) fail(`in literal ${word} (expecting '${expected}')`);
      at++;
    }
  };
  /** Path of the value that comes next. */
  let path = "";
  const readKey = (frame: Frame): void => {
    skipSpace();
    if (text[at] !== '"') fail("looking for beginning of object key string");
    const key = readString();
    path = frame.path === "" ? key : `${frame.path}.${key}`;
    if (frame.keys!.has(key)) duplicates.add(`duplicate field ${JSON.stringify(path)}`);
    frame.keys!.add(key);
    skipSpace();
    if (text[at] !== ":") fail("after object key");
    at++;
  };
  for (;;) {
    skipSpace();
    // A value starts here.
    const first = text[at];
    if (first === "{") {
      at++;
      skipSpace();
      const frame: Frame = { path, keys: new Set(), index: 0 };
      if (text[at] !== "}") {
        frames.push(frame);
        readKey(frame);
        continue;
      }
      at++;
    } else if (first === "[") {
      at++;
      skipSpace();
      if (text[at] !== "]") {
        frames.push({ path, keys: undefined, index: 0 });
        path = `${path}[0]`;
        continue;
      }
      at++;
    } else if (first === '"') readString();
    else if (first === "t") readWord("true");
    else if (first === "f") readWord("false");
    else if (first === "n") readWord("null");
    else if (first === "-" || isDigit()) readNumber();
    else fail("looking for beginning of value");
    // A value ended here: close what closes, go on to the next.
    for (;;) {
      skipSpace();
      const frame = frames.at(-1);
      if (frame === undefined) {
        if (at < text.length) fail("after top-level value");
        return [...duplicates];
      }
      if (text[at] === ",") {
        at++;
        if (frame.keys) readKey(frame);
        else path = `${frame.path}[${++frame.index}]`;
        break;
      }
      if (text[at] !== (frame.keys ? "}" : "]")) fail(frame.keys ? "after object key:value pair" : "after array element");
      at++;
      frames.pop();
    }
  }
}

/** A character as Go quotes it in its messages. */
function quoteCharacter(rest: string): string {
  const character = String.fromCodePoint(rest.codePointAt(0)!);
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
