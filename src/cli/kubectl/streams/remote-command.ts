// A command in a container, its streams in the channels of one WebSocket (exec, attach, run).

import type { Status } from "../../../object/status.ts";
import {
  channelMessage,
  channelProtocolV4,
  channelProtocolV5,
  closeMessage,
  errorChannel,
  parseChannelMessage,
  resizeChannel,
  stderrChannel,
  stdinChannel,
  stdoutChannel,
} from "../../../wire/channel-framing.ts";
import type { WebSocketSession } from "../../../wire/websocket.ts";
import { KubectlError } from "../errors.ts";
import type { Session } from "../session.ts";

export interface RemoteStreams {
  readonly stdin: boolean;
  /** Keys go through as they are typed; the window's size follows ours. */
  readonly tty: boolean;
}

const encoder = new TextEncoder();

/**
 * Joins the terminal with the command behind `target` until it ends.
 * @returns its exit code
 * @throws StatusError when the server refuses, KubectlError when the command cannot be run
 */
export async function runRemoteCommand(session: Session, target: string, streams: RemoteStreams): Promise<number> {
  const stop = new AbortController();
  const server = await session.server();
  const socket = await server.webSocket(target, [channelProtocolV5, channelProtocolV4], stop.signal);
  using cleanup = new DisposableList();
  if (streams.tty) {
    cleanup.add(session.terminal.rawInput());
    cleanup.add(session.terminal.onResize((columns, rows) => sendSize(socket, columns, rows)));
    const { columns, rows } = session.terminal;
    if (columns !== undefined && rows !== undefined) sendSize(socket, columns, rows);
  }
  // The input may wait for a key for ever: it is let go when the command ends.
  if (streams.stdin) void sendInput(session, socket).catch(() => socket.destroy());
  const status = await receive(session, socket);
  stop.abort();
  return exitCodeOf(status);
}

class DisposableList implements Disposable {
  readonly #things: Disposable[] = [];
  add(thing: Disposable): void {
    this.#things.push(thing);
  }
  [Symbol.dispose](): void {
    for (const thing of this.#things.toReversed()) thing[Symbol.dispose]();
  }
}

function sendSize(socket: WebSocketSession, columns: number, rows: number): void {
  // A connection that is over has no window.
  void socket.send(channelMessage(resizeChannel, encoder.encode(JSON.stringify({ Width: columns, Height: rows })))).catch(() => undefined);
}

async function sendInput(session: Session, socket: WebSocketSession): Promise<void> {
  for await (const bytes of session.terminal.input()) await socket.send(channelMessage(stdinChannel, bytes));
  // v4 cannot say that the input is over.
  if (socket.protocol === channelProtocolV5) await socket.send(closeMessage(stdinChannel));
}

/** Writes what comes; the last word is a Status. */
async function receive(session: Session, socket: WebSocketSession): Promise<Status | undefined> {
  let status: Status | undefined;
  const decoder = new TextDecoder();
  let said = "";
  for await (const { data } of socket.messages) {
    const event = parseChannelMessage(data, socket.protocol);
    if (event?.type !== "data") continue;
    if (event.channel === stdoutChannel) await session.terminal.outBytes(event.data);
    else if (event.channel === stderrChannel) await session.terminal.errBytes(event.data);
    else if (event.channel === errorChannel) {
      said += decoder.decode(event.data, { stream: true });
      status = parseStatus(said) ?? status;
      if (status !== undefined) break;
    }
  }
  if (status === undefined && said !== "") throw new KubectlError(said);
  return status;
}

function parseStatus(text: string): Status | undefined {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return undefined;
  }
}

/** @throws KubectlError for a failure that is no exit code */
function exitCodeOf(status: Status | undefined): number {
  if (status === undefined || status.status === "Success") return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
  const code = Number(cause?.message);
  if (cause === undefined || !Number.isInteger(code)) throw new KubectlError(status.message ?? "the command failed");
  return code;
}
