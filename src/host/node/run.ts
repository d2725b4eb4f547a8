// Runs a command of the host to its end and gives its output, or an error that says what it said.

import { spawn } from "node:child_process";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Each line of its standard output and error, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** @throws Error with the command line and the last of what it wrote, when it cannot start or ends with another code than 0 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      ...(options.signal && { signal: options.signal }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let partial = "";
    const take = (into: Buffer[], chunk: Buffer): void => {
      into.push(chunk);
      if (!options.onLine) return;
      const lines = (partial + chunk.toString()).split("\n");
      partial = lines.pop()!;
      for (const line of lines) options.onLine(line);
    };
    child.stdout.on("data", (chunk: Buffer) => take(out, chunk));
    child.stderr.on("data", (chunk: Buffer) => take(err, chunk));
    child.on("error", (error) => reject(new Error(`${command}: ${error.message}`, { cause: error })));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const said = Buffer.concat(err).toString().trim() || Buffer.concat(out).toString().trim();
      const how = code === null ? `ended by ${signal}` : `exit code ${code}`;
      return reject(new Error(`${[command, ...args].join(" ")}: ${how}${said === "" ? "" : `: ${said.slice(-2000)}`}`));
    });
    child.stdin.on("error", () => undefined); // the command may end without reading its input
    child.stdin.end(options.input);
  });
}
