// What a command sees of the person who runs it.

export interface Terminal {
  /** Standard output, as given; nothing is added. */
  out(text: string): void;
  /** Bytes to standard output (logs, exec). Resolves when more can be taken. */
  outBytes(bytes: Uint8Array): Promise<void>;
  err(text: string): void;
  errBytes(bytes: Uint8Array): Promise<void>;
  /** Standard output is a terminal: colour, live progress, human columns. */
  readonly isTerminal: boolean;
  /** Standard input is a terminal. */
  readonly isInputTerminal: boolean;
  /** Width in columns; undefined when it is no terminal. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  readonly colours: boolean;
  /** Everything on standard input. */
  readInput(): Promise<string>;
  /** Standard input as it comes. */
  input(): AsyncIterable<Uint8Array>;
  /** Hands keys through as they are typed, without echo; dispose to return to lines. */
  rawInput(): Disposable;
  onResize(listener: (columns: number, rows: number) => void): Disposable;
}

/** Thrown by a command to end with a message and an exit code. The message says what happened, on what, and what to do next. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
