// What a container left to say about its end: its message file, else (by policy) the end of its log.

import type { NodeFiles } from "../files.ts";
import type { ObservedContainer, ObservedPod } from "../observed.ts";
import { parseLogLine } from "../server/cri-log.ts";

const maxMessageBytes = 4096;
const maxLogBytes = 2048;
const maxLogLines = 80;

/** Of one pod: each message is read once, and forgotten with its container. */
export class TerminationMessages {
  readonly #files: NodeFiles;
  readonly #known = new Map<string, string>();

  constructor(files: NodeFiles) {
    this.#files = files;
  }

  /** The same observation, with the messages of ended containers. */
  async read(observed: ObservedPod): Promise<ObservedPod> {
    const containers = await Promise.all(
      observed.containers.map(async (container) => {
        if (container.status.state !== "exited") return container;
        const id = container.status.id;
        let message = this.#known.get(id);
        if (message === undefined) this.#known.set(id, (message = await this.#readOne(container)));
        return message === "" ? container : { ...container, message };
      }),
    );
    const present = new Set(observed.containers.map(({ status }) => status.id));
    for (const id of this.#known.keys()) if (!present.has(id)) this.#known.delete(id);
    return { ...observed, containers };
  }

  async #readOne({ status, notes }: ObservedContainer): Promise<string> {
    const text = new TextDecoder();
    if (notes.terminationMessageFile !== "") {
      const bytes = await this.#files.readFile(notes.terminationMessageFile, { limitBytes: maxMessageBytes });
      if (bytes && bytes.length > 0) return text.decode(bytes);
    }
    if (notes.terminationMessagePolicy !== "FallbackToLogsOnError" || status.exitCode === 0) return "";
    const bytes = await this.#files.readFile(status.logPath, { limitBytes: 4 * maxLogBytes, fromEnd: true });
    if (!bytes) return "";
    const lines = text
      .decode(bytes)
      .split("\n")
      .map((line) => parseLogLine(line))
      .filter((line) => line !== undefined)
      .map((line) => line.text + (line.partial ? "" : "\n"));
    return lines
      .join("")
      .split("\n")
      .slice(-maxLogLines - 1)
      .join("\n")
      .slice(-maxLogBytes);
  }
}
