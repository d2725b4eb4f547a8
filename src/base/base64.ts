// Base64 (RFC 4648) where neither Buffer nor btoa exists: the plain alphabet with padding, and the one for URLs without.

import { assert } from "./assert.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Uint8Array(128).fill(255);
for (let at = 0; at < alphabet.length; at++) values[alphabet.charCodeAt(at)] = at;

/** With padding, without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b, c] = [bytes[at]!, bytes[at + 1], bytes[at + 2]];
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]!;
    text += b === undefined ? "=" : alphabet[(bits >> 6) & 63]!;
    text += c === undefined ? "=" : alphabet[bits & 63]!;
  }
  return text;
}

/** Undefined when the text is no base64. Line breaks are skipped, as Go's decoder does. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const packed = text.replaceAll(/[\r\n]/g, "");
  if (packed.length % 4 !== 0) return undefined;
  const padding = packed.endsWith("==") ? 2 : packed.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((packed.length / 4) * 3 - padding);
  const end = packed.length - padding;
  let bits = 0;
  let held = 0;
  let into = 0;
  for (let at = 0; at < end; at++) {
    const value = values[packed.charCodeAt(at)] ?? 255;
    if (value === 255) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[into++] = (bits >> held) & 0xff;
    }
  }
  return bytes;
}

/** For text that was checked when it came in: the data of a stored object. @throws BugError when it is no base64 after all */
export function decodeCheckedBase64(text: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64(text);
  assert(bytes, "data that was accepted as base64 is none");
  return bytes;
}

/** With "-" and "_", without padding: safe in a URL. */
export const encodeBase64Url = (bytes: Uint8Array): string =>
  encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** Undefined when the text is base64 in neither alphabet. Padding may be missing. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return decodeBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, "="));
}

/** Of the text in UTF-8. */
export const encodeBase64Text = (text: string): string => encodeBase64(new TextEncoder().encode(text));
