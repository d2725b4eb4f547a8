// Every kind in every format over both versions of HTTP: what is written as protobuf and as JSON is the same object, in answers,
// lists and watches.

import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "../../src/apiserver/testing.laws.ts";
import { samples } from "../../src/apiserver/registry/samples.laws.ts";
import { builtinKinds } from "../../src/kinds/all.ts";
import { decodeObject } from "../../src/object/decode.ts";
import { apiVersionOf, type Kind, type KindVersion } from "../../src/object/kind.ts";
import { listKindOf, listSchemaOf } from "../../src/object/list-schema.ts";
import { decodeProtobuf, encodeProtobuf, WatchFrameReader } from "../../src/object/protobuf.ts";
import type { Response } from "../../src/wire/exchange.ts";
import { WireServer } from "./wire-server.ts";

const protobuf = "application/vnd.kubernetes.protobuf";
/** The one that the samples speak of. */
const namespace = "laws";
const { signal } = new AbortController();

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}
type Ask = (method: string, target: string, headers: Record<string, string>, body?: Uint8Array) => Promise<Answer>;

let server: WireServer;
beforeAll(async () => {
  server = await WireServer.open();
  await server.ask("POST", "/api/v1/namespaces", { metadata: { name: namespace } }, { bytes: true });
  await server.ask("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: "default" } }, { bytes: true });
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const byHttp2: Ask = async (method, target, headers, body) => {
  const answer = await server.exchange({ method, target, headers, ...(body && { body }), peer: { address: "" } }, signal);
  return { status: answer.status, headers: answer.headers, body: (await bytesOf(answer.body)) ?? new Uint8Array() };
};

const byHttp1: Ask = (method, target, headers, body) =>
  new Promise((resolve, reject) => {
    const { port, caPem, admin } = server.door;
    const options = { method, port, host: "127.0.0.1", path: target, headers, ca: caPem, cert: admin.certificatePem, key: admin.keyPem };
    const asking = httpsRequest({ ...options, agent: false }, (message) => {
      expect(message.httpVersion).toBe("1.1");
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      message.on("end", () => resolve({ status: message.statusCode!, headers: message.headers, body: Buffer.concat(chunks) }));
    });
    asking.on("error", reject).end(body);
  });

const versions = builtinKinds
  .filter((kind) => kind.operation === undefined)
  .flatMap((kind) => kind.versions.filter((version) => version.served).map((version) => [kind, version] as const));

describe.each([
  ["HTTP/2", byHttp2],
  ["HTTP/1.1", byHttp1],
] as const)("%s", (protocol, ask) => {
  it.each(versions.map(([kind, version]) => [apiVersionOf(kind.group, version.name), kind.kind, kind, version] as const))(
    "%s %s is the same in JSON and protobuf",
    async (apiVersion, kindName, kind, version) => {
      const collection = collectionOf(kind, version);
      const name = `${protocol.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}-${kind.group.split(".")[0] || "core"}`;
      const sample = {
        apiVersion,
        kind: kindName,
        metadata: { name, ...(kind.namespaced && { namespace }), labels: { format: name } },
        ...structuredClone(samples[`${kind.group}/${kindName}`]),
      };
      const schemaOf = (): typeof version.schema => version.schema;
      const read = (bytes: Uint8Array): unknown => normal(version, kindName, decodeProtobuf(bytes, schemaOf));
      const start = JSON.parse(Buffer.from((await ask("GET", `${collection}?limit=1`, {})).body).toString()).metadata.resourceVersion;

      const { object: draft } = decodeObject(version.schema, sample, { unknownFields: "strict", kind: kindName, version: version.name });
      const made = await ask(
        "POST",
        collection,
        { "content-type": protobuf, accept: protobuf },
        encodeProtobuf(apiVersion, kindName, version.schema, draft),
      );
      expect(made.status, Buffer.from(made.body).toString()).toBe(201);
      expect(made.headers["content-type"]).toBe(protobuf);

      const inJson = JSON.parse(Buffer.from((await ask("GET", `${collection}/${name}`, { accept: "application/json" })).body).toString());
      expect(read(made.body)).toEqual(normal(version, kindName, inJson));
      const inProtobuf = await ask("GET", `${collection}/${name}`, { accept: `${protobuf},application/json` });
      expect(read(inProtobuf.body)).toEqual(normal(version, kindName, inJson));

      const list = await ask("GET", `${collection}?labelSelector=format%3D${name}`, { accept: protobuf });
      const decoded = decodeProtobuf(list.body, () => listSchemaOf(version.schema, listKindOf(kind))) as { kind: string; items: object[] };
      expect(decoded.kind).toBe(listKindOf(kind));
      expect(decoded.items.map((item) => normal(version, kindName, { ...item, apiVersion, kind: kindName }))).toEqual([
        normal(version, kindName, inJson),
      ]);

      const put = await ask("PUT", `${collection}/${name}`, { "content-type": protobuf, accept: "application/json" }, made.body);
      expect(JSON.parse(Buffer.from(put.body).toString())).toEqual(inJson);

      if (protocol === "HTTP/2") {
        const stop = new AbortController();
        const target = `${collection}?watch=1&resourceVersion=${start}&labelSelector=format%3D${name}`;
        const watch: Response = await server.exchange(
          { method: "GET", target, headers: { accept: `${protobuf};stream=watch` }, peer: { address: "" } },
          stop.signal,
        );
        expect(watch.headers["content-type"]).toBe(`${protobuf};stream=watch`);
        const reader = new WatchFrameReader(schemaOf);
        for await (const bytes of watch.body as AsyncIterable<Uint8Array>) {
          const [event] = reader.push(bytes);
          if (!event) continue;
          expect(event.type).toBe("ADDED");
          expect(normal(version, kindName, event.object)).toEqual(normal(version, kindName, inJson));
          break;
        }
        stop.abort(new Error("enough"));
      }
      await ask("DELETE", `${collection}/${name}?gracePeriodSeconds=0`, {});
    },
  );
});

function collectionOf(kind: Kind, version: KindVersion): string {
  const root = kind.group === "" ? `/api/${version.name}` : `/apis/${kind.group}/${version.name}`;
  return kind.namespaced ? `${root}/namespaces/${namespace}/${kind.plural}` : `${root}/${kind.plural}`;
}

/** As any decoded body is: protobuf leaves out what JSON writes as empty. */
function normal(version: KindVersion, kind: string, value: object): unknown {
  return decodeObject(version.schema, value, { unknownFields: "strict", kind, version: version.name }).object;
}
