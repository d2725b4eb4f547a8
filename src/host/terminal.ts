// The terminal of this process.

import { once } from "node:events";
import type { Terminal } from "../cli/terminal.ts";

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // A reader that went away (`| head`) ends us quietly, as it ends every other program.
  stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const write = async (stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> => {
    if (!stream.write(bytes)) await once(stream, "drain");
  };
  return {
    out: (text) => void stdout.write(text),
    outBytes: (bytes) => write(stdout, bytes),
    err: (text) => void stderr.write(text),
    errBytes: (bytes) => write(stderr, bytes),
    isTerminal: stdout.isTTY === true && stderr.isTTY === true,
    isInputTerminal: stdin.isTTY === true,
    get columns() {
      return stdout.isTTY ? stdout.columns : undefined;
    },
    get rows() {
      return stdout.isTTY ? stdout.rows : undefined;
    },
    colours: stdout.isTTY === true && process.env["NO_COLOR"] === undefined && process.env["TERM"] !== "dumb",
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    },
    input: () => stdin as AsyncIterable<Uint8Array>,
    rawInput() {
      if (stdin.isTTY) stdin.setRawMode(true);
      return {
        [Symbol.dispose]() {
          if (stdin.isTTY) stdin.setRawMode(false);
        },
      };
    },
    onResize(listener) {
      const report = (): void => listener(stdout.columns, stdout.rows);
      stdout.on("resize", report);
      return { [Symbol.dispose]: () => void stdout.off("resize", report) };
    },
  };
}
