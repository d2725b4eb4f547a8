// Structured logging as an interface; the host writes it with pino, a test keeps it in a list.

/** Values that can be written as JSON. Never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Messages say what happened in plain words; what differs between two of them stands in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose every line carries `fields` as well. */
  child(fields: LogFields): Log;
}

/** Drops everything. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
