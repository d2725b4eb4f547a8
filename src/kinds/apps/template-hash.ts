// The hash by which a deployment tells its replica sets apart: label `pod-template-hash`, and the end of their names. Kubernetes
// promises no algorithm, only that equal templates have equal hashes and that the text holds no vowels or look-alikes.

import type { PodTemplateSpec } from "../core/types.gen.ts";

/** Label of replica sets and pods that carries the hash. */
export const podTemplateHashLabel = "pod-template-hash";

const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const length = 10;

/**
 * Hash of a template; another one for each `collisionCount`, for when a name is already taken. Neither the order of keys nor
 * absent members nor the label itself make a difference.
 */
export function hashPodTemplate(template: PodTemplateSpec, collisionCount = 0): string {
  const { [podTemplateHashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  const text = canonical({ ...template, metadata: { ...template.metadata, labels } });
  const bytes = new TextEncoder().encode(collisionCount === 0 ? text : `${text}#${collisionCount}`);
  let value = fnv1a64(bytes);
  let hash = "";
  for (let i = 0; i < length; i++) {
    hash += alphabet[Number(value % BigInt(alphabet.length))];
    value /= BigInt(alphabet.length);
  }
  return hash;
}

/** JSON with sorted keys; what is absent, null or empty is left out, since decoding may or may not write it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts: string[] = [];
  for (const key of Object.keys(value).toSorted()) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined || member === null) continue;
    const text = canonical(member);
    if (text !== "{}" && text !== "[]") parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(",")}}`;
}

/** FNV-1a, 64 bits, in two halves of 32. */
function fnv1a64(bytes: Uint8Array): bigint {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    // The prime is 2^40 + 0x1b3.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}
