// Durable creates of 1 KB ConfigMaps over TLS with 64 in flight, the generator on the same cores.

import type { Figure } from "./figure.ts";
import { startServerProcess } from "./server-process.ts";

const inFlight = 64;
const warmUp = 1000;
const measured = 12_000;
const bar = 3000;

export async function durableCreates(): Promise<Figure> {
  await using server = await startServerProcess();
  const { signal } = new AbortController();
  const data = { value: "x".repeat(1024) };
  let next = 0;
  const create = async (count: number): Promise<number> => {
    const end = next + count;
    const startedAt = performance.now();
    const worker = async (): Promise<void> => {
      while (next < end) {
        const name = `bench-${next++}`;
        const body = Buffer.from(JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data }));
        const response = await server.exchange(
          {
            method: "POST",
            target: "/api/v1/namespaces/default/configmaps",
            headers: { "content-type": "application/json", accept: "application/json" },
            body,
            peer: { address: "" },
          },
          signal,
        );
        if (response.status !== 201) throw new Error(`create answered ${response.status}`);
        if (response.body && Symbol.asyncIterator in response.body) for await (const _ of response.body as AsyncIterable<Uint8Array>);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    return (count * 1000) / (performance.now() - startedAt);
  };
  await create(warmUp);
  const rate = Math.round(await create(measured));
  return {
    what: "durable creates of 1 KB ConfigMaps over TLS, 64 in flight",
    measured: `${rate.toLocaleString("en-US")}/s`,
    bar: `${bar.toLocaleString("en-US")}/s`,
    met: rate >= bar,
  };
}
