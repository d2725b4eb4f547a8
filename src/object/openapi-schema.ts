// Structs as JSON schemas with Kubernetes' extensions, for both OpenAPI versions.

import type { GroupVersionKind } from "./kind.ts";
import type { Field, ScalarName, StructType, Type } from "./schema.ts";

export type JsonObject = Record<string, unknown>;

/** How the two versions differ where schemas are concerned. */
export interface Dialect {
  readonly refPrefix: "#/components/schemas/" | "#/definitions/";
  /** OpenAPI 3 wraps references, so that a description may stand beside them, and knows `oneOf`. */
  readonly v3: boolean;
}
export const v3Dialect: Dialect = { refPrefix: "#/components/schemas/", v3: true };
export const v2Dialect: Dialect = { refPrefix: "#/definitions/", v3: false };

const metaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1";

const packages: Readonly<Record<string, string>> = {
  meta: "io.k8s.apimachinery.pkg.apis.meta",
  runtime: "io.k8s.apimachinery.pkg.runtime",
  apiextensions: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
  apiregistration: "io.k8s.kube-aggregator.pkg.apis.apiregistration",
};

/** "core.v1.Pod" → "io.k8s.api.core.v1.Pod". A name with more parts (a custom resource's) is taken as it is. */
export function definitionNameOf(schema: StructType): string {
  const [group, ...rest] = schema.name.split(".");
  if (rest.length !== 2) return schema.name;
  return `${packages[group!] ?? `io.k8s.api.${group!}`}.${rest.join(".")}`;
}

/** "rbac.authorization.k8s.io", "v1", "Role" → "rbac.v1.Role": the name of the struct that describes a built-in kind. */
export const structNameOf = ({ group, version, kind }: GroupVersionKind): string =>
  `${group === "" ? "core" : group.split(".")[0]!}.${version}.${kind}`;

interface SharedScalar {
  readonly name: string;
  readonly schema: (dialect: Dialect) => JsonObject;
}

const quantityDoc = "An amount: a decimal number with a suffix such as m, k, M, Ki or Mi.";

/** Scalars that have a definition of their own. */
const shared: Readonly<Partial<Record<ScalarName, SharedScalar>>> = {
  time: {
    name: `${metaPackage}.Time`,
    schema: () => ({ description: "A moment, in RFC 3339, to the second.", type: "string", format: "date-time" }),
  },
  microTime: {
    name: `${metaPackage}.MicroTime`,
    schema: () => ({ description: "A moment, in RFC 3339, to the microsecond.", type: "string", format: "date-time" }),
  },
  duration: { name: `${metaPackage}.Duration`, schema: () => ({ description: "A length of time, such as 1h30m.", type: "string" }) },
  quantity: {
    name: "io.k8s.apimachinery.pkg.api.resource.Quantity",
    schema: ({ v3 }) =>
      v3 ? { description: quantityDoc, oneOf: [{ type: "string" }, { type: "number" }] } : { description: quantityDoc, type: "string" },
  },
  intOrString: {
    name: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    schema: ({ v3 }) => ({
      description: "A number or a text.",
      format: "int-or-string",
      ...(v3 ? { oneOf: [{ type: "integer" }, { type: "string" }] } : { type: "string" }),
    }),
  },
  fieldsV1: { name: `${metaPackage}.FieldsV1`, schema: () => ({ description: "A set of fields, as a tree.", type: "object" }) },
  rawExtension: {
    name: "io.k8s.apimachinery.pkg.runtime.RawExtension",
    schema: () => ({ description: "An object of any kind.", type: "object" }),
  },
};

const plain: Readonly<Partial<Record<ScalarName, JsonObject>>> = {
  string: { type: "string" },
  boolean: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
  json: { "x-kubernetes-preserve-unknown-fields": true },
};

/** Definitions collected while schemas are rendered: each struct once, and whatever it refers to. */
export class Definitions {
  readonly dialect: Dialect;
  readonly #schemas = new Map<string, JsonObject>();
  readonly #kinds: (schema: StructType) => readonly GroupVersionKind[];

  /** `kinds` names the group, version and kind of a struct that is one. */
  constructor(dialect: Dialect, kinds: (schema: StructType) => readonly GroupVersionKind[]) {
    this.dialect = dialect;
    this.#kinds = kinds;
  }

  /** A reference to a struct, which is defined with all that it needs. */
  refer(schema: StructType): JsonObject {
    const name = definitionNameOf(schema);
    if (!this.#schemas.has(name)) {
      const definition: JsonObject = {};
      this.#schemas.set(name, definition);
      Object.assign(definition, this.#struct(schema));
    }
    return { $ref: this.dialect.refPrefix + name };
  }

  /** Defines something that no struct describes. */
  define(name: string, schema: JsonObject): JsonObject {
    if (!this.#schemas.has(name)) this.#schemas.set(name, schema);
    return { $ref: this.dialect.refPrefix + name };
  }

  /** All definitions by name. */
  all(): JsonObject {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #struct(schema: StructType): JsonObject {
    const properties: JsonObject = {};
    const required: string[] = [];
    for (const [name, field] of Object.entries(schema.fields)) {
      properties[name] = this.#property(field);
      if (field.required === true) required.push(name);
    }
    const kinds = this.#kinds(schema);
    if (kinds.length > 0) {
      properties["apiVersion"] ??= { description: "Group and version of the schema that this is written in.", type: "string" };
      properties["kind"] ??= { description: "What this is, as a CamelCase word.", type: "string" };
    }
    return {
      ...(schema.doc !== "" && { description: schema.doc }),
      type: "object",
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required: required.toSorted() }),
      ...(schema.atomic === true && { "x-kubernetes-map-type": "atomic" }),
      ...(schema.preserveUnknownFields === true && { "x-kubernetes-preserve-unknown-fields": true }),
      ...(kinds.length > 0 && { "x-kubernetes-group-version-kind": kinds }),
    };
  }

  #property(field: Field): JsonObject {
    const { type } = field;
    const zero = field.pointer === true ? undefined : zeroDefault(type, field.required === true);
    const preset = field.default ?? zero;
    return {
      ...(field.doc !== "" && { description: field.doc }),
      ...this.#type(type),
      ...(field.format !== undefined && { format: field.format }),
      ...(preset !== undefined && this.dialect.v3 && { default: preset }),
      ...(field.default !== undefined && !this.dialect.v3 && { default: field.default }),
      ...(field.enum !== undefined && type.kind === "scalar" && this.dialect.v3 && { enum: field.enum }),
      ...(field.patchMergeKey !== undefined && { "x-kubernetes-patch-merge-key": field.patchMergeKey }),
      ...(field.patchStrategy !== undefined && { "x-kubernetes-patch-strategy": field.patchStrategy }),
    };
  }

  #type(type: Type): JsonObject {
    switch (type.kind) {
      case "scalar":
        return this.#scalar(type.scalar);
      case "struct":
        return this.#wrap(this.refer(type));
      case "list":
        return {
          type: "array",
          items: this.#element(type.of),
          ...(type.semantics !== undefined && { "x-kubernetes-list-type": type.semantics.type }),
          ...(type.semantics?.type === "map" && { "x-kubernetes-list-map-keys": type.semantics.keys }),
        };
      case "map":
        return {
          type: "object",
          additionalProperties: this.#element(type.of),
          ...(type.atomic === true && { "x-kubernetes-map-type": "atomic" }),
        };
    }
  }

  #element(type: Type): JsonObject {
    const zero = zeroDefault(type, true);
    return { ...this.#type(type), ...(this.dialect.v3 && zero !== undefined && { default: zero }) };
  }

  #scalar(scalar: ScalarName): JsonObject {
    const definition = shared[scalar];
    if (definition === undefined) return plain[scalar] ?? {};
    return this.#wrap(this.define(definition.name, definition.schema(this.dialect)));
  }

  /** OpenAPI 3.0 ignores what stands beside a reference, version 2 clients expect it there. */
  #wrap(reference: JsonObject): JsonObject {
    return this.dialect.v3 ? { allOf: [reference] } : reference;
  }
}

/** What OpenAPI 3 documents of Kubernetes give as default for a value that is never absent. */
function zeroDefault(type: Type, scalars: boolean): unknown {
  if (type.kind === "struct") return {};
  if (type.kind !== "scalar" || !scalars) return undefined;
  if (type.scalar === "string") return "";
  if (type.scalar === "boolean") return false;
  return type.scalar === "int32" || type.scalar === "int64" || type.scalar === "double" ? 0 : undefined;
}
