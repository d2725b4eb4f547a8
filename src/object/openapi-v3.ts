// /openapi/v3: an index, and one document for each group version. `kubectl explain`, server-side validation checks of kubectl
// and client generators read them. Built when first asked for, rebuilt only for the group versions whose kinds changed.

import { apiVersionOf, type GroupVersionKind, type Kind, type KindVersion } from "./kind.ts";
import type { KindRegistry } from "./kind-registry.ts";
import { listKindOf, listSchemaOf } from "./list-schema.ts";
import { deleteOptions, statusStruct } from "./meta.ts";
import { groupVersionPath, type Operation, type Path, pathsOf, tagOf } from "./openapi-operations.ts";
import { Definitions, type JsonObject, structNameOf, v3Dialect } from "./openapi-schema.ts";
import type { StructType } from "./schema.ts";

export interface OpenApiDocument {
  /** JSON text. */
  readonly bytes: Uint8Array;
  /** Changes with the content; fit for an ETag and for the `hash` of the index. */
  readonly hash: string;
}

interface Cached {
  readonly kinds: readonly Kind[];
  readonly document: OpenApiDocument;
}

const encoder = new TextEncoder();

export class OpenApiV3 {
  readonly #kinds: KindRegistry;
  readonly #version: string;
  readonly #extra: ReadonlyMap<string, StructType>;
  readonly #cached = new Map<string, Cached>();
  #index: { readonly generation: number; readonly bytes: Uint8Array } | undefined;

  /**
   * `version` is the server's ("v1.36.0"). `extra`: structs of kinds that are no resources but what a subresource shows
   * (Scale, Eviction, TokenRequest).
   */
  constructor(kinds: KindRegistry, version: string, extra: readonly StructType[] = []) {
    this.#kinds = kinds;
    this.#version = version;
    this.#extra = new Map(extra.map((schema) => [schema.name, schema]));
  }

  /** The body of GET /openapi/v3. */
  index(): Uint8Array {
    const { generation } = this.#kinds;
    if (this.#index?.generation === generation) return this.#index.bytes;
    const paths: JsonObject = {};
    for (const path of this.#groupVersions().keys()) {
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${this.document(path)!.hash}` };
    }
    const bytes = encoder.encode(JSON.stringify({ paths }));
    this.#index = { generation, bytes };
    return bytes;
  }

  /** The body of GET /openapi/v3/PATH, PATH being "api/v1" or "apis/apps/v1"; undefined when nothing is served there. */
  document(path: string): OpenApiDocument | undefined {
    const served = this.#groupVersions().get(path);
    if (served === undefined) return undefined;
    const kinds = served.map(({ kind }) => kind);
    const cached = this.#cached.get(path);
    if (cached?.kinds.length === kinds.length && kinds.every((kind, position) => cached.kinds[position] === kind)) return cached.document;
    const bytes = encoder.encode(JSON.stringify(this.#build(served)));
    const document = { bytes, hash: hashOf(bytes) };
    this.#cached.set(path, { kinds, document });
    return document;
  }

  #groupVersions(): ReadonlyMap<string, { readonly kind: Kind; readonly version: KindVersion }[]> {
    const groups = new Map<string, { readonly kind: Kind; readonly version: KindVersion }[]>();
    for (const served of this.#kinds.served()) {
      const path = groupVersionPath(served.kind.group, served.version.name).slice(1);
      const group = groups.get(path);
      if (group === undefined) groups.set(path, [served]);
      else group.push(served);
    }
    return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #build(served: readonly { readonly kind: Kind; readonly version: KindVersion }[]): JsonObject {
    const schemaOf = schemaFinder(this.#kinds, this.#extra);
    const definitions = new Definitions(v3Dialect, kindsOfStruct(this.#kinds, this.#extra.values()));
    const paths: JsonObject = {};
    for (const { kind, version } of served) {
      const references = referencesOf(kind, version, definitions, schemaOf);
      for (const path of pathsOf(kind, version, schemaOf)) {
        paths[path.path] = renderPath(path, tagOf(kind.group, version.name), references);
      }
    }
    return {
      openapi: "3.0.0",
      info: { title: "Kubernetes", version: this.#version },
      paths,
      components: {
        schemas: definitions.all(),
        securitySchemes: {
          BearerToken: { type: "apiKey", name: "authorization", in: "header", description: "Bearer Token authentication" },
        },
      },
      security: [{ BearerToken: [] }],
    };
  }
}

/** What an operation takes or gives. */
export type Content = "object" | "list" | "status" | "patch" | "deleteOptions";
/** A reference to the schema of what an operation takes or gives; it is defined when first asked for. */
export type References = (operation: Operation, content: Content) => JsonObject;

export function referencesOf(
  kind: Kind,
  version: KindVersion,
  definitions: Definitions,
  schemaOf: (of: GroupVersionKind) => StructType | undefined,
): References {
  return (operation, content) => {
    switch (content) {
      case "object": {
        const schema = schemaOf(operation.kind);
        return schema === undefined ? { type: "object" } : definitions.refer(schema);
      }
      case "list":
        return definitions.refer(listSchemaOf(version.schema, listKindOf(kind)));
      case "status":
        return definitions.refer(statusStruct);
      case "deleteOptions":
        return definitions.refer(deleteOptions);
      case "patch":
        return definitions.define("io.k8s.apimachinery.pkg.apis.meta.v1.Patch", {
          description: "A patch in the format that the content type names.",
          type: "object",
        });
    }
  };
}

/** The schema of a group, version and kind: of a resource, or of what a subresource shows. */
export function schemaFinder(
  kinds: KindRegistry,
  extra: ReadonlyMap<string, StructType>,
): (of: GroupVersionKind) => StructType | undefined {
  return (of) =>
    kinds.byKind(of.group, of.version, of.kind)?.versions.find((version) => version.name === of.version)?.schema ??
    extra.get(structNameOf(of));
}

/** The group, version and kind of each struct that is one: kinds, their lists, Status, and the options of every group. */
export function kindsOfStruct(kinds: KindRegistry, extra: Iterable<StructType>): (schema: StructType) => readonly GroupVersionKind[] {
  const known = new Map<StructType, GroupVersionKind[]>();
  const add = (schema: StructType, of: GroupVersionKind): void => void known.set(schema, [...(known.get(schema) ?? []), of]);
  const groups = new Map<string, GroupVersionKind>();
  for (const { kind, version } of kinds.served()) {
    const of = { group: kind.group, version: version.name };
    add(version.schema, { ...of, kind: kind.kind });
    add(listSchemaOf(version.schema, listKindOf(kind)), { ...of, kind: listKindOf(kind) });
    groups.set(apiVersionOf(of.group, of.version), { ...of, kind: "DeleteOptions" });
  }
  for (const [, of] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) add(deleteOptions, of);
  add(statusStruct, { group: "", version: "v1", kind: "Status" });
  const subresources = new Map<string, GroupVersionKind>();
  for (const { kind } of kinds.served()) {
    for (const subresource of kind.subresources ?? []) {
      if (subresource.type !== "view") subresources.set(structNameOf(subresource.represents), subresource.represents);
    }
  }
  for (const schema of extra) {
    const of = subresources.get(schema.name);
    if (of !== undefined && !known.has(schema)) add(schema, of);
  }
  return (schema) => known.get(schema) ?? [];
}

/** What the names in braces of a path stand for. */
export const placeholderDocs: Readonly<Record<string, string>> = {
  name: "Name of the object.",
  namespace: "Namespace of the object.",
  path: "Path to pass on.",
};
const objectTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const streamTypes = [...objectTypes, "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
export const patchTypes = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

const contentOf = (types: readonly string[], schema: JsonObject): JsonObject => Object.fromEntries(types.map((type) => [type, { schema }]));

function renderPath(path: Path, tag: string, references: References): JsonObject {
  const item: JsonObject = {};
  for (const operation of path.operations) item[operation.method] = renderOperation(operation, tag, references);
  const parameters = path.placeholders.map((name) => ({
    name,
    in: "path",
    description: placeholderDocs[name],
    required: true,
    schema: { type: "string", uniqueItems: true },
  }));
  return parameters.length > 0 ? { ...item, parameters } : item;
}

function renderOperation(operation: Operation, tag: string, references: References): JsonObject {
  const { body } = operation;
  const answer: JsonObject =
    operation.answer === "text"
      ? { description: "OK", content: { "*/*": { schema: { type: "string" } } } }
      : {
          description: "OK",
          content: contentOf(operation.answer === "list" ? streamTypes : objectTypes, references(operation, operation.answer)),
        };
  const types = body === "patch" ? patchTypes : ["*/*"];
  return {
    tags: [tag],
    description: operation.description,
    operationId: operation.id,
    ...(operation.parameters.length > 0 && {
      parameters: operation.parameters.map(({ name, type, doc }) => ({
        name,
        in: "query",
        description: doc,
        schema: { type, uniqueItems: true },
      })),
    }),
    ...(body !== undefined && {
      requestBody: { content: contentOf(types, references(operation, body)), ...(body !== "deleteOptions" && { required: true }) },
    }),
    responses: {
      "200": answer,
      ...((operation.action === "post" || operation.action === "put" || operation.action === "patch") && {
        "201": { ...answer, description: "Created" },
      }),
      ...((operation.action === "post" || operation.action === "delete") && { "202": { ...answer, description: "Accepted" } }),
      "401": { description: "Unauthorized" },
    },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}

/** Two 32-bit FNV-1a hashes side by side: tells two documents apart, keeps no secret. */
export function hashOf(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ (byte + 0x9d), 0x01000193);
  }
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
  return (hex(a) + hex(b)).toUpperCase();
}
