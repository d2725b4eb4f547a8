// Text whose cells end with tabs, aligned by elastic tabstops: a column is as wide as its widest cell among the lines that
// follow each other and have that column. `describe` is laid out this way.

const defaultPadding = 2;

/** The text with blanks in place of tabs. */
export function alignTabs(text: string, padding = defaultPadding): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const widths: number[][] = lines.map(() => []);
  layOut(lines, widths, 0, 0, lines.length, padding);
  return lines
    .map((cells, at) => cells.map((cell, column) => (column === cells.length - 1 ? cell : padded(cell, widths[at]![column]!))).join(""))
    .join("\n");
}

/** Sets the width of `column` for each block of lines between `from` and `to` that have it, then of the columns after it. */
function layOut(
  lines: readonly (readonly string[])[],
  widths: number[][],
  column: number,
  from: number,
  to: number,
  padding: number,
): void {
  const has = (line: number): boolean => column < lines[line]!.length - 1;
  for (let start = from; start < to; start++) {
    if (!has(start)) continue;
    let end = start;
    let width = 0;
    for (; end < to && has(end); end++) width = Math.max(width, lengthOf(lines[end]![column]!) + padding);
    for (let line = start; line < end; line++) widths[line]![column] = width;
    layOut(lines, widths, column + 1, start, end, padding);
    start = end;
  }
}

/** Code points, as Go counts. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - lengthOf(text)));
