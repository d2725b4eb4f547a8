// What a request asks for, read from its method and path alone: the attributes that authorization, admission and routing use.

export interface RequestInfo {
  readonly path: string;
  readonly query: URLSearchParams;
  /** False: a path outside /api and /apis, or a discovery document. */
  readonly isResource: boolean;
  /** get list watch create update patch delete deletecollection; of non-resource requests the method in lower case. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The name stands in the path; else it comes from a field selector, or is absent. */
  readonly named: boolean;
  /** What follows `proxy` in the path, decoded by nobody, without the leading slash. */
  readonly rest: string;
  /** The deprecated /watch/ prefix was used. */
  readonly watchPrefix: boolean;
}

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Subresources of the cluster-scoped namespaces resource: any other third segment is a resource inside the namespace. */
const namespaceSubresources = new Set(["status", "finalize"]);

/** Shared by all requests that ask without one; nobody changes a query. */
const noQuery = new URLSearchParams();

export function requestInfo(method: string, target: string): RequestInfo {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? noQuery : new URLSearchParams(target.slice(mark + 1));
  const plain = { path, query, isResource: false, verb: method.toLowerCase(), group: "", version: "", resource: "", subresource: "" };
  const outside: RequestInfo = { ...plain, namespace: "", name: "", named: false, rest: "", watchPrefix: false };

  const parts = path.split("/").slice(1);
  if (parts.at(-1) === "") parts.pop();
  let group = "";
  if (parts[0] === "apis") group = parts[1] ?? "";
  else if (parts[0] !== "api") return outside;
  const start = parts[0] === "apis" ? 3 : 2;
  if (parts.length <= start) return outside;
  const version = decode(parts[start - 1]!);
  let rest = parts.slice(start);
  let verb = verbs[method] ?? "";
  const watchPrefix = rest[0] === "watch";
  if (watchPrefix) {
    rest = rest.slice(1);
    verb = "watch";
    if (rest.length === 0) return outside;
  }
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 1) {
    namespace = decode(rest[1]!);
    // namespaces/NAME and its own subresources stay requests for a namespace.
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2);
  }
  const resource = decode(rest[0] ?? "");
  const name = decode(rest[1] ?? "");
  const subresource = decode(rest[2] ?? "");
  const tail = rest.slice(3).join("/") + (path.endsWith("/") && rest.length > 3 ? "/" : "");
  let selected = name;
  if (name === "") {
    if (verb === "get") verb = isTrue(query.get("watch")) ? "watch" : "list";
    else if (verb === "delete") verb = "deletecollection";
    // One object selected by name is authorized as a request for that object.
    if (verb === "list" || verb === "watch" || verb === "deletecollection") selected = nameFromSelector(query.get("fieldSelector"));
  }
  return {
    path,
    query,
    isResource: true,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name: selected,
    named: name !== "",
    rest: tail,
    watchPrefix,
  };
}

/** Query booleans as Kubernetes reads them: present without a value is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

function nameFromSelector(selector: string | null): string {
  const found = selector === null ? null : /^metadata\.name==?([^,!=]+)$/.exec(selector);
  return found?.[1] ?? "";
}

function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // A broken escape names nothing that exists.
    return segment;
  }
}
