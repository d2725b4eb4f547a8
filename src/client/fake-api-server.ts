// A small API server for tests of what speaks to one: objects in a map, watches from a history, no schema, no pipeline.
// It knows only the rules that clients depend on: versions, conflicts, generateName, finalizers, graceful deletion, status
// apart from spec, 410 for versions that it forgot. The real one proves the rest.

import { Channel } from "../base/channel.ts";
import type { Clock } from "../base/clock.ts";
import { formatTime } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import { randomSuffix, randomUuid } from "../base/random.ts";
import type { Status } from "../object/status.ts";
import { StatusError } from "../object/status.ts";
import type { Body, Exchange, Request, Response, WatchEvent } from "../wire/exchange.ts";
import { Decoded, DecodedStream } from "../wire/exchange.ts";

type Json = Record<string, any>;
interface Route {
  readonly prefix: string;
  readonly group: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
}
interface HistoryEntry {
  readonly version: number;
  readonly plural: string;
  readonly event: WatchEvent;
}

export class FakeApiServer {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #objects = new Map<string, Json>();
  #history: HistoryEntry[] = [];
  #forgotten = 0;
  #version = 1;
  readonly #watchers = new Set<{ readonly route: Route; readonly channel: Channel<WatchEvent>; readonly decoded: boolean }>();
  /** Every request, as "METHOD target". */
  readonly requests: string[] = [];
  /** Called before each request is carried out; throw to refuse it. */
  before: (request: Request) => void = () => undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  readonly exchange: Exchange = async (request, signal) => {
    await Promise.resolve();
    this.requests.push(`${request.method} ${request.target}`);
    try {
      this.before(request);
      return this.#serve(request, signal);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return answer(request, error.code, error.status);
    }
  };

  /** Everything of one resource, oldest first. */
  all(plural: string): readonly any[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object);
  }

  /** Forgets the history: watches from older versions get 410. */
  compact(): void {
    this.#history = [];
    this.#forgotten = this.#version;
  }

  /** Ends every open watch, as a server that restarts. */
  endWatches(): void {
    for (const watcher of this.#watchers) watcher.channel.close();
    this.#watchers.clear();
  }

  #serve(request: Request, signal: AbortSignal): Response {
    const route = parseTarget(request.target);
    const body = request.body === undefined ? undefined : (readBody(request.body) as Json);
    switch (request.method) {
      case "GET":
        if (route.query.get("watch") === "true") return this.#watch(request, route, signal);
        if (route.name === "") return answer(request, 200, this.#list(route));
        return answer(request, 200, this.#get(route));
      case "POST":
        return answer(request, 201, route.subresource === "" ? this.#create(route, body!) : this.#act(route, body!));
      case "PUT":
        return answer(request, 200, this.#update(route, body!));
      case "PATCH": {
        const current = this.#get(route);
        const merged = Array.isArray(body) ? jsonPatch(current, body) : mergePatch(current, body!);
        const uid = (body as Json)?.["metadata"]?.uid;
        if (uid !== undefined && uid !== current["metadata"].uid) throw new StatusError("Conflict", "the uid does not match");
        return answer(request, 200, this.#update(route, merged, (body as Json)?.["metadata"]?.resourceVersion === undefined));
      }
      case "DELETE":
        return answer(request, 200, this.#delete(route, body ?? {}));
      default:
        throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource");
    }
  }

  #key(route: Route, name = route.name): string {
    return `${route.plural}/${route.namespace}/${name}`;
  }

  #get(route: Route): Json {
    const object = this.#objects.get(this.#key(route));
    if (object === undefined) {
      throw new StatusError("NotFound", `${route.plural} "${route.name}" not found`, { name: route.name, kind: route.plural });
    }
    return object;
  }

  #list(route: Route): Json {
    const items = this.all(route.plural).filter((object) => matches(route, object));
    const limit = Number(route.query.get("limit") ?? 0) || items.length;
    const from = Number(route.query.get("continue") ?? 0);
    const more = from + limit < items.length;
    return {
      kind: "List",
      apiVersion: "v1",
      metadata: { resourceVersion: String(this.#version), ...(more && { continue: String(from + limit) }) },
      items: items.slice(from, from + limit),
    };
  }

  #create(route: Route, body: Json): Json {
    const meta = { ...body["metadata"] };
    if (meta.name === undefined || meta.name === "") meta.name = `${meta.generateName}${randomSuffix(this.#random)}`;
    if (route.namespace !== "") meta.namespace = route.namespace;
    if (this.#objects.has(this.#key(route, meta.name))) {
      throw new StatusError("AlreadyExists", `${route.plural} "${meta.name}" already exists`);
    }
    meta.uid = randomUuid(this.#random);
    meta.creationTimestamp = formatTime(this.#clock.now());
    if (body["spec"] !== undefined) meta.generation = 1;
    return this.#commit(route, { ...body, metadata: meta }, "ADDED");
  }

  #update(route: Route, body: Json, anyVersion = false): Json {
    const old = this.#get(route);
    const sent = body["metadata"]?.resourceVersion;
    if (!anyVersion && sent !== undefined && sent !== "" && sent !== old["metadata"].resourceVersion) {
      throw new StatusError("Conflict", `Operation cannot be fulfilled on ${route.plural} "${route.name}": the object has been modified`);
    }
    let next: Json;
    if (route.subresource === "status") next = { ...old, status: body["status"] };
    else if (route.subresource === "finalize") next = { ...old, spec: body["spec"] };
    else next = { ...old, ...body, ...(old["status"] !== undefined && { status: old["status"] }) };
    const meta = { ...(route.subresource === "" ? body["metadata"] : old["metadata"]) };
    for (const field of ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "generation"]) {
      if (old["metadata"][field] !== undefined) meta[field] = old["metadata"][field];
    }
    if (!same(next["spec"], old["spec"])) meta.generation = (meta.generation ?? 0) + 1;
    next = { ...next, metadata: meta };
    if (same(withoutVersion(next), withoutVersion(old))) return old;
    if (meta.deletionTimestamp !== undefined && this.#mayGo(next)) return this.#remove(route, next);
    return this.#commit(route, next, "MODIFIED");
  }

  #delete(route: Route, options: Json): Json {
    if (route.name === "") {
      for (const object of this.#list(route)["items"] as Json[]) {
        this.#delete({ ...route, namespace: object["metadata"].namespace ?? "", name: object["metadata"].name }, options);
      }
      return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 200 };
    }
    const old = this.#get(route);
    const { uid, resourceVersion } = options["preconditions"] ?? {};
    if (
      (uid !== undefined && uid !== old["metadata"].uid) ||
      (resourceVersion !== undefined && resourceVersion !== old["metadata"].resourceVersion)
    ) {
      throw new StatusError("Conflict", `${route.plural} "${route.name}": the precondition does not hold`);
    }
    const bound = route.plural === "pods" && (old["spec"]?.nodeName ?? "") !== "";
    const finished = ["Succeeded", "Failed"].includes(old["status"]?.phase);
    const grace = bound && !finished ? (options["gracePeriodSeconds"] ?? old["spec"].terminationGracePeriodSeconds ?? 30) : 0;
    const finalizers = [...(old["metadata"].finalizers ?? [])];
    if (options["propagationPolicy"] === "Foreground" && !finalizers.includes("foregroundDeletion")) finalizers.push("foregroundDeletion");
    if (options["propagationPolicy"] === "Orphan" && !finalizers.includes("orphan")) finalizers.push("orphan");
    const meta = { ...old["metadata"], ...(finalizers.length > 0 && { finalizers }), deletionGracePeriodSeconds: grace };
    meta.deletionTimestamp ??= formatTime(this.#clock.now() + grace * 1000);
    const next: Json = { ...old, metadata: meta };
    if (route.plural === "namespaces") next["status"] = { ...old["status"], phase: "Terminating" };
    if (this.#mayGo(next)) return this.#remove(route, next);
    return this.#commit(route, next, "MODIFIED");
  }

  #mayGo(object: Json): boolean {
    return (
      (object["metadata"].finalizers ?? []).length === 0 &&
      (object["metadata"].deletionGracePeriodSeconds ?? 0) === 0 &&
      (object["spec"]?.finalizers ?? []).length === 0
    );
  }

  #act(route: Route, body: Json): Json {
    const old = this.#get(route);
    if (route.subresource !== "binding") throw new StatusError("NotFound", "the server could not find the requested resource");
    if ((old["spec"].nodeName ?? "") !== "")
      throw new StatusError("Conflict", `pod ${route.name} is already assigned to node "${old["spec"].nodeName}"`);
    const conditions = (old["status"]?.conditions ?? []).filter((condition: Json) => condition["type"] !== "PodScheduled");
    conditions.push({ type: "PodScheduled", status: "True", lastTransitionTime: formatTime(this.#clock.now()) });
    this.#commit(
      route,
      { ...old, spec: { ...old["spec"], nodeName: body["target"].name }, status: { ...old["status"], conditions } },
      "MODIFIED",
    );
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  }

  #remove(route: Route, object: Json): Json {
    const gone = this.#commit(route, object, "DELETED");
    this.#objects.delete(this.#key(route, object["metadata"].name));
    return gone;
  }

  #commit(route: Route, object: Json, type: "ADDED" | "MODIFIED" | "DELETED"): Json {
    const version = ++this.#version;
    const committed = freeze({ ...object, metadata: { ...object["metadata"], resourceVersion: String(version) } });
    this.#objects.set(this.#key(route, object["metadata"].name), committed);
    const entry = { version, plural: route.plural, event: { type, object: committed } as const };
    this.#history.push(entry);
    for (const watcher of this.#watchers) {
      if (watcher.route.plural === route.plural && matches(watcher.route, committed)) watcher.channel.push(entry.event);
    }
    return committed;
  }

  #watch(request: Request, route: Route, signal: AbortSignal): Response {
    const from = Number(route.query.get("resourceVersion") ?? 0);
    const channel = new Channel<WatchEvent>(100_000, () => this.#watchers.delete(watcher));
    const watcher = { route, channel, decoded: request.decoded === true };
    if (from < this.#forgotten) {
      channel.push({ type: "ERROR", object: new StatusError("Expired", `too old resource version: ${from}`).status });
      channel.close();
    } else {
      for (const entry of this.#history) {
        if (entry.version > from && entry.plural === route.plural && matches(route, entry.event.object as Json)) channel.push(entry.event);
      }
      this.#watchers.add(watcher);
    }
    const stop = (): void => {
      this.#watchers.delete(watcher);
      channel.close();
    };
    const timeout = Number(route.query.get("timeoutSeconds") ?? 0);
    if (timeout > 0) this.#clock.after(timeout * 1000, stop);
    signal.addEventListener("abort", stop, { once: true });
    const body: Body = watcher.decoded ? new DecodedStream(channel) : encodeEvents(channel);
    return { status: 200, headers: {}, body };
  }
}

async function* encodeEvents(events: AsyncIterable<WatchEvent>): AsyncGenerator<Uint8Array, void> {
  for await (const event of events) yield new TextEncoder().encode(`${JSON.stringify(event)}\n`);
}

function answer(request: Request, status: number, value: Status | Json): Response {
  const body = request.decoded === true ? new Decoded(value) : new TextEncoder().encode(JSON.stringify(value));
  return { status, headers: { "content-type": "application/json" }, body };
}

const readBody = (body: NonNullable<Request["body"]>): unknown =>
  body instanceof Decoded ? body.value : JSON.parse(new TextDecoder().decode(body as Uint8Array));

function parseTarget(target: string): Route {
  const [path, query] = target.split("?");
  const parts = path!.split("/").slice(1).map(decodeURIComponent);
  const group = parts[0] === "api" ? "" : parts[1]!;
  const rest = parts.slice(group === "" ? 2 : 3);
  const prefix = `/${parts.slice(0, group === "" ? 2 : 3).join("/")}`;
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 2 && rest[2] !== "status" && rest[2] !== "finalize") {
    namespace = rest[1]!;
    rest.splice(0, 2);
  }
  return {
    prefix,
    group,
    plural: rest[0] ?? "",
    namespace,
    name: rest[1] ?? "",
    subresource: rest[2] ?? "",
    query: new URLSearchParams(query ?? ""),
  };
}

function matches(route: Route, object: Json): boolean {
  if (route.namespace !== "" && object["metadata"].namespace !== route.namespace) return false;
  for (const term of (route.query.get("labelSelector") ?? "").split(",")) {
    const [name, value] = term.split("=");
    if (name !== "" && object["metadata"].labels?.[name!] !== value) return false;
  }
  return true;
}

function mergePatch(target: unknown, patch: unknown): Json {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch as Json;
  const base = typeof target === "object" && target !== null && !Array.isArray(target) ? (target as Json) : {};
  const merged: Json = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(base[name], value);
  }
  return merged;
}

function jsonPatch(target: Json, operations: readonly Json[]): Json {
  const copy = JSON.parse(JSON.stringify(target)) as Json;
  for (const operation of operations) {
    const parts = (operation["path"] as string).split("/").slice(1);
    const last = parts.pop()!;
    const parent = parts.reduce((value: any, part) => value[part], copy);
    if (operation["op"] === "test") {
      if (!same(parent[last], operation["value"])) throw new StatusError("Invalid", "the test of a JSON patch failed");
    } else if (operation["op"] !== "remove") parent[last] = operation["value"];
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else delete parent[last];
  }
  return copy;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const withoutVersion = (object: Json): Json => ({ ...object, metadata: { ...object["metadata"], resourceVersion: "" } });
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
