// `explain`: what the fields of a kind mean, from the server's OpenAPI v3.

import { KubectlError } from "../errors.ts";
import { bool, text } from "../flags.ts";
import type { Resource } from "../resource-mapping.ts";
import { apiVersionOf } from "../resource-mapping.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly string[];
  readonly "x-kubernetes-group-version-kind"?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
}
type Schemas = Readonly<Record<string, Schema>>;

export const explainVerb: Verb = {
  name: "explain",
  usage: "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group]",
  summary: "Get documentation for a resource",
  examples: `
kubectl explain pods
kubectl explain pods.spec.containers
kubectl explain deployments --api-version=apps/v1`,
  flags: [
    bool(
      "recursive",
      "When true, print the name of all the fields recursively. Otherwise, print the available fields with their description.",
    ),
    text("api-version", "Use given api-version (group/version) of the resource."),
    text("output", "Format in which to render the schema. Valid values are: (plaintext).", { default: "plaintext" }),
  ],
  run: async (session, { words, flags }) => {
    const [word, ...more] = words;
    if (word === undefined)
      throw new KubectlError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
      );
    if (more.length > 0) throw new KubectlError("We accept only this format: explain RESOURCE");
    const { resource, path } = await findField(session, word);
    const version = flags.text("api-version");
    const [group, versionName] =
      version === "" ? [resource.group, resource.version] : version.includes("/") ? version.split("/") : ["", version];
    const served = { ...resource, group: group!, version: versionName! };
    const { schemas, root } = await schemasOf(session, served);
    const head = [
      ...(served.group === "" ? [] : [`GROUP:      ${served.group}`]),
      `KIND:       ${resource.kind}`,
      `VERSION:    ${served.version}`,
      "",
    ];
    session.terminal.out(head.join("\n") + "\n");
    session.terminal.out(new Explanation(schemas).text(root, path, flags.bool("recursive")));
  },
};

/** "pods.spec.containers", "deployments.apps.spec": the resource and the fields behind it. */
async function findField(session: Session, word: string): Promise<{ readonly resource: Resource; readonly path: readonly string[] }> {
  const mapping = await session.mapping();
  const parts = word.split(".");
  for (let length = parts.length; length > 1; length--) {
    const resource = mapping.find(parts.slice(0, length).join("."));
    if (resource !== undefined && resource.group !== "") return { resource, path: parts.slice(length) };
  }
  return { resource: mapping.byWord(parts[0]!), path: parts.slice(1) };
}

async function schemasOf(session: Session, resource: Resource): Promise<{ readonly schemas: Schemas; readonly root: Schema }> {
  const server = await session.server();
  const index = await server.get<{ paths: Record<string, { serverRelativeURL: string }> }>("/openapi/v3");
  const key = resource.group === "" ? `api/${resource.version}` : `apis/${apiVersionOf(resource)}`;
  const url = index.paths[key]?.serverRelativeURL;
  if (url === undefined) throw new KubectlError(`couldn't find resource for "${apiVersionOf(resource)}, Resource=${resource.plural}"`);
  const { components } = await server.get<{ components: { schemas: Schemas } }>(url);
  const root = Object.values(components.schemas).find((schema) =>
    schema["x-kubernetes-group-version-kind"]?.some(
      ({ group, version, kind }) => group === resource.group && version === resource.version && kind === resource.kind,
    ),
  );
  if (root === undefined) throw new KubectlError(`the server describes no fields of ${resource.kind}`);
  return { schemas: components.schemas, root };
}

const width = 80;

class Explanation {
  readonly #schemas: Schemas;

  constructor(schemas: Schemas) {
    this.#schemas = schemas;
  }

  /** @throws KubectlError when a field of the path does not exist */
  text(root: Schema, path: readonly string[], recursive: boolean): string {
    let field: Schema = root;
    let struct = this.#struct(root);
    for (const name of path) {
      const next = struct.properties?.[name];
      if (next === undefined) throw new KubectlError(`field ${JSON.stringify(name)} does not exist`);
      field = next;
      struct = this.#struct(next);
    }
    const lines: string[] = [];
    if (path.length > 0) {
      lines.push(`FIELD: ${path.at(-1)!} <${this.#typeOf(field)}>`);
      const values = this.#enumOf(field);
      if (values.length > 0) lines.push("ENUM:", ...values.map((value) => `    ${value}`));
      lines.push("");
      if (values.length === 0) lines.push("");
    }
    lines.push("DESCRIPTION:");
    const told = [field.description, struct.description].filter((one): one is string => one !== undefined && one !== "");
    for (const description of told.length === 0 ? ["<empty>"] : told) lines.push(...wrap(description, 4));
    lines.push("    ");
    if (struct.properties !== undefined) lines.push("FIELDS:", ...this.#fields(struct, recursive ? "  " : undefined, new Set()));
    return `${lines.join("\n")}\n\n`;
  }

  /** Names and types; below each other with `indent`, else each with its description. */
  #fields(struct: Schema, indent: string | undefined, inside: ReadonlySet<Schema>): string[] {
    return Object.keys(struct.properties ?? {})
      .toSorted()
      .flatMap((name) => {
        const field = struct.properties![name]!;
        const required = struct.required?.includes(name) === true ? " -required-" : "";
        const values = this.#enumOf(field);
        const title = [
          `${indent ?? "  "}${name}\t<${this.#typeOf(field)}>${required}`,
          ...(values.length > 0 ? [`${indent ?? "  "}enum: ${values.join(", ")}`] : []),
        ];
        if (indent === undefined) return [...title, ...wrap(field.description ?? "<no description>", 4), ""];
        const inner = this.#struct(field);
        // A kind that contains itself is told once.
        return inside.has(inner) ? title : [...title, ...this.#fields(inner, `${indent}  `, new Set([...inside, inner]))];
      });
  }

  #resolved(schema: Schema): Schema {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
    return reference === undefined ? schema : (this.#schemas[reference.slice(reference.lastIndexOf("/") + 1)] ?? {});
  }

  /** What has fields: the schema itself, or the elements of its list or map. */
  #struct(schema: Schema): Schema {
    const resolved = this.#resolved(schema);
    if (resolved.items !== undefined) return this.#struct(resolved.items);
    if (typeof resolved.additionalProperties === "object") return this.#struct(resolved.additionalProperties);
    return resolved;
  }

  #enumOf(schema: Schema): readonly string[] {
    return schema.enum ?? this.#resolved(schema).enum ?? [];
  }

  #typeOf(schema: Schema): string {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
    const resolved = this.#resolved(schema);
    if (reference !== undefined && (resolved.type === undefined || resolved.type === "object"))
      return reference.slice(reference.lastIndexOf(".") + 1);
    if (resolved.items !== undefined) return `[]${this.#typeOf(resolved.items)}`;
    if (typeof resolved.additionalProperties === "object") return `map[string]${this.#typeOf(resolved.additionalProperties)}`;
    return resolved.type === "object" || resolved.type === undefined ? "Object" : resolved.type;
  }
}

/** Words in lines of at most 80 characters. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && indent + line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.map((line) => " ".repeat(indent) + line);
}
