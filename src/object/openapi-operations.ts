// What can be done at which path, derived from the kinds: the part of an OpenAPI document that both versions share.

import { apiVersionOf, type GroupVersionKind, type Kind, type KindVersion, type Subresource, type Verb } from "./kind.ts";
import type { StructType } from "./schema.ts";

export type Method = "get" | "put" | "post" | "delete" | "patch";

export interface Operation {
  readonly method: Method;
  /** "readCoreV1NamespacedPod" */
  readonly id: string;
  readonly description: string;
  /** x-kubernetes-action: get, list, post, put, patch, delete, deletecollection, connect. */
  readonly action: string;
  readonly kind: GroupVersionKind;
  /** What goes in: an object of a kind, a patch, DeleteOptions, or nothing. */
  readonly body: "object" | "patch" | "deleteOptions" | undefined;
  /** What comes out: the object, its list, a Status, or text of the node's. */
  readonly answer: "object" | "list" | "status" | "text";
  readonly parameters: readonly QueryParameter[];
}

export interface Path {
  readonly path: string;
  /** Names in braces in the path: "namespace", "name". */
  readonly placeholders: readonly string[];
  readonly operations: readonly Operation[];
}

export interface QueryParameter {
  readonly name: string;
  readonly type: "string" | "boolean" | "integer";
  readonly doc: string;
}

const parameter = (name: string, type: QueryParameter["type"], doc: string): QueryParameter => ({ name, type, doc });

const pretty = parameter("pretty", "string", "Write the answer with line breaks.");
const dryRun = parameter("dryRun", "string", '"All" runs every step but stores nothing.');
const fieldManager = parameter("fieldManager", "string", "Name under which the writer owns the fields.");
const fieldValidation = parameter("fieldValidation", "string", "What to do about unknown and duplicate fields: Ignore, Warn or Strict.");
const force = parameter("force", "boolean", "Take fields over from other managers; for apply patches only.");
const deletion = [
  dryRun,
  parameter("gracePeriodSeconds", "integer", "Seconds the object may take to go; 0 means at once."),
  parameter("orphanDependents", "boolean", "Older form of propagationPolicy."),
  parameter("propagationPolicy", "string", "What happens to dependents: Orphan, Background or Foreground."),
];
const selection = [
  parameter("allowWatchBookmarks", "boolean", "The watcher understands BOOKMARK events."),
  parameter("continue", "string", "Token of the page before."),
  parameter("fieldSelector", "string", "Only objects whose fields match."),
  parameter("labelSelector", "string", "Only objects whose labels match."),
  parameter("limit", "integer", "At most this many objects in one answer."),
  parameter("resourceVersion", "string", "Where a watch starts, or how old a list may be."),
  parameter("resourceVersionMatch", "string", "How resourceVersion constrains a list."),
  parameter("sendInitialEvents", "boolean", "A watch begins with the present objects, then a bookmark."),
  parameter("timeoutSeconds", "integer", "Ends the call after this long."),
  parameter("watch", "boolean", "Stream changes instead of answering with a list."),
];
const writing = [pretty, dryRun, fieldManager, fieldValidation];
const patching = [...writing, force];

const allVerbs: readonly Verb[] = ["create", "get", "list", "watch", "update", "patch", "delete", "deletecollection"];

/** "rbac.authorization.k8s.io", "v1" → "RbacAuthorizationV1" */
function operationPrefix(group: string, version: string): string {
  const words = (group === "" ? "core" : group.replace(/\.k8s\.io$/, "")).split(/[.-]/);
  return [...words, version].map(capital).join("");
}
/** The tag of a group version: "core_v1", "rbacAuthorization_v1". */
export function tagOf(group: string, version: string): string {
  const prefix = operationPrefix(group, "");
  return `${prefix[0]!.toLowerCase()}${prefix.slice(1)}_${version}`;
}
const capital = (word: string): string => (word === "" ? "" : word[0]!.toUpperCase() + word.slice(1));

/** "/api/v1" or "/apis/apps/v1" */
export const groupVersionPath = (group: string, version: string): string =>
  group === "" ? `/api/${version}` : `/apis/${apiVersionOf(group, version)}`;

/** Finds the struct of query parameters that a connecting subresource takes. */
type SchemaFinder = (of: GroupVersionKind) => StructType | undefined;

/** All paths of a kind at one version. */
export function pathsOf(kind: Kind, version: KindVersion, schemaOf: SchemaFinder): Path[] {
  const self: GroupVersionKind = { group: kind.group, version: version.name, kind: kind.kind };
  const root = groupVersionPath(kind.group, version.name);
  const prefix = operationPrefix(kind.group, version.name);
  const name = (kind.namespaced ? "Namespaced" : "") + kind.kind;
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  const within = kind.namespaced ? ["namespace"] : [];
  const verbs = new Set<string>(kind.operation !== undefined ? ["create"] : (kind.verbs ?? allVerbs));
  const operation = (
    method: Method,
    verb: string,
    action: string,
    rest: Pick<Operation, "body" | "answer" | "parameters" | "description"> & { readonly id?: string },
  ): Operation => ({ method, action, kind: self, ...rest, id: rest.id ?? `${verb}${prefix}${name}` });
  const only = (wanted: string, made: Operation): Operation[] => (verbs.has(wanted) ? [made] : []);
  const what = `objects of kind ${kind.kind}`;
  const one = `the ${kind.kind}`;

  const paths: Path[] = [
    {
      path: collection,
      placeholders: within,
      operations: [
        ...only(
          "list",
          operation("get", "list", "list", {
            body: undefined,
            answer: "list",
            parameters: [pretty, ...selection],
            description: `List or watch ${what}.`,
          }),
        ),
        ...only(
          "create",
          operation("post", "create", "post", {
            body: "object",
            answer: "object",
            parameters: writing,
            description: `Create a ${kind.kind}.`,
          }),
        ),
        ...only(
          "deletecollection",
          operation("delete", "", "deletecollection", {
            id: `delete${prefix}Collection${name}`,
            body: "deleteOptions",
            answer: "status",
            parameters: [
              pretty,
              ...deletion.filter(({ name: of }) => !selection.some((other) => other.name === of)),
              ...selection.filter(({ name: of }) => of !== "watch" && of !== "allowWatchBookmarks"),
            ],
            description: `Delete all selected ${what}.`,
          }),
        ),
      ],
    },
    {
      path: `${collection}/{name}`,
      placeholders: [...within, "name"],
      operations: [
        ...only(
          "get",
          operation("get", "read", "get", { body: undefined, answer: "object", parameters: [pretty], description: `Read ${one}.` }),
        ),
        ...only(
          "update",
          operation("put", "replace", "put", { body: "object", answer: "object", parameters: writing, description: `Replace ${one}.` }),
        ),
        ...only(
          "patch",
          operation("patch", "patch", "patch", { body: "patch", answer: "object", parameters: patching, description: `Patch ${one}.` }),
        ),
        ...only(
          "delete",
          operation("delete", "delete", "delete", {
            body: "deleteOptions",
            answer: "status",
            parameters: [pretty, ...deletion],
            description: `Delete ${one}.`,
          }),
        ),
      ],
    },
  ];
  if (kind.namespaced && verbs.has("list")) {
    const list = operation("get", "", "list", {
      id: `list${prefix}${kind.kind}ForAllNamespaces`,
      body: undefined,
      answer: "list",
      parameters: [pretty, ...selection],
      description: `List or watch ${what} in all namespaces.`,
    });
    paths.push({ path: `${root}/${kind.plural}`, placeholders: [], operations: [list] });
  }
  for (const subresource of kind.subresources ?? []) {
    const path = `${collection}/{name}/${subresource.name}`;
    const placeholders = [...within, "name"];
    const title = `${name}${capital(subresource.name)}`;
    paths.push({ path, placeholders, operations: subresourceOperations(subresource, self, title, prefix, schemaOf) });
    if (subresource.type !== "connect" || subresource.name !== "proxy") continue;
    const operations = subresourceOperations(subresource, self, `${title}WithPath`, prefix, schemaOf);
    paths.push({ path: `${path}/{path}`, placeholders: [...placeholders, "path"], operations });
  }
  return paths.filter((path) => path.operations.length > 0);
}

/** The fields of an options struct as query parameters; a list is given by repeating. */
function queryOf(schema: StructType | undefined): QueryParameter[] {
  const parameters: QueryParameter[] = [];
  for (const [name, field] of Object.entries(schema?.fields ?? {})) {
    if (field.number === 0) continue;
    const type = field.type.kind === "list" ? field.type.of : field.type;
    if (type.kind !== "scalar") continue;
    const integer = type.scalar === "int32" || type.scalar === "int64";
    parameters.push(parameter(name, type.scalar === "boolean" ? "boolean" : integer ? "integer" : "string", field.doc));
  }
  return parameters;
}

function subresourceOperations(
  subresource: Subresource,
  self: GroupVersionKind,
  name: string,
  prefix: string,
  schemaOf: SchemaFinder,
): Operation[] {
  const about = `${subresource.name} of the ${self.kind}`;
  const make = (
    method: Method,
    verb: string,
    action: string,
    rest: Omit<Operation, "method" | "id" | "action" | "kind" | "description">,
  ): Operation => ({
    method,
    id: `${verb}${prefix}${name}`,
    action,
    kind: subresource.type === "view" ? self : subresource.represents,
    description: `${capital(verb)} ${about}.`,
    ...rest,
  });
  const read = make("get", "read", "get", { body: undefined, answer: "object", parameters: [pretty] });
  const replace = make("put", "replace", "put", { body: "object", answer: "object", parameters: writing });
  const patch = make("patch", "patch", "patch", { body: "patch", answer: "object", parameters: patching });
  switch (subresource.type) {
    case "view": {
      const verbs = subresource.verbs ?? ["get", "update", "patch"];
      return [
        ...(verbs.includes("get") ? [read] : []),
        ...(verbs.includes("update") ? [replace] : []),
        ...(verbs.includes("patch") ? [patch] : []),
      ];
    }
    case "projection":
      return [read, replace, patch];
    case "operation":
      return [make("post", "create", "post", { body: "object", answer: "object", parameters: writing })];
    case "connect": {
      const methods: Readonly<Record<string, Method>> = { get: "get", create: "post", update: "put", patch: "patch", delete: "delete" };
      const query = queryOf(schemaOf(subresource.represents));
      return subresource.verbs.map((verb) => {
        const method = methods[verb]!;
        const log = subresource.name === "log";
        const made = make(method, log ? "read" : `connect${capital(method)}`, log ? "get" : "connect", {
          body: undefined,
          answer: "text",
          parameters: query,
        });
        return { ...made, kind: log ? self : subresource.represents, description: `Connect ${verb} requests to ${about}.` };
      });
    }
  }
}
