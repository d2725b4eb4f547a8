// Reads a container's log file as `kubectl logs` wants it: the last lines, since when, how much, with times, and on as it grows.

import type { Clock } from "../../base/clock.ts";
import { pause } from "../../base/clock.ts";
import type { NodeFiles, OpenFile } from "../files.ts";
import { parseLogLine } from "./cri-log.ts";

export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceMs?: number;
  readonly limitBytes?: number;
  readonly stream?: "stdout" | "stderr";
}

export interface LogReaderDeps {
  readonly files: NodeFiles;
  readonly clock: Clock;
  /** Can more come? */
  readonly running: () => Promise<boolean>;
}

const chunkBytes = 64 * 1024;
/** A follower looks again after this long even when nobody tells of a change. */
const lookMs = 1000;

const encoder = new TextEncoder();

/** The log's text in chunks. Ends at the end of the file, or when a followed container has ended, or with the signal. */
export async function* readLog(deps: LogReaderDeps, path: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array> {
  let file = await deps.files.open(path);
  if (!file) {
    if (!options.follow) return;
    file = await waitForFile(deps, path, signal);
    if (!file) return;
  }
  const shape = new LogShape(options);
  try {
    let position = await startPosition(file, options.tailLines);
    let rest: Uint8Array = new Uint8Array();
    for (;;) {
      // Asked before reading: what is written before the end is read after it.
      const mayGrow = options.follow && (await deps.running());
      for (;;) {
        const bytes = await file.read(position, chunkBytes);
        if (bytes.length === 0) break;
        position += bytes.length;
        const [text, left] = shape.take(join(rest, bytes));
        rest = left;
        if (text.length > 0) yield text;
        if (shape.full) return;
      }
      const next = await rotated(deps.files, path, file);
      if (next) {
        await file[Symbol.asyncDispose]();
        file = next;
        position = 0;
        rest = new Uint8Array();
        continue;
      }
      if (!mayGrow || signal.aborted) return;
      await untilChange(deps, path, signal);
      if (signal.aborted) return;
    }
  } finally {
    await file[Symbol.asyncDispose]();
  }
}

async function waitForFile(deps: LogReaderDeps, path: string, signal: AbortSignal): Promise<OpenFile | undefined> {
  while (!signal.aborted) {
    const mayAppear = await deps.running();
    const file = await deps.files.open(path);
    if (file || !mayAppear) return file;
    await untilChange(deps, path, signal);
  }
  return undefined;
}

/** Another file under the name: the old one was rotated away. */
async function rotated(files: NodeFiles, path: string, file: OpenFile): Promise<OpenFile | undefined> {
  const stat = await files.stat(path);
  if (!stat || stat.identity === file.identity) return undefined;
  return await files.open(path);
}

async function untilChange({ files, clock }: LogReaderDeps, path: string, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const changed = (async () => {
    for await (const _ of files.changes(path, either)) return;
    // The hints ended without one: the clock alone wakes us.
    if (!either.aborted) await pause(clock, lookMs, either);
  })();
  try {
    await Promise.race([changed, pause(clock, lookMs, either)]);
  } finally {
    over.abort(new Error("changed"));
  }
}

/** Where the last `lines` records begin; the end for 0, the beginning when undefined or when there are fewer. */
async function startPosition(file: OpenFile, lines: number | undefined): Promise<number> {
  if (lines === undefined) return 0;
  const size = await file.sizeBytes();
  if (lines === 0) return size;
  let found = 0;
  for (let end = size; end > 0;) {
    const begin = Math.max(end - chunkBytes, 0);
    const bytes = await file.read(begin, end - begin);
    for (let i = bytes.length - 1; i >= 0; i--) {
      // The newline that ends the last record opens no further one.
      if (bytes[i] !== 10 || begin + i === size - 1) continue;
      if (++found === lines) return begin + i + 1;
    }
    end = begin;
  }
  return 0;
}

/** Records → text, by the options. */
class LogShape {
  readonly #options: LogOptions;
  readonly #decoder = new TextDecoder();
  #left: number;
  /** The record before was partial: this one goes on in its line. */
  #within = false;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Infinity;
  }

  get full(): boolean {
    return this.#left <= 0;
  }

  /** The text of all whole records, and the bytes of the one that is not. */
  take(bytes: Uint8Array): [Uint8Array, Uint8Array] {
    const end = bytes.lastIndexOf(10);
    if (end < 0) return [new Uint8Array(), bytes];
    let text = "";
    for (const line of this.#decoder.decode(bytes.subarray(0, end)).split("\n")) text += this.#render(line);
    let output: Uint8Array = encoder.encode(text);
    if (output.length > this.#left) output = output.subarray(0, this.#left);
    this.#left -= output.length;
    return [output, bytes.slice(end + 1)];
  }

  #render(line: string): string {
    const record = parseLogLine(line);
    if (!record) return "";
    const { stream, sinceMs, timestamps } = this.#options;
    if (stream !== undefined && record.stream !== stream) return "";
    if (sinceMs !== undefined && Date.parse(record.time) < sinceMs) return "";
    const prefix = timestamps && !this.#within ? `${record.time} ` : "";
    this.#within = record.partial;
    return `${prefix}${record.text}${record.partial ? "" : "\n"}`;
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
