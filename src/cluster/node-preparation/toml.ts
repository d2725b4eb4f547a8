// As much TOML as containerd's files need: tables of scalars, lists and nested tables, written, never read.

export type TomlValue = string | number | boolean | readonly TomlValue[] | TomlTable;
export interface TomlTable {
  readonly [key: string]: TomlValue | undefined;
}

/** The document as text; undefined values are left out, empty tables are kept. */
export function formatToml(table: TomlTable): string {
  const lines: string[] = [];
  writeTable(table, [], lines);
  return `${lines.join("\n").trimStart()}\n`;
}

function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value);
}

function isList(value: TomlValue): value is readonly TomlValue[] {
  return Array.isArray(value);
}

function writeTable(table: TomlTable, path: readonly string[], lines: string[]): void {
  const entries = Object.entries(table);
  const plain = entries.filter(([, value]) => value !== undefined && !isTable(value));
  const nested = entries.filter(([, value]) => isTable(value));
  if (path.length > 0 && (plain.length > 0 || nested.length === 0)) lines.push("", `[${path.map(formatKey).join(".")}]`);
  for (const [key, value] of plain) lines.push(`${formatKey(key)} = ${formatValue(value!)}`);
  for (const [key, value] of nested) writeTable(value as TomlTable, [...path, key], lines);
}

function formatKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : formatText(key);
}

function formatText(text: string): string {
  // JSON's escapes are TOML's; DEL, which JSON leaves bare, TOML wants escaped.
  return JSON.stringify(text).replaceAll("\u007f", "\\u007F");
}

function formatValue(value: TomlValue): string {
  if (typeof value === "string") return formatText(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (isList(value)) return `[${value.map(formatValue).join(", ")}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{ ${fields.map(([key, field]) => `${formatKey(key)} = ${formatValue(field!)}`).join(", ")} }`;
}
