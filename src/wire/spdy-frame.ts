// Frames of SPDY/3.1 as values: no socket here, and header blocks stay compressed (compression has a state per session).

export const finFlag = 1;
export const unidirectionalFlag = 2;

/** Why a stream was reset. */
export const resetStatus = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  internalError: 6,
  flowControlError: 7,
  streamAlreadyClosed: 9,
} as const;

export type SpdyFrame =
  | { readonly type: "synStream"; readonly streamId: number; readonly flags: number; readonly block: Uint8Array }
  | { readonly type: "synReply"; readonly streamId: number; readonly flags: number; readonly block: Uint8Array }
  | { readonly type: "headers"; readonly streamId: number; readonly flags: number; readonly block: Uint8Array }
  | { readonly type: "data"; readonly streamId: number; readonly flags: number; readonly data: Uint8Array }
  | { readonly type: "reset"; readonly streamId: number; readonly status: number }
  | { readonly type: "settings"; readonly initialWindow?: number }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "goAway"; readonly lastStreamId: number; readonly status: number }
  | { readonly type: "windowUpdate"; readonly streamId: number; readonly delta: number };

export class SpdyError extends Error {
  override readonly name = "SpdyError";
}

/** The far end has given up one stream; the session goes on. Container runtimes end a finished session's streams this way. */
export class SpdyResetError extends SpdyError {
  readonly status: number;
  constructor(status: number) {
    super(`the far end has reset the stream (status ${status})`);
    this.status = status;
  }
}

const version = 3;
const controlTypes = { synStream: 1, synReply: 2, reset: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const;
const initialWindowSetting = 7;
const headerBytes = 8;
export const maxDataBytes = 0xff_ffff;

export function encodeSpdyFrame(frame: SpdyFrame): Uint8Array {
  if (frame.type === "data") {
    const bytes = new Uint8Array(headerBytes + frame.data.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, frame.streamId);
    view.setUint32(4, (frame.flags << 24) | frame.data.length);
    bytes.set(frame.data, headerBytes);
    return bytes;
  }
  const numbers = numbersOf(frame);
  const block = "block" in frame ? frame.block : new Uint8Array(0);
  const length = numbers.length * 4 + (frame.type === "synStream" ? 2 : 0) + block.length;
  const bytes = new Uint8Array(headerBytes + length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x8000 | version);
  view.setUint16(2, controlTypes[frame.type]);
  view.setUint32(4, (("flags" in frame ? frame.flags : 0) << 24) | length);
  numbers.forEach((number, i) => view.setUint32(headerBytes + i * 4, number));
  bytes.set(block, bytes.length - block.length);
  return bytes;
}

/** The 32-bit fields before the header block. */
function numbersOf(frame: Exclude<SpdyFrame, { type: "data" }>): number[] {
  switch (frame.type) {
    case "synStream":
      return [frame.streamId, 0];
    case "synReply":
    case "headers":
      return [frame.streamId];
    case "reset":
      return [frame.streamId, frame.status];
    case "settings":
      return frame.initialWindow === undefined ? [0] : [1, initialWindowSetting, frame.initialWindow];
    case "ping":
      return [frame.id];
    case "goAway":
      return [frame.lastStreamId, frame.status];
    case "windowUpdate":
      return [frame.streamId, frame.delta];
  }
}

/** Takes bytes as they come and gives whole frames. Control frames of unknown type are skipped, as the protocol wants. */
export class SpdyParser {
  readonly #maxFrameBytes: number;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(maxFrameBytes: number = maxDataBytes) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** @throws SpdyError */
  push(bytes: Uint8Array): SpdyFrame[] {
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#size += bytes.length;
    const frames: SpdyFrame[] = [];
    while (this.#size >= headerBytes) {
      const header = viewOf(this.#joined(headerBytes));
      const length = header.getUint32(4) & 0xff_ffff;
      if (length > this.#maxFrameBytes) throw new SpdyError(`a frame of ${length} bytes is too large`);
      if (this.#size < headerBytes + length) break;
      const frame = parseFrame(this.#take(headerBytes + length));
      if (frame) frames.push(frame);
    }
    return frames;
  }

  /** At least the first `size` bytes in one piece. */
  #joined(size: number): Uint8Array {
    if (this.#chunks[0]!.length < size) {
      const joined = new Uint8Array(this.#size);
      let at = 0;
      for (const chunk of this.#chunks) {
        joined.set(chunk, at);
        at += chunk.length;
      }
      this.#chunks = [joined];
    }
    return this.#chunks[0]!;
  }

  #take(size: number): Uint8Array {
    const whole = this.#joined(size);
    if (whole.length > size) this.#chunks[0] = whole.subarray(size);
    else this.#chunks.shift();
    this.#size -= size;
    return whole.subarray(0, size);
  }
}

function parseFrame(bytes: Uint8Array): SpdyFrame | undefined {
  const view = viewOf(bytes);
  const flags = bytes[4]!;
  if ((bytes[0]! & 0x80) === 0) return { type: "data", streamId: view.getUint32(0), flags, data: bytes.subarray(headerBytes) };
  if ((view.getUint16(0) & 0x7fff) !== version)
    throw new SpdyError(`this is version ${view.getUint16(0) & 0x7fff} of SPDY, not ${version}`);
  const type = view.getUint16(2);
  const field = (index: number): number => {
    if (headerBytes + index * 4 + 4 > bytes.length) throw new SpdyError(`a control frame of type ${type} is too short`);
    return view.getUint32(headerBytes + index * 4);
  };
  const streamId = (): number => field(0) & 0x7fff_ffff;
  switch (type) {
    case controlTypes.synStream: {
      field(1);
      return { type: "synStream", streamId: streamId(), flags, block: bytes.subarray(headerBytes + 10) };
    }
    case controlTypes.synReply:
      return { type: "synReply", streamId: streamId(), flags, block: bytes.subarray(headerBytes + 4) };
    case controlTypes.headers:
      return { type: "headers", streamId: streamId(), flags, block: bytes.subarray(headerBytes + 4) };
    case controlTypes.reset:
      return { type: "reset", streamId: streamId(), status: field(1) };
    case controlTypes.settings:
      return settingsOf(field);
    case controlTypes.ping:
      return { type: "ping", id: field(0) };
    case controlTypes.goAway:
      return { type: "goAway", lastStreamId: streamId(), status: field(1) };
    case controlTypes.windowUpdate:
      return { type: "windowUpdate", streamId: streamId(), delta: field(1) & 0x7fff_ffff };
    default:
      return undefined;
  }
}

function settingsOf(field: (index: number) => number): SpdyFrame {
  const count = field(0);
  for (let i = 0; i < count; i++) {
    const id = field(1 + i * 2) & 0xff_ffff;
    const value = field(2 + i * 2);
    if (id === initialWindowSetting) return { type: "settings", initialWindow: value };
  }
  return { type: "settings" };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The name/value block of headers, not yet compressed. Names are written in lower case, as the protocol wants. */
export function encodeHeaderBlock(headers: Readonly<Record<string, string>>): Uint8Array {
  const parts = Object.entries(headers).flatMap(([name, value]) => [encoder.encode(name.toLowerCase()), encoder.encode(value)]);
  const bytes = new Uint8Array(4 + parts.reduce((size, part) => size + 4 + part.length, 0));
  const view = viewOf(bytes);
  view.setUint32(0, parts.length / 2);
  let at = 4;
  for (const part of parts) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/** Several values of one name are joined with ", ". @throws SpdyError */
export function decodeHeaderBlock(bytes: Uint8Array): Record<string, string> {
  const view = viewOf(bytes);
  let at = 0;
  const number = (): number => {
    if (at + 4 > bytes.length) throw new SpdyError("a header block is cut short");
    at += 4;
    return view.getUint32(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > bytes.length) throw new SpdyError("a header block is cut short");
    at += length;
    return decoder.decode(bytes.subarray(at - length, at));
  };
  const pairs: [string, string][] = [];
  for (let left = number(); left > 0; left--) pairs.push([text().toLowerCase(), text().replaceAll("\0", ", ")]);
  return Object.fromEntries(pairs);
}
