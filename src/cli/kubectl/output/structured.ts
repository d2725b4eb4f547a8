// Objects as data: -o json, yaml, name, jsonpath and custom-columns.

import { findJsonPath, parseJsonPath, printJsonPath, relaxedJsonPath } from "../../../lang/jsonpath.ts";
import { JsonPathError } from "../../../lang/jsonpath-parse.ts";
import { formatYaml } from "../../../wire/yaml-format.ts";
import type { CommandEnvironment } from "../../environment.ts";
import { KubectlError } from "../errors.ts";
import type { FlagSpec, Flags } from "../flags.ts";
import { bool, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { isList, itemsOf, nameOf, splitApiVersion } from "../items.ts";
import { absolutePath } from "../paths.ts";
import { qualifiedName } from "../resource-mapping.ts";
import { TextTable } from "./text-table.ts";

export const outputFlags: readonly FlagSpec[] = [
  text("output", "Output format. One of: (json, yaml, name, jsonpath, jsonpath-as-json, jsonpath-file).", { short: "o" }),
  bool("show-managed-fields", "If true, keep the managedFields when printing objects in JSON or YAML format."),
  bool("allow-missing-template-keys", "If true, ignore any errors in templates when a field or map key is missing in the template.", {
    default: "true",
  }),
  text("template", "A template for -o jsonpath without one of its own."),
];

/** Writes one object; called again for each further one. */
export type ObjectPrinter = (object: Item) => string;

const formats = ["json", "yaml", "name", "jsonpath", "jsonpath-as-json", "jsonpath-file"];

/**
 * The printer that -o asks for; undefined without -o, or when it is one of `others`, which the verb prints itself.
 * @throws KubectlError for a format that does not exist or a template that cannot be read
 */
export async function structuredPrinter(
  environment: CommandEnvironment,
  flags: Flags,
  others: readonly string[] = [],
): Promise<ObjectPrinter | undefined> {
  const output = flags.text("output");
  if (output === "" || others.includes(output)) return undefined;
  const equals = output.indexOf("=");
  const format = equals < 0 ? output : output.slice(0, equals);
  const argument = equals < 0 ? flags.text("template") : output.slice(equals + 1);
  const keepManaged = flags.bool("show-managed-fields");
  const read = async (path: string): Promise<string> => {
    const content = await environment.files.readText(absolutePath(environment.workingDirectory, path));
    if (content === undefined) throw new KubectlError(`error reading --template ${path}, open ${path}: no such file or directory`);
    return content;
  };
  switch (format) {
    case "json":
      return (object) => `${formatJson(keepManaged ? object : withoutManagedFields(object))}\n`;
    case "yaml":
      return yamlPrinter(keepManaged);
    case "name":
      return (object) => (isList(object) ? itemsOf(object) : [object]).map((item) => `${objectName(item)}\n`).join("");
    case "jsonpath":
    case "jsonpath-as-json":
      if (argument === "") throw new KubectlError(`template format specified but no template given`);
      return jsonPathPrinter(argument, flags, format === "jsonpath-as-json");
    case "jsonpath-file":
      return jsonPathPrinter((await read(argument)).replace(/\n$/, ""), flags, false);
    case "custom-columns":
    case "custom-columns-file":
      if (!others.includes("custom-columns")) break;
      if (argument === "") throw new KubectlError("custom-columns format specified but no custom columns given");
      return customColumns(format === "custom-columns" ? argument : columnsOfFile(await read(argument)), flags.bool("no-headers"));
    case "go-template":
    case "go-template-file":
    case "template":
    case "templatefile":
      throw new KubectlError(`Go templates are not supported: use -o jsonpath or -o json`);
  }
  const allowed = [...formats, ...others].toSorted().join(",");
  throw new KubectlError(
    `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${allowed}`,
  );
}

/** "deployment.apps/web", from the object alone. */
export function objectName(item: Item): string {
  return qualifiedName({ group: splitApiVersion(item.apiVersion ?? "").group, kind: item.kind ?? "" }, nameOf(item));
}

function withoutManagedFields(object: Item): Item {
  if (isList(object)) return { ...object, items: object["items"].map((item: Item) => withoutManagedFields(item)) } as Item;
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function yamlPrinter(keepManaged: boolean): ObjectPrinter {
  let printed = 0;
  return (object) => `${printed++ === 0 ? "" : "---\n"}${formatYaml(keepManaged ? object : withoutManagedFields(object))}`;
}

/** JSON with sorted keys, `indent` blanks a level, and the escapes of Go's encoder. */
export function formatJson(value: unknown, indent = 4): string {
  return JSON.stringify(sorted(value), undefined, indent).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const map = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(map)
      .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      .map((key) => [key, sorted(map[key])]),
  );
}

function jsonPathPrinter(template: string, flags: Flags, asJson: boolean): ObjectPrinter {
  const allowMissingKeys = flags.bool("allow-missing-template-keys");
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error;
      throw new KubectlError(
        `error ${what} jsonpath ${asJson || what === "executing" ? JSON.stringify(template) : template}, ${error.message}`,
      );
    }
  };
  const path = attempt("parsing", () => parseJsonPath(template));
  if (asJson) return (object) => attempt("executing", () => `${formatJson(findJsonPath(path, object, { allowMissingKeys }))}\n`);
  return (object) => attempt("executing", () => printJsonPath(path, object, { allowMissingKeys }));
}

/** `NAME:.metadata.name,IMAGE:.spec.containers[*].image`, one row an object. */
function customColumns(specification: string, noHeaders: boolean): ObjectPrinter {
  const columns = splitColumns(specification).map((part) => {
    const colon = part.indexOf(":");
    if (colon < 0) throw new KubectlError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    try {
      return { header: part.slice(0, colon), path: parseJsonPath(relaxedJsonPath(part.slice(colon + 1))) };
    } catch (error) {
      throw new KubectlError((error as Error).message);
    }
  });
  const table = new TextTable();
  let printed = false;
  return (object) => {
    const rows = (isList(object) ? itemsOf(object) : [object]).map((item) =>
      columns.map(({ path }) => {
        const values = findJsonPath(path, item, { allowMissingKeys: true });
        return values.length === 0 ? "<none>" : values.map(shown).join(",");
      }),
    );
    if (!printed && !noHeaders) rows.unshift(columns.map(({ header }) => header));
    printed = true;
    return table.format(rows);
  };
}

/** Commas inside brackets and quotes do not part columns. */
function splitColumns(specification: string): string[] {
  const parts: string[] = [""];
  let depth = 0;
  for (const character of specification) {
    if ("[({".includes(character)) depth++;
    if ("])}".includes(character)) depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function columnsOfFile(content: string): string {
  const [headers = "", paths = ""] = content.split("\n");
  const [names, expressions] = [headers.trim().split(/\s+/), paths.trim().split(/\s+/)];
  return names.map((name, at) => `${name}:${expressions[at] ?? ""}`).join(",");
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "<none>";
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  if (typeof value !== "object") return String(value as string | number | boolean);
  const map = value as Readonly<Record<string, unknown>>;
  return `map[${Object.keys(map)
    .toSorted()
    .map((key) => `${key}:${shown(map[key])}`)
    .join(" ")}]`;
}
