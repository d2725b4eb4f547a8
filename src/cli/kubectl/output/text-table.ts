// Columns of text padded with blanks: three between columns, none after the last.

const padding = 3;
const minWidth = 6;

/** Aligns rows; widths only grow, so that rows that come later (a watch) stand under the earlier ones. */
export class TextTable {
  readonly #widths: number[] = [];

  /** The rows as lines. Rows may differ in length; the last cell of each is not padded. */
  format(rows: readonly (readonly string[])[]): string {
    for (const row of rows) {
      for (let at = 0; at < row.length - 1; at++) {
        const width = Math.max(minWidth, lengthOf(row[at]!) + padding);
        if (width > (this.#widths[at] ?? 0)) this.#widths[at] = width;
      }
    }
    return rows
      .map((row) => `${row.map((cell, at) => (at === row.length - 1 ? cell : padded(cell, this.#widths[at]!))).join("")}\n`)
      .join("");
  }
}

/** Characters as Go counts them: code points. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - lengthOf(text)));
