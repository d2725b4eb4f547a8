// The ledger of one cluster as a file: an entry is durable before what it stands for is made.

import { formatLedgerEntry, type LedgerEntry, parseLedger } from "./ledger.ts";

export interface LedgerFile {
  read(path: string): Promise<string | undefined>;
  /** Appends and waits for the disk. */
  append(path: string, line: string): Promise<void>;
}

export class LedgerBook {
  readonly #file: LedgerFile;
  readonly #path: string;
  readonly #known = new Set<string>();

  private constructor(file: LedgerFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  static async open(file: LedgerFile, path: string): Promise<LedgerBook> {
    const book = new LedgerBook(file, path);
    for (const entry of parseLedger((await file.read(path)) ?? "")) book.#known.add(formatLedgerEntry(entry));
    return book;
  }

  /** Writes the entry down unless it stands there already. */
  async record(entry: LedgerEntry): Promise<void> {
    const line = formatLedgerEntry(entry);
    if (this.#known.has(line)) return;
    await this.#file.append(this.#path, line);
    this.#known.add(line);
  }

  /** True when something of this type and key is the cluster's already. */
  has(test: (entry: LedgerEntry) => boolean): boolean {
    return this.entries().some(test);
  }

  entries(): LedgerEntry[] {
    return parseLedger([...this.#known].join(""));
  }
}
