// What reading bytes may end with. The floor above turns these into a Status.

/** The text is not JSON. The message is that of Go's decoder. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  /** Where, in UTF-16 units from the start. */
  readonly position: number;
  constructor(message: string, position: number, options?: ErrorOptions) {
    super(message, options);
    this.position = position;
  }
}

/** The text is not YAML, or not YAML that JSON can say. The message starts with `yaml: ` as Go's does. */
export class YamlSyntaxError extends Error {
  override readonly name = "YamlSyntaxError";
  /** The first line is 1; 0 when unknown. */
  readonly line: number;
  constructor(reason: string, line: number, options?: ErrorOptions) {
    super(line > 0 ? `yaml: line ${line}: ${reason}` : `yaml: ${reason}`, options);
    this.line = line;
  }
}

/** Nested beyond the limit. */
export class TooDeepError extends Error {
  override readonly name = "TooDeepError";
  constructor(maxDepth: number) {
    super(`exceeded max depth of ${maxDepth}`);
  }
}

/** Longer than the limit. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
  constructor(maxBytes: number) {
    super(`limit is ${maxBytes}`);
  }
}
