// Runs a program of the machine to its end: the small commands (mount, nft, apt-get, systemctl) that the kernel and Debian are spoken
// to with.

import { spawn } from "node:child_process";

export interface Ran {
  /** 255 when a signal ended it. */
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface RunOptions {
  /** Text for standard input. */
  readonly input?: string;
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each line of output and errors as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Characters of output, or of errors, that a program may write; one that writes more is killed. */
const maxOutputChars = 16 * 1024 * 1024;

/** Never rejects for an exit code. @throws Error when the program cannot be started, or writes without end */
export function tryProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.environment && { env: { ...process.env, ...options.environment } }),
    });
    const collect = (stream: NodeJS.ReadableStream): (() => string) => {
      let all = "";
      let line = "";
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        all += text;
        const lines = (line + text).split("\n");
        line = lines.pop()!;
        for (const whole of lines) options.onLine?.(whole);
        if (all.length > maxOutputChars && child.kill("SIGKILL"))
          reject(new Error(`${program} was stopped: it wrote more than ${maxOutputChars} characters`));
      });
      stream.on("end", () => {
        if (line !== "") options.onLine?.(line);
      });
      return () => all;
    };
    const output = collect(child.stdout);
    const errors = collect(child.stderr);
    child.on("error", (error) => reject(new Error(`${program} cannot be started: ${error.message}`, { cause: error })));
    child.on("close", (code) => resolve({ code: code ?? 255, output: output(), errors: errors() }));
    // A program may end without reading all of its input; its exit code says whether that was a failure.
    child.stdin.on("error", (error) => options.onLine?.(error.message));
    child.stdin.end(options.input ?? "");
  });
}

/** Its output. @throws Error with the program's own last words when it fails */
export async function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, output, errors } = await tryProgram(program, args, options);
  if (code === 0) return output;
  const said = (errors.trim() || output.trim()).split("\n").slice(-5).join("\n");
  throw new Error(`${[program, ...args].join(" ")} failed (${code})${said === "" ? "" : `: ${said}`}`);
}
