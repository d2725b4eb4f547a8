// What goes wrong, told as kubectl tells it.

import { StatusError } from "../../object/status.ts";

/** The command line is not understood; the reader is sent to the help of the command. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something is refused with these very words and `error: ` before them. */
export class KubectlError extends Error {
  override readonly name = "KubectlError";
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Ends with this exit code; everything has been said. */
export class ExitCode extends Error {
  override readonly name = "ExitCode";
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Several things went wrong while the work went on. */
class ManyErrors extends Error {
  override readonly name = "ManyErrors";
  readonly errors: readonly unknown[];
  constructor(errors: readonly unknown[]) {
    super(errors.map((error) => (error instanceof Error ? error.message : String(error))).join("\n"));
    this.errors = errors;
  }
}

/** Throws what was collected: nothing, the one error, or all of them. */
export function throwCollected(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new ManyErrors(errors);
}

export const isNotFound = (error: unknown): boolean => error instanceof StatusError && error.reason === "NotFound";
export const isConflict = (error: unknown): boolean => error instanceof StatusError && error.reason === "Conflict";

/** The same refusal with words before its message: `error when creating "web.yaml": ...`. */
export function withSource(error: unknown, words: string): unknown {
  if (error instanceof StatusError) return StatusError.from({ ...error.status, message: `${words}: ${error.status.message ?? ""}` });
  if (error instanceof KubectlError) return new KubectlError(`${words}: ${error.message}`, error.exitCode);
  return error;
}

/** The text for standard error, ending with a newline. `server` is the address that was dialled. */
export function explainError(error: unknown, server: string): string {
  if (error instanceof ManyErrors) return error.errors.map((one) => explainError(one, server)).join("");
  if (error instanceof StatusError) return line(explainStatus(error));
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown }).code;
  if (code === "ECONNREFUSED") return `The connection to the server ${server} was refused - did you specify the right host or port?\n`;
  if (typeof code === "string" && (error as Error).name === "DialError") return line(`Unable to connect to the server: ${message}`);
  return line(message.startsWith("error: ") ? message : `error: ${message}`);
}

const line = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

function explainStatus(error: StatusError): string {
  const { reason, message = "", details } = error.status;
  if (reason === "Unauthorized") return `error: You must be logged in to the server (${message})`;
  if (reason === "Invalid") return explainInvalid(message, details);
  return reason === undefined ? `Error from server: ${message}` : `Error from server (${reason}): ${message}`;
}

/** Each cause stands on a line of its own; the message repeats them and is left out. */
function explainInvalid(message: string, details: StatusError["status"]["details"]): string {
  if (details === undefined) return `The request is invalid: ${message}`;
  const named = (details.kind ?? "") !== "" || (details.name ?? "") !== "";
  const start = named ? `The ${details.kind ?? ""} ${JSON.stringify(details.name ?? "")} is invalid` : "The request is invalid";
  const causes = [
    ...new Set((details.causes ?? []).map((cause) => (cause.field ? `${cause.field}: ${cause.message ?? ""}` : (cause.message ?? "")))),
  ];
  if (causes.length === 0) return named ? start : `${start}: ${message}`;
  if (causes.length === 1) return `${start}: ${causes[0]!}`;
  return `${start}: \n${causes.map((cause) => `* ${cause}`).join("\n")}`;
}
