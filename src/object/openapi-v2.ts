// /openapi/v2 (swagger): one document for everything, which older clients and generators read. Big, so it is built when first
// asked for and kept as bytes until a kind comes or goes.

import type { Kind, KindVersion } from "./kind.ts";
import type { KindRegistry } from "./kind-registry.ts";
import { type Operation, type Path, pathsOf, tagOf } from "./openapi-operations.ts";
import { encodeOpenApiV2 } from "./openapi-v2-protobuf.ts";
import { Definitions, type JsonObject, v2Dialect } from "./openapi-schema.ts";
import {
  hashOf,
  kindsOfStruct,
  type OpenApiDocument,
  patchTypes,
  placeholderDocs,
  type References,
  referencesOf,
  schemaFinder,
} from "./openapi-v3.ts";
import type { StructType } from "./schema.ts";

const encoder = new TextEncoder();

interface Built {
  readonly generation: number;
  readonly document: OpenApiDocument;
  protobuf: OpenApiDocument | undefined;
}

export class OpenApiV2 {
  readonly #kinds: KindRegistry;
  readonly #version: string;
  readonly #extra: ReadonlyMap<string, StructType>;
  #built: Built | undefined;

  /** Arguments as those of OpenApiV3. */
  constructor(kinds: KindRegistry, version: string, extra: readonly StructType[] = []) {
    this.#kinds = kinds;
    this.#version = version;
    this.#extra = new Map(extra.map((schema) => [schema.name, schema]));
  }

  /** The body of GET /openapi/v2. */
  document(): OpenApiDocument {
    return this.#current().document;
  }

  /** The same as protobuf. */
  protobuf(): OpenApiDocument {
    const current = this.#current();
    if (!current.protobuf) {
      const bytes = encodeOpenApiV2(this.#build());
      current.protobuf = { bytes, hash: hashOf(bytes) };
    }
    return current.protobuf;
  }

  #current(): Built {
    const { generation } = this.#kinds;
    if (this.#built?.generation !== generation) {
      const bytes = encoder.encode(JSON.stringify(this.#build()));
      this.#built = { generation, document: { bytes, hash: hashOf(bytes) }, protobuf: undefined };
    }
    return this.#built;
  }

  #build(): JsonObject {
    const schemaOf = schemaFinder(this.#kinds, this.#extra);
    const definitions = new Definitions(v2Dialect, kindsOfStruct(this.#kinds, this.#extra.values()));
    const paths: JsonObject = {};
    const add = (kind: Kind, version: KindVersion): void => {
      const references = referencesOf(kind, version, definitions, schemaOf);
      for (const path of pathsOf(kind, version, schemaOf)) {
        paths[path.path] = renderPath(path, tagOf(kind.group, version.name), references);
      }
    };
    for (const { kind, version } of this.#kinds.served()) add(kind, version);
    return {
      swagger: "2.0",
      info: { title: "Kubernetes", version: this.#version },
      paths,
      definitions: definitions.all(),
      securityDefinitions: {
        BearerToken: { description: "Bearer Token authentication", type: "apiKey", name: "authorization", in: "header" },
      },
      security: [{ BearerToken: [] }],
    };
  }
}

const produced = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const streamed = [...produced, "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

function renderPath(path: Path, tag: string, references: References): JsonObject {
  const item: JsonObject = {};
  for (const operation of path.operations) item[operation.method] = renderOperation(operation, tag, references);
  const parameters = path.placeholders.map((name) => ({
    name,
    in: "path",
    description: placeholderDocs[name],
    required: true,
    type: "string",
    uniqueItems: true,
  }));
  return parameters.length > 0 ? { ...item, parameters } : item;
}

function renderOperation(operation: Operation, tag: string, references: References): JsonObject {
  const { body, action } = operation;
  const answer = (description: string): JsonObject => ({
    description,
    schema: operation.answer === "text" ? { type: "string" } : references(operation, operation.answer),
  });
  const query = operation.parameters.map(({ name, type, doc }) => ({ name, in: "query", description: doc, type, uniqueItems: true }));
  const bodies =
    body === undefined
      ? []
      : [{ name: "body", in: "body", ...(body !== "deleteOptions" && { required: true }), schema: references(operation, body) }];
  return {
    description: operation.description,
    consumes: body === "patch" ? patchTypes : ["*/*"],
    produces: operation.answer === "text" ? ["*/*"] : operation.answer === "list" ? streamed : produced,
    schemes: ["https"],
    tags: [tag],
    operationId: operation.id,
    ...(query.length + bodies.length > 0 && { parameters: [...bodies, ...query] }),
    responses: {
      "200": answer("OK"),
      ...((action === "post" || action === "put" || action === "patch") && { "201": answer("Created") }),
      ...((action === "post" || action === "delete") && { "202": answer("Accepted") }),
      "401": { description: "Unauthorized" },
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}
