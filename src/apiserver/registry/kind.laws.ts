// The laws of the API that hold for every kind alike: one parametric suite, run over every stored kind at every served version,
// in process through decoded objects and once more through bytes.

import { formatTime } from "../../base/clock.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Kind } from "../../object/kind.ts";
import { apiVersionOf } from "../../object/kind.ts";
import type { WatchEvent } from "../../wire/exchange.ts";
import { DecodedStream } from "../../wire/exchange.ts";
import { verbsOf } from "../resources.ts";
import type { Answer, AskOptions } from "../testing.laws.ts";
import { TestServer } from "../testing.laws.ts";
import { textOf } from "../watch/bytes.ts";
import { samples } from "./samples.laws.ts";

const namespace = "laws";

/** A finalizer that nobody serves: the object waits for us. */
const finalizer = "example.com/hold";

/**
 * `shared`: a server that others use too and that somebody else starts and stops; default: one of its own for each kind.
 */
export function kindLaws(kind: Kind, versionName: string, bytes: boolean, shared?: () => TestServer): void {
  const apiVersion = apiVersionOf(kind.group, versionName);
  const root = kind.group === "" ? `/api/${versionName}` : `/apis/${apiVersion}`;
  const collection = kind.namespaced ? `${root}/namespaces/${namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  const options: AskOptions = { bytes };

  describe(`${apiVersion} ${kind.kind} ${bytes ? "in bytes" : "in process"}`, () => {
    let server: TestServer;
    let count = 0;
    // Two groups may keep their objects in one place: events do.
    const nextName = (): string => `law-${kind.group.split(".")[0] || "core"}-${count++}`;
    const sample = (name: string | undefined, metadata: object = {}): any => ({
      apiVersion,
      kind: kind.kind,
      metadata: { ...(name !== undefined && { name }), ...(kind.namespaced && { namespace }), ...metadata },
      ...structuredClone(samples[`${kind.group}/${kind.kind}`]),
    });
    const ask = (method: string, target: string, body?: unknown, more: AskOptions = {}): Promise<Answer> =>
      server.ask(method, target, body, { ...options, ...more });
    const create = async (metadata: object = {}): Promise<any> => {
      const made = await ask("POST", collection, sample(nextName(), metadata));
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      return made.body;
    };
    const at = (object: any): string => `${collection}/${object.metadata.name}`;

    beforeAll(async () => {
      server = shared?.() ?? (await TestServer.start());
      await ask("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
      await ask("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: "default" } });
    });
    afterAll(async () => {
      expect(server.errors).toEqual([]);
      if (shared) return;
      await server[Symbol.asyncDispose]();
      expect(server.clock.pending).toBe(0);
    });

    it("has a sample", () => expect(samples[`${kind.group}/${kind.kind}`]).toBeDefined());

    it("gives a created object identity, time and version, and reads it back the same", async () => {
      const made = await create();
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata.creationTimestamp).toBe(formatTime(server.clock.now()));
      expect(made.metadata.resourceVersion).toMatch(/^\d+$/);
      expect((await ask("GET", at(made))).body).toEqual(made);
      expect((await ask("GET", `${at(made)}?resourceVersion=${made.metadata.resourceVersion}`)).body).toEqual(made);
    });

    it("refuses a second object of the same name", async () => {
      const made = await create();
      const again = await ask("POST", collection, sample(made.metadata.name));
      const title = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
      expect(again.body).toMatchObject({ code: 409, reason: "AlreadyExists", message: `${title} "${made.metadata.name}" already exists` });
    });

    it("says NotFound of what is not there", async () => {
      for (const method of ["GET", "DELETE"])
        expect((await ask(method, `${collection}/nobody`)).body).toMatchObject({ code: 404, reason: "NotFound" });
    });

    it("generates names", async () => {
      const made = await ask("POST", collection, sample(undefined, { generateName: "gen-" }));
      expect(made.body.metadata.name).toMatch(/^gen-[a-z0-9]{5}$/);
    });

    it("writes nothing on a dry run", async () => {
      const before = server.store.revision();
      const name = nextName();
      const dry = await ask("POST", `${collection}?dryRun=All`, sample(name));
      expect(dry.status).toBe(201);
      expect(dry.body.metadata.resourceVersion).toBeUndefined();
      const made = await create();
      const after = server.store.revision();
      expect((await ask("DELETE", `${at(made)}?dryRun=All`)).status).toBe(200);
      const labelled = await ask(
        "PATCH",
        `${at(made)}?dryRun=All`,
        { metadata: { labels: { dry: "run" } } },
        { type: "application/merge-patch+json" },
      );
      expect(labelled.body.metadata.labels.dry).toBe("run");
      expect((await ask("GET", at(made))).body).toEqual(made);
      expect((await ask("GET", `${collection}/${name}`)).status).toBe(404);
      expect(server.store.revision()).toBe(after);
      expect(after).toBe(before + 1);
    });

    it("keeps the revision when an update changes nothing", async () => {
      const made = await create();
      server.clock.advance(5000);
      const same = await ask("PUT", at(made), made);
      expect(same.status, JSON.stringify(same.body)).toBe(200);
      expect(same.body).toEqual(made);
    });

    it("refuses a stale update and a wrong uid", async () => {
      const made = await create();
      const newer = await ask("PUT", at(made), { ...made, metadata: { ...made.metadata, labels: { n: "1" } } });
      expect(newer.status, JSON.stringify(newer.body)).toBe(200);
      const stale = await ask("PUT", at(made), { ...made, metadata: { ...made.metadata, labels: { n: "2" } } });
      expect(stale.body).toMatchObject({ code: 409, reason: "Conflict" });
      expect(stale.body.message).toContain("the object has been modified; please apply your changes to the latest version and try again");
      const { resourceVersion: _, ...unconditional } = made.metadata;
      const forced = await ask("PUT", at(made), { ...made, metadata: { ...unconditional, labels: { n: "3" } } });
      if (kind.rules?.requireResourceVersion)
        expect(forced.body.message).toContain("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
      else expect(forced.body.metadata.labels.n).toBe("3");
      const other = await ask("PUT", at(made), {
        ...made,
        metadata: {
          ...(kind.rules?.requireResourceVersion ? newer.body.metadata : unconditional),
          uid: "00000000-0000-4000-8000-000000000000",
        },
      });
      expect(other.body).toMatchObject({ code: 409, reason: "Conflict" });
    });

    it("keeps what the server has set", async () => {
      const made = await create();
      const changed = await ask("PUT", at(made), {
        ...made,
        metadata: { ...made.metadata, creationTimestamp: "2020-01-01T00:00:00Z", generation: 77, labels: { a: "b" } },
      });
      expect(changed.body.metadata.creationTimestamp).toBe(made.metadata.creationTimestamp);
      expect(changed.body.metadata.generation).toBe(made.metadata.generation);
      expect(changed.body.metadata.uid).toBe(made.metadata.uid);
    });

    it("patches in three languages", async () => {
      const made = await create({ labels: { keep: "1" } });
      const json = await ask("PATCH", at(made), JSON.stringify([{ op: "add", path: "/metadata/labels/json", value: "1" }]), {
        type: "application/json-patch+json",
      });
      expect(json.body.metadata?.labels, JSON.stringify(json.body)).toMatchObject({ keep: "1", json: "1" });
      const merge = await ask("PATCH", at(made), JSON.stringify({ metadata: { labels: { json: null, merge: "1" } } }), {
        type: "application/merge-patch+json",
      });
      expect(merge.body.metadata.labels).toMatchObject({ keep: "1", merge: "1" });
      expect(merge.body.metadata.labels.json).toBeUndefined();
      const strategic = await ask("PATCH", at(made), JSON.stringify({ metadata: { labels: { strategic: "1" } } }), {
        type: "application/strategic-merge-patch+json",
      });
      expect(strategic.body.metadata.labels).toMatchObject({ keep: "1", merge: "1", strategic: "1" });
    });

    it("applies: creates, owns, conflicts, forces, gives back", async () => {
      const name = nextName();
      const apply = (manager: string, labels: object, force = false): Promise<Answer> =>
        ask(
          "PATCH",
          `${collection}/${name}?fieldManager=${manager}${force ? "&force=true" : ""}`,
          JSON.stringify(sample(name, { labels })),
          { type: "application/apply-patch+yaml" },
        );
      const made = await apply("one", { a: "1", b: "1" });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      expect(made.body.metadata.managedFields).toMatchObject([{ manager: "one", operation: "Apply" }]);
      expect((await apply("one", { a: "1", b: "1" })).body.metadata.resourceVersion).toBe(made.body.metadata.resourceVersion);
      const conflict = await apply("two", { a: "2" });
      expect(conflict.body).toMatchObject({ code: 409, reason: "Conflict" });
      expect(conflict.body.details.causes[0].reason).toBe("FieldManagerConflict");
      const forced = await apply("two", { a: "2" }, true);
      expect(forced.body.metadata.labels).toMatchObject({ a: "2", b: "1" });
      // Forced, because a default inside an atomic list makes the list another one than was sent.
      const dropped = await apply("one", {}, true);
      expect(dropped.body.metadata.labels.b, JSON.stringify(dropped.body)).toBeUndefined();
      expect(dropped.body.metadata.labels.a).toBe("2");
    });

    it("lists in order, by pages, by labels and by name", async () => {
      await ask("DELETE", collection);
      for (let i = 0; i < 5; i++) await create({ labels: { parity: i % 2 === 0 ? "even" : "odd" } });
      const mine = "labelSelector=parity";
      const all = await ask("GET", `${collection}?${mine}`);
      expect(all.body.items).toHaveLength(5);
      expect(all.body.kind).toBe(kind.listKind ?? `${kind.kind}List`);
      const names = all.body.items.map((item: any) => item.metadata.name);
      expect(names).toEqual(names.toSorted());
      const paged: string[] = [];
      let token = "";
      do {
        const page = await ask("GET", `${collection}?${mine}&limit=2&continue=${encodeURIComponent(token)}`);
        expect(page.status, JSON.stringify(page.body)).toBe(200);
        expect(page.body.items.length).toBeLessThanOrEqual(2);
        paged.push(...page.body.items.map((item: any) => item.metadata.name));
        token = page.body.metadata.continue ?? "";
      } while (token !== "");
      expect(paged).toEqual(names);
      expect((await ask("GET", `${collection}?labelSelector=parity%3Deven`)).body.items).toHaveLength(3);
      expect((await ask("GET", `${collection}?labelSelector=parity+notin+(even)%2Cparity`)).body.items).toHaveLength(2);
      expect(
        (await ask("GET", `${collection}?fieldSelector=metadata.name%3D${names[1]}`)).body.items.map((item: any) => item.metadata.name),
      ).toEqual([names[1]]);
      const exact = await ask(
        "GET",
        `${collection}?${mine}&resourceVersion=${all.body.metadata.resourceVersion}&resourceVersionMatch=Exact`,
      );
      expect(exact.body.items).toEqual(all.body.items);
    });

    it("watches: ordered, unique, complete, and resumes", async () => {
      const start = (await ask("GET", collection)).body.metadata.resourceVersion;
      const made = await create();
      const changed = await ask("PUT", at(made), { ...made, metadata: { ...made.metadata, labels: { w: "1" } } });
      await ask("DELETE", `${at(made)}?gracePeriodSeconds=0`);
      const wanted = kind.kind === "Namespace" ? ["ADDED", "MODIFIED", "MODIFIED"] : ["ADDED", "MODIFIED", "DELETED"];
      const first = await take(server, `${collection}?watch=1&resourceVersion=${start}`, 3, bytes);
      expect(first.map((event) => event.type)).toEqual(wanted);
      const objects = first.map((event) => event.object as any);
      expect(objects[0]).toEqual(made);
      expect(objects[1]).toEqual(changed.body);
      const revisions = objects.map((object) => Number(object.metadata.resourceVersion));
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      expect(new Set(revisions).size).toBe(3);
      const rest = await take(server, `${collection}?watch=1&resourceVersion=${revisions[0]}`, 2, bytes);
      expect(rest.map((event) => event.type)).toEqual(wanted.slice(1));
    });

    it("waits for finalizers", async () => {
      const made = await create({ finalizers: [finalizer] });
      const pending = await ask("DELETE", `${at(made)}?gracePeriodSeconds=0`);
      expect(pending.status).toBe(200);
      expect(pending.body.metadata.deletionTimestamp).toBeDefined();
      const held = (await ask("GET", at(made))).body;
      expect(held.metadata.finalizers).toEqual([finalizer]);
      const more = await ask("PUT", at(made), { ...held, metadata: { ...held.metadata, finalizers: [finalizer, "example.com/late"] } });
      expect(more.body).toMatchObject({ code: 422, reason: "Invalid" });
      const alive = await ask("PUT", at(made), {
        ...held,
        metadata: { ...held.metadata, deletionTimestamp: null, finalizers: [finalizer], labels: { x: "y" } },
      });
      expect(alive.body.metadata.deletionTimestamp).toBe(held.metadata.deletionTimestamp);
      const freed = await ask("PATCH", at(made), JSON.stringify({ metadata: { finalizers: null } }), {
        type: "application/merge-patch+json",
      });
      expect(freed.status, JSON.stringify(freed.body)).toBe(200);
      expect((await ask("GET", at(made))).status).toBe(kind.kind === "Namespace" ? 200 : 404);
    });

    it("deletes under preconditions", async () => {
      const made = await create();
      const wrong = await ask("DELETE", at(made), {
        kind: "DeleteOptions",
        apiVersion: "v1",
        preconditions: { uid: "00000000-0000-4000-8000-000000000000" },
      });
      expect(wrong.body).toMatchObject({ code: 409, reason: "Conflict" });
      const stale = await ask("DELETE", at(made), { preconditions: { resourceVersion: "1" } });
      expect(stale.body).toMatchObject({ code: 409, reason: "Conflict" });
      const right = await ask("DELETE", at(made), { preconditions: { uid: made.metadata.uid }, gracePeriodSeconds: 0 });
      expect(right.status).toBe(200);
    });

    it("orphans and follows dependents by finalizer", async () => {
      const one = await create();
      expect((await ask("DELETE", at(one), { propagationPolicy: "Orphan", gracePeriodSeconds: 0 })).body.metadata.finalizers).toEqual([
        "orphan",
      ]);
      const two = await create();
      expect((await ask("DELETE", at(two), { propagationPolicy: "Foreground", gracePeriodSeconds: 0 })).body.metadata.finalizers).toEqual([
        "foregroundDeletion",
      ]);
    });

    if (verbsOf(kind).includes("deletecollection"))
      it("deletes a selection", async () => {
        const made = await create({ labels: { doomed: "yes" } });
        const kept = await create();
        const answer = await ask("DELETE", `${collection}?labelSelector=doomed%3Dyes&gracePeriodSeconds=0`);
        expect(answer.status, JSON.stringify(answer.body)).toBe(200);
        expect((await ask("GET", at(made))).status).toBe(404);
        expect((await ask("GET", at(kept))).status).toBe(200);
      });

    it("tells unknown fields as it is asked to", async () => {
      const body = { ...sample(nextName()), nonsense: 1 };
      const strict = await ask("POST", `${collection}?fieldValidation=Strict`, body);
      expect(strict.body).toMatchObject({ code: 400, reason: "BadRequest" });
      expect(strict.body.message).toBe(
        `${kind.kind} in version ${JSON.stringify(versionName)} cannot be handled as a ${kind.kind}: strict decoding error: unknown field "nonsense"`,
      );
      const warned = await ask("POST", `${collection}?dryRun=All`, body);
      expect(warned.headers["warning"]).toContain('unknown field \\"nonsense\\"');
      const ignored = await ask("POST", `${collection}?fieldValidation=Ignore&dryRun=All`, body);
      expect(ignored.headers["warning"] ?? "").not.toContain("nonsense");
      expect(ignored.status).toBe(201);
    });

    it("renders a table and metadata alone", async () => {
      const made = await create();
      const table = await ask("GET", at(made), undefined, {
        headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" },
      });
      expect(table.body.kind).toBe("Table");
      expect(table.body.rows).toHaveLength(1);
      expect(table.body.rows[0].cells).toHaveLength(table.body.columnDefinitions.length);
      const list = await ask("GET", collection, undefined, {
        headers: { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" },
      });
      expect(list.body.kind).toBe("PartialObjectMetadataList");
      expect(Object.keys(list.body.items[0]).toSorted()).toEqual(["apiVersion", "kind", "metadata"]);
    });

    it("stands in discovery with the verbs that work", async () => {
      const { body } = await ask("GET", root);
      const entry = body.resources.find((resource: any) => resource.name === kind.plural);
      expect(entry).toMatchObject({ kind: kind.kind, namespaced: kind.namespaced, singularName: kind.singular });
      expect(entry.verbs).toEqual([...verbsOf(kind)].toSorted());
    });

    const hasStatus = kind.subresources?.some((subresource) => subresource.type === "view" && subresource.name === "status");
    if (hasStatus && kind.kind !== "Node")
      it("keeps status out of the main resource", async () => {
        const made = await create();
        const changed = await ask(
          "PATCH",
          at(made),
          JSON.stringify({ status: { observedGeneration: 41, phase: "Nonsense", conditions: [{ type: "X", status: "True" }] } }),
          { type: "application/merge-patch+json" },
        );
        expect(changed.body.status, JSON.stringify(changed.body)).toEqual(made.status);
        const status = await ask("GET", `${at(made)}/status`);
        expect(status.body).toEqual((await ask("GET", at(made))).body);
      });

    if (!bytes)
      it("gives frozen objects, the same to every reader", async () => {
        const made = await create();
        const one = (await ask("GET", at(made))).body;
        expect(Object.isFrozen(one) && Object.isFrozen(one.metadata)).toBe(true);
        expect((await ask("GET", at(made))).body).toBe(one);
      });
  });
}

/** The first `count` events of a watch. */
export async function take(
  server: TestServer,
  target: string,
  count: number,
  bytes = false,
  headers: Readonly<Record<string, string>> = {},
): Promise<WatchEvent[]> {
  const stop = new AbortController();
  const response = await server.send("GET", target, undefined, { bytes, headers }, stop.signal);
  expect(response.status).toBe(200);
  const events: WatchEvent[] = [];
  if (count === 0) {
    stop.abort(new Error("enough"));
    return events;
  }
  if (response.body instanceof DecodedStream) {
    for await (const event of response.body.events) if (events.push(event) >= count) break;
  } else {
    let text = "";
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      text += textOf(chunk);
      const lines = text.split("\n");
      text = lines.pop()!;
      events.push(...lines.map((line) => JSON.parse(line) as WatchEvent));
      if (events.length >= count) break;
    }
  }
  stop.abort(new Error("enough"));
  return events;
}
