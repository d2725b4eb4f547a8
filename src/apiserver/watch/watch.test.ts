import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WatchEvent } from "../../wire/exchange.ts";
import { DecodedStream } from "../../wire/exchange.ts";
import { CountingActivity } from "../../base/activity.ts";
import { take } from "../registry/kind.laws.ts";
import { builtinKinds } from "../../kinds/all.ts";
import { TestServer } from "../testing.laws.ts";
import { textOf } from "./bytes.ts";

const maps = "/api/v1/namespaces/default/configmaps";

/** A watch that is read step by step. */
class Reader implements AsyncDisposable {
  readonly #stop = new AbortController();
  #events: AsyncIterator<WatchEvent> | undefined;

  static async open(server: TestServer, target: string): Promise<Reader> {
    const reader = new Reader();
    const response = await server.send("GET", target, undefined, {}, reader.#stop.signal);
    reader.#events = (response.body as DecodedStream).events[Symbol.asyncIterator]();
    return reader;
  }
  async next(): Promise<{ type: string; object: any } | undefined> {
    const step = await this.#events!.next();
    return step.done ? undefined : (step.value as { type: string; object: any });
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("read enough"));
    await this.#events?.return?.();
  }
}

describe("watches and lists", () => {
  let server: TestServer;
  const activity = new CountingActivity();
  const make = async (name: string, labels: object = {}): Promise<any> =>
    (await server.ask("POST", maps, { metadata: { name, labels } })).body;
  const relabel = async (name: string, labels: object): Promise<any> =>
    (await server.ask("PATCH", `${maps}/${name}`, JSON.stringify({ metadata: { labels } }), { type: "application/merge-patch+json" })).body;

  beforeEach(async () => {
    server = await TestServer.start({ activity });
  });
  afterEach(async () => {
    expect(server.errors).toEqual([]);
    await server[Symbol.asyncDispose]();
    expect(server.clock.pending).toBe(0);
    expect(activity.busy()).toEqual(new Map());
  });

  it("shows objects entering and leaving a selection", async () => {
    await using reader = await Reader.open(server, `${maps}?watch=1&labelSelector=in%3Dyes`);
    await make("a");
    const entered = await relabel("a", { in: "yes" });
    const changed = await relabel("a", { in: "yes", more: "1" });
    const left = await relabel("a", { in: "no" });
    expect(await reader.next()).toEqual({ type: "ADDED", object: entered });
    expect(await reader.next()).toEqual({ type: "MODIFIED", object: changed });
    const gone = await reader.next();
    expect(gone!.type).toBe("DELETED");
    // The last state that was selected, at the revision that ended it.
    expect(gone!.object.metadata.labels).toEqual({ in: "yes", more: "1" });
    expect(gone!.object.metadata.resourceVersion).toBe(left.metadata.resourceVersion);
  });

  it("finds the watchers of one field and of one name", async () => {
    const pods = "/api/v1/namespaces/default/pods";
    await server.ask("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
    await using mine = await Reader.open(server, "/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3Dn1");
    await using unbound = await Reader.open(server, `${pods}?watch=1&fieldSelector=spec.nodeName%3D`);
    await using named = await Reader.open(server, `${pods}?watch=1&fieldSelector=metadata.name%3Dp`);
    for (const name of ["other", "p"])
      await server.ask("POST", pods, { metadata: { name }, spec: { containers: [{ name: "c", image: "i" }] } });
    await server.ask("POST", `${pods}/p/binding`, { target: { kind: "Node", name: "n1" } });
    const read = async (reader: Reader, count: number): Promise<string[]> => {
      const seen: string[] = [];
      while (seen.length < count) {
        const { type, object } = (await reader.next())!;
        seen.push(`${type} ${object.metadata.name}`);
      }
      return seen;
    };
    expect(await read(mine, 1)).toEqual(["ADDED p"]);
    expect(await read(unbound, 3)).toEqual(["ADDED other", "ADDED p", "DELETED p"]);
    expect(await read(named, 2)).toEqual(["ADDED p", "MODIFIED p"]);
  });

  it("starts with what is there when no revision is named", async () => {
    const a = await make("a");
    const b = await make("b");
    expect(await take(server, `${maps}?watch=1`, 2)).toEqual([a, b].map((object) => ({ type: "ADDED", object })));
    expect((await take(server, `${maps}?watch=1&resourceVersion=0`, 2)).map((event) => event.type)).toEqual(["ADDED", "ADDED"]);
  });

  it("closes initial events with a bookmark", async () => {
    await make("a");
    const target = `${maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
    for (const bytes of [false, true]) {
      const [added, bookmark] = await take(server, target, 2, bytes);
      expect(added!.type).toBe("ADDED");
      expect(bookmark).toMatchObject({
        type: "BOOKMARK",
        object: { kind: "ConfigMap", metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
      });
    }
  });

  it("sends bookmarks each minute, of the newest revision", async () => {
    await using reader = await Reader.open(server, `${maps}?watch=1&resourceVersion=${server.store.revision()}&allowWatchBookmarks=true`);
    await server.ask("POST", "/api/v1/namespaces/default/secrets", { metadata: { name: "elsewhere" } });
    server.clock.advance(60_000);
    expect(await reader.next()).toMatchObject({
      type: "BOOKMARK",
      object: { metadata: { resourceVersion: String(server.store.revision()) } },
    });
    server.clock.advance(60_000);
    expect((await reader.next())!.type).toBe("BOOKMARK");
  });

  it("ends after timeoutSeconds", async () => {
    await using reader = await Reader.open(server, `${maps}?watch=1&timeoutSeconds=5&resourceVersion=${server.store.revision()}`);
    const next = reader.next();
    server.clock.advance(5000);
    expect(await next).toBeUndefined();
  });

  it("says 410 of a revision that is compacted", async () => {
    const a = await make("a");
    await make("b");
    server.clock.advance(5 * 60_000);
    await make("c");
    server.clock.advance(5 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [event] = await take(server, `${maps}?watch=1&resourceVersion=${a.metadata.resourceVersion}`, 1);
    expect(event).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
    const list = await server.ask("GET", `${maps}?resourceVersion=${a.metadata.resourceVersion}&resourceVersionMatch=Exact`);
    expect(list.body).toMatchObject({ code: 410, reason: "Expired" });
  });

  it("goes on with an expired page by a fresh token", async () => {
    for (const name of ["a", "b", "c", "d"]) await make(name);
    const first = await server.ask("GET", `${maps}?limit=2`);
    expect(first.body.metadata.remainingItemCount).toBe(2);
    const token = encodeURIComponent(first.body.metadata.continue);
    await make("aa");
    const consistent = await server.ask("GET", `${maps}?limit=10&continue=${token}`);
    expect(consistent.body.items.map((item: any) => item.metadata.name)).toEqual(["c", "d"]);
    expect(consistent.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    server.clock.advance(5 * 60_000);
    await make("cc");
    server.clock.advance(5 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const expired = await server.ask("GET", `${maps}?limit=10&continue=${token}`);
    expect(expired.body).toMatchObject({ code: 410, reason: "Expired" });
    const fresh = await server.ask("GET", `${maps}?limit=10&continue=${encodeURIComponent(expired.body.metadata.continue)}`);
    expect(fresh.body.items.map((item: any) => item.metadata.name)).toEqual(["c", "cc", "d"]);
  });

  it("waits for a revision that is about to come, and says when it does not", async () => {
    const soon = server.store.revision() + 1;
    const waiting = server.ask("GET", `${maps}?resourceVersion=${soon}`);
    await make("a");
    expect((await waiting).body.items).toHaveLength(1);
    const never = server.ask("GET", `${maps}?resourceVersion=99999`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.clock.advance(3000);
    expect((await never).body).toMatchObject({ code: 504, details: { causes: [{ reason: "ResourceVersionTooLarge" }] } });
  });

  it("ends a reader that does not read, and holds nobody up", async () => {
    const stop = new AbortController();
    const response = await server.send(
      "GET",
      `${maps}?watch=1&resourceVersion=${server.store.revision()}`,
      undefined,
      { bytes: true },
      stop.signal,
    );
    const made = await make("a");
    for (let i = 0; i < 4200; i++) await relabel(made.metadata.name, { i: String(i) });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
    expect(chunks).toEqual([]);
    stop.abort(new Error("done"));
  });

  it("shares the bytes of one event among all watchers", async () => {
    const stop = new AbortController();
    const start = server.store.revision();
    const open = async (): Promise<AsyncIterator<Uint8Array>> =>
      (
        (await server.send("GET", `${maps}?watch=1&resourceVersion=${start}`, undefined, { bytes: true }, stop.signal))
          .body as AsyncIterable<Uint8Array>
      )[Symbol.asyncIterator]();
    const readers = [await open(), await open()];
    await make("a");
    const [one, two] = await Promise.all(readers.map((reader) => reader.next()));
    expect(textOf(one!.value as Uint8Array)).toContain('"type":"ADDED"');
    expect(one!.value).toBe(two!.value);
    stop.abort(new Error("done"));
    for (const reader of readers) await reader.return?.();
  });

  it("serves the deprecated watch prefix, tables and protobuf frames", async () => {
    await make("a");
    expect((await take(server, "/api/v1/watch/namespaces/default/configmaps", 1))[0]!.type).toBe("ADDED");
    expect((await take(server, "/api/v1/watch/namespaces/default/configmaps/a", 1))[0]!.type).toBe("ADDED");
    const table = await take(server, `${maps}?watch=1`, 1, true, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    expect(table[0]).toMatchObject({ type: "ADDED", object: { kind: "Table", rows: [{}] } });
    const stop = new AbortController();
    const response = await server.send(
      "GET",
      `${maps}?watch=1`,
      undefined,
      { bytes: true, headers: { accept: "application/vnd.kubernetes.protobuf;stream=watch" } },
      stop.signal,
    );
    expect(response.headers["content-type"]).toBe("application/vnd.kubernetes.protobuf;stream=watch");
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      expect(new DataView(chunk.buffer, chunk.byteOffset).getUint32(0)).toBe(chunk.length - 4);
      break;
    }
    stop.abort(new Error("done"));
  });

  it("lets events expire", async () => {
    const events = "/api/v1/namespaces/default/events";
    const event = {
      metadata: { name: "e", namespace: "default" },
      involvedObject: { kind: "Pod", name: "p", namespace: "default" },
      reason: "R",
      message: "m",
      type: "Normal",
    };
    expect((await server.ask("POST", events, event)).status).toBe(201);
    server.clock.advance(61 * 60_000);
    expect((await server.ask("GET", events)).body.items).toEqual([]);
    expect((await server.ask("GET", `${events}/e`)).status).toBe(404);
  });

  it("reads again everything that was stored when it starts anew", async () => {
    const made = await make("a");
    const again = new TestServer(builtinKinds, { store: server.store });
    await again.api.start();
    expect((await again.ask("GET", `${maps}/a`)).body).toEqual(made);
    await again.ask("PATCH", `${maps}/a`, JSON.stringify({ data: { by: "the other server" } }), { type: "application/merge-patch+json" });
    expect((await server.ask("GET", `${maps}/a`)).body.data).toEqual({ by: "the other server" });
    await again.api[Symbol.asyncDispose]();
  });
});
