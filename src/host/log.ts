// The Log of a process, written by pino as one JSON object a line.

import { destination, pino, stdTimeFunctions } from "pino";
import type { Logger } from "pino";
import type { Log, LogFields } from "../base/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface ProcessLogOptions {
  readonly level?: LogLevel;
  /** Appended to, its directory made when missing. Default: standard error. */
  readonly file?: string;
  /** Fields that every line carries. */
  readonly fields?: LogFields;
}

/** A Log that is disposed with its process part: flushes and closes the file. */
export interface ProcessLog extends Log, Disposable {}

/** Lines are written synchronously, so that the last words before a crash are on disk. */
export function processLog(options: ProcessLogOptions = {}): ProcessLog {
  const sink = destination({ dest: options.file ?? 2, sync: true, mkdir: true, append: true });
  const logger = pino(
    {
      level: options.level ?? "info",
      base: { ...options.fields },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  let open = true;
  return {
    ...logOver(logger),
    [Symbol.dispose]: () => {
      if (!open) return;
      open = false;
      sink.flushSync();
      if (options.file !== undefined) sink.end();
    },
  };
}

function logOver(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(shown(fields), message),
    info: (message, fields) => logger.info(shown(fields), message),
    warn: (message, fields) => logger.warn(shown(fields), message),
    error: (message, fields) => logger.error(shown(fields), message),
    child: (fields) => logOver(logger.child(shown(fields))),
  };
}

/** Errors in any field are written with message and stack; JSON would show `{}`. */
function shown(fields: LogFields | undefined): Record<string, unknown> {
  if (!fields) return {};
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields))
    result[name] = value instanceof Error && name !== "err" ? pino.stdSerializers.err(value) : value;
  return result;
}
