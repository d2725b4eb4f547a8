// Frames of RFC 6455 as values: no socket here.

export type FrameType = "continuation" | "text" | "binary" | "close" | "ping" | "pong";

export interface Frame {
  readonly type: FrameType;
  readonly final: boolean;
  readonly payload: Uint8Array;
}

/** Bytes that are no WebSocket, or break a limit; `code` is what the close frame says. */
export class WebSocketError extends Error {
  override readonly name = "WebSocketError";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const opcodes: Readonly<Record<FrameType, number>> = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const types = new Map<number, FrameType>(Object.entries(opcodes).map(([type, code]) => [code, type as FrameType]));

/** `mask`: four random bytes, which a client must use and a server must not. */
export function encodeFrame(frame: Frame, mask?: Uint8Array): Uint8Array {
  const { payload } = frame;
  const lengthBytes = payload.length < 126 ? 0 : payload.length < 0x1_0000 ? 2 : 8;
  const start = 2 + lengthBytes + (mask ? 4 : 0);
  const bytes = new Uint8Array(start + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = (frame.final ? 0x80 : 0) | opcodes[frame.type];
  bytes[1] = (mask ? 0x80 : 0) | (lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, payload.length);
  if (lengthBytes === 8) view.setUint32(6, payload.length);
  bytes.set(payload, start);
  if (mask) {
    bytes.set(mask, start - 4);
    applyMask(bytes.subarray(start), mask);
  }
  return bytes;
}

function applyMask(payload: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i & 3]!;
}

export interface FrameParserOptions {
  /** Frames must be masked (on a server) or must not be (on a client). */
  readonly masked: boolean;
  readonly maxPayloadBytes: number;
}

/** Takes bytes as they come and gives whole frames. */
export class FrameParser {
  readonly #options: FrameParserOptions;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(options: FrameParserOptions) {
    this.#options = options;
  }

  /** The frames that these bytes complete. @throws WebSocketError */
  push(bytes: Uint8Array): Frame[] {
    if (bytes.length > 0) {
      this.#chunks.push(bytes);
      this.#size += bytes.length;
    }
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#next();
      if (!frame) return frames;
      frames.push(frame);
    }
  }

  #next(): Frame | undefined {
    if (this.#size < 2) return undefined;
    const [first, second] = this.#peek(2) as unknown as [number, number];
    const type = types.get(first & 0x0f);
    if (first & 0x70) throw new WebSocketError(1002, "a reserved bit is set");
    if (!type) throw new WebSocketError(1002, `unknown opcode ${first & 0x0f}`);
    const masked = (second & 0x80) !== 0;
    if (masked !== this.#options.masked)
      throw new WebSocketError(1002, masked ? "a server's frame is masked" : "a client's frame is not masked");
    const final = (first & 0x80) !== 0;
    const short = second & 0x7f;
    if (opcodes[type] >= 8 && (!final || short > 125)) throw new WebSocketError(1002, "a control frame is long or fragmented");
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const start = 2 + lengthBytes + (masked ? 4 : 0);
    if (this.#size < start) return undefined;
    const header = this.#peek(start);
    const view = new DataView(header.buffer, header.byteOffset);
    const length =
      lengthBytes === 0 ? short : lengthBytes === 2 ? view.getUint16(2) : view.getUint32(2) * 0x1_0000_0000 + view.getUint32(6);
    if (length > this.#options.maxPayloadBytes) throw new WebSocketError(1009, `a frame of ${length} bytes is too large`);
    if (this.#size < start + length) return undefined;
    const bytes = this.#take(start + length);
    // What came in belongs to somebody else: unmasking works on a copy.
    const payload = masked ? bytes.slice(start) : bytes.subarray(start);
    if (masked) applyMask(payload, bytes.subarray(start - 4, start));
    return { type, final, payload };
  }

  /** The first bytes, left where they are. */
  #peek(size: number): Uint8Array {
    if (this.#chunks[0]!.length < size) this.#chunks = [this.#joined()];
    return this.#chunks[0]!.subarray(0, size);
  }

  #take(size: number): Uint8Array {
    const whole = this.#peek(size);
    const rest = this.#chunks[0]!.subarray(size);
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    this.#size -= size;
    return whole;
  }

  #joined(): Uint8Array {
    const joined = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    return joined;
  }
}
