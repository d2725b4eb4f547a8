// The log format of the Container Runtime Interface: "2026-01-02T03:04:05.123456789Z stdout F text", where P in the place of F
// says that the line goes on in the next record.

export interface LogLine {
  /** RFC 3339 with nanoseconds, as written. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly partial: boolean;
  readonly text: string;
}

/** Undefined for what is no record. `line` comes without its newline. */
export function parseLogLine(line: string): LogLine | undefined {
  const first = line.indexOf(" ");
  const second = line.indexOf(" ", first + 1);
  if (first < 0 || second < 0) return undefined;
  const third = line.indexOf(" ", second + 1);
  const stream = line.slice(first + 1, second);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  const tags = line.slice(second + 1, third < 0 ? undefined : third);
  return {
    time: line.slice(0, first),
    stream,
    partial: tags.split(":")[0] === "P",
    text: third < 0 ? "" : line.slice(third + 1),
  };
}
